"""Days: when somebody is reminded, and which response follows from which delay."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.project_management.lapses import rules

DUE = date(2027, 6, 30)


@pytest.mark.parametrize(
    ("left", "reminded", "wanted"),
    [
        (31, None, None),
        (30, None, 30),
        (30, 30, None),
        (20, None, 30),
        (14, 30, 14),
        (10, None, 14),
        (7, 14, 7),
        (2, 7, None),
        (1, 7, 1),
        (0, 7, 1),
        (0, 1, None),
        (-1, 7, None),
    ],
)
def test_each_reminder_comes_once_and_a_late_clock_gives_the_nearest(
    left: int, reminded: int | None, wanted: int | None
) -> None:
    assert rules.reminder(DUE, DUE - timedelta(days=left), reminded) == wanted


@pytest.mark.parametrize(
    ("late", "grades"), [(0, []), (1, [1]), (13, [1]), (14, [1, 2]), (30, [1, 2, 3]), (90, [1, 2, 3, 4])]
)
def test_the_longer_the_delay_the_graver_the_response(late: int, grades: list[int]) -> None:
    assert [step.grade for step in rules.steps_due(DUE, DUE + timedelta(days=late), 0)] == grades


@given(st.lists(st.integers(-40, 120), max_size=20))
def test_however_the_clock_runs_each_step_is_given_once_and_in_order(days: list[int]) -> None:
    given_, grade = [], 0
    for late in sorted(days):
        for step in rules.steps_due(DUE, DUE + timedelta(days=late), grade):
            given_.append(step.grade)
            grade = step.grade
    assert given_ == list(range(1, len(given_) + 1))


def test_every_response_names_a_rule_of_its_own() -> None:
    assert len({step.rule for step in rules.STEPS}) == len(rules.STEPS)
