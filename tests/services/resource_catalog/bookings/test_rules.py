from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.resource_catalog.bookings import rules
from services.resource_catalog.facilities.rules import Hours
from shared.kernel.types import SecurityLabel

HOURS = Hours(time(8), time(20), 60)
NOW = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in Beijing
DAY = datetime(2026, 3, 4, 0, 0, tzinfo=UTC)


def _at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour - 8)


def test_alternatives_are_nearest_first_and_the_earlier_of_two_equally_near() -> None:
    free = rules.alternatives(HOURS, _at(12), timedelta(hours=1), [(_at(12), _at(13))], NOW, 2)
    assert [start for start, _ in free] == [_at(11), _at(13), _at(10), _at(14), _at(9)]


def test_alternatives_have_the_wished_length_and_miss_every_taken_time() -> None:
    taken = [(_at(10), _at(12)), (_at(14), _at(15))]
    free = rules.alternatives(HOURS, _at(10), timedelta(hours=2), taken, NOW, 0)
    assert [start for start, _ in free] == [_at(8), _at(12), _at(15), _at(16), _at(17)]
    assert all(end - start == timedelta(hours=2) for start, end in free)


def test_no_alternative_lies_before_the_lead_time() -> None:
    free = rules.alternatives(HOURS, _at(8), timedelta(hours=1), [], _at(18), 0)
    assert [start for start, _ in free] == [_at(18), _at(19)]


@given(
    wished=st.integers(8, 19),
    length=st.integers(1, 4),
    taken=st.lists(st.tuples(st.integers(-40, 60), st.integers(1, 5)), max_size=30),
)
def test_whatever_is_taken_alternatives_are_free_open_and_on_the_grid(
    wished: int, length: int, taken: list[tuple[int, int]]
) -> None:
    busy = [(_at(begin), _at(begin + hours)) for begin, hours in taken]
    free = rules.alternatives(HOURS, _at(wished), timedelta(hours=length), busy, NOW, 2)
    for start, end in free:
        assert HOURS.inside(start, end)
        assert HOURS.on_grid(start, end)
        assert start >= NOW
        assert not any(begin < end and start < finish for begin, finish in busy)
    distances = [abs(start - _at(wished)) for start, _ in free]
    assert distances == sorted(distances)


def test_a_booking_is_never_public_and_never_below_its_facility() -> None:
    assert rules.label_of(SecurityLabel.PUBLIC) is SecurityLabel.INTERNAL
    assert rules.label_of(SecurityLabel.CONTROLLED) is SecurityLabel.CONTROLLED


def test_a_use_that_has_begun_cannot_be_cancelled() -> None:
    with pytest.raises(rules.CancellationNotPossible):
        rules.may_cancel_at(NOW, NOW)
    rules.may_cancel_at(NOW + timedelta(seconds=1), NOW)


@pytest.mark.parametrize("state", list(rules.State))
def test_only_a_confirmed_booking_can_be_cancelled(state: rules.State) -> None:
    if state is rules.State.CONFIRMED:
        assert rules.next_state("cancel", state) is rules.State.CANCELLED
    else:
        with pytest.raises(rules.CancellationNotPossible):
            rules.next_state("cancel", state)
