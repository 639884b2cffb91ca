"""Due dates: months, ends of months, closed days."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ip_registry.assets.rules import Kind
from services.ip_registry.docket.rules import (
    RULES,
    DeadlineClosed,
    DeadlineRule,
    State,
    add_months,
    due_after,
    due_dates,
    next_open_day,
    next_state,
    rules_for,
)

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
PARIS = next(rule for rule in RULES if rule.id == "paris-priority-12")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 6, 30), 6, date(2025, 12, 30)),
    ],
)
def test_a_month_that_lacks_the_day_gives_its_last(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(DAYS, st.integers(0, 600))
def test_months_are_counted_and_the_day_kept_where_the_month_has_it(day: date, months: int) -> None:
    found = add_months(day, months)
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == min(day.day, calendar.monthrange(found.year, found.month)[1])


@given(DAYS)
def test_the_next_open_day_is_a_weekday_with_only_closed_days_before_it(day: date) -> None:
    found = next_open_day(day)
    assert found.weekday() < 5
    assert all((day + timedelta(days=n)).weekday() >= 5 for n in range((found - day).days))


def test_a_saturday_moves_to_monday() -> None:
    unshifted, due = due_dates(PARIS, date(2025, 3, 7))
    assert (unshifted, due) == (date(2026, 3, 7), date(2026, 3, 9))


@given(DAYS, st.sampled_from(RULES))
def test_the_shift_is_made_once_and_from_the_unshifted_date(day: date, rule: DeadlineRule) -> None:
    unshifted, due = due_dates(rule, day)
    assert unshifted == add_months(day, rule.months)
    assert due == next_open_day(unshifted)
    assert 0 <= (due - unshifted).days <= 2


def test_patents_have_twelve_months_designs_and_marks_six_and_copyright_none() -> None:
    assert {kind: [rule.months for rule in rules_for(kind)] for kind in Kind} == {
        Kind.PATENT: [12],
        Kind.UTILITY_MODEL: [12],
        Kind.DESIGN: [6],
        Kind.TRADE_MARK: [6],
        Kind.SOFTWARE_COPYRIGHT: [],
        Kind.PLANT_VARIETY: [],
        Kind.LAYOUT_DESIGN: [],
        Kind.KNOW_HOW: [],
    }


def test_a_date_that_was_over_before_the_registration_is_not_asked_for() -> None:
    filed = date(2025, 3, 7)
    assert [one.due for one in due_after(Kind.PATENT, filed, date(2026, 3, 9))] == [date(2026, 3, 9)]
    assert due_after(Kind.PATENT, filed, date(2026, 3, 10)) == []


@pytest.mark.parametrize("verb", ["meet", "miss"])
@pytest.mark.parametrize("state", [State.MET, State.MISSED])
def test_only_an_open_deadline_can_be_recorded(verb: str, state: State) -> None:
    assert next_state(verb, State.OPEN) in (State.MET, State.MISSED)
    with pytest.raises(DeadlineClosed):
        next_state(verb, state)
