"""The outage rule on paper: which calls it hits and how much later they close."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.project_management.outages import rules

CLOSES = datetime(2026, 3, 31, 9, tzinfo=UTC)
OPENS = CLOSES - timedelta(days=60)
H, M = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("started", "ended", "closes"),
    [
        (-70 * H, -60 * H, 10 * H),  # ten hours lost, long enough before: ten hours later
        (-70 * H, -60 * H + M, 11 * H),  # begun hours count whole
        (-2 * H, timedelta(), 24 * H),  # back at the moment of closing: the same hour of the next day
        (-1 * H, 5 * H + M, 30 * H),  # back after it, and at a whole hour
        (-30 * M, -28 * M, 24 * H),  # short, but in the last minutes
        (-100 * H, -71 * H, 29 * H),  # it reached into the last 72 hours
    ],
)
def test_a_call_that_was_hit_closes_later(started: timedelta, ended: timedelta, closes: timedelta) -> None:
    assert rules.lengthened(OPENS, CLOSES, CLOSES + started, CLOSES + ended) == CLOSES + closes


@pytest.mark.parametrize(
    ("started", "ended"),
    [
        (-90 * H, -72 * H),  # over when the last 72 hours began
        (timedelta(), 3 * H),  # begun with the closing
    ],
)
def test_a_call_that_was_not_hit_stays(started: timedelta, ended: timedelta) -> None:
    assert rules.lengthened(OPENS, CLOSES, CLOSES + started, CLOSES + ended) is None


def test_only_the_time_since_the_opening_was_lost() -> None:
    opens = CLOSES - 50 * H
    assert rules.lengthened(opens, CLOSES, opens - 9 * H, opens + 3 * H) == CLOSES + 3 * H
    assert rules.lengthened(opens, CLOSES, opens - 9 * H, opens) is None


@given(
    start=st.timedeltas(min_value=-100 * H, max_value=-M),
    length=st.timedeltas(min_value=M, max_value=100 * H),
    more=st.timedeltas(min_value=timedelta(), max_value=50 * H),
)
def test_nobody_loses_time_and_a_longer_outage_never_gives_less(
    start: timedelta, length: timedelta, more: timedelta
) -> None:
    started = CLOSES + start
    first = rules.lengthened(OPENS, CLOSES, started, started + length)
    second = rules.lengthened(OPENS, CLOSES, started, started + length + more)
    if first is not None:
        lost = min(started + length, CLOSES) - started
        assert first - CLOSES >= lost
        assert first >= started + length + rules.AFTER_RECOVERY
        assert second is not None
        assert second >= first


def test_a_restart_is_no_outage() -> None:
    assert not rules.silent(CLOSES, CLOSES + timedelta(seconds=60))
    assert rules.silent(CLOSES, CLOSES + timedelta(seconds=61))
