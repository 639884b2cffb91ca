"""The grade by sheets, promise and money; panels; follow-ups' days."""

from datetime import date
from typing import Any

import pytest

from services.project_management.evaluations import rules
from services.project_management.evaluations.queries import consequences, overrun
from services.project_management.evaluations.rules import SheetState
from shared.web.i18n import speaking
from shared.web.sentences import said


def sheet(score: str) -> dict[str, str]:
    return dict.fromkeys(rules.CRITERIA, score)


def judged(*scores: str, **changed: Any) -> Any:
    inputs = {"sheets": [sheet(one) for one in scores], "reached": ["full", "full"], "award": "100.00",
              "spent": "90.00", "overrun": 0, "late": 0} | changed  # fmt: skip
    trace = rules.grading(inputs)
    assert trace.repeats(rules.grading)
    return trace


@pytest.mark.parametrize(
    ("scores", "changed", "grade"),
    [
        (("9", "9", "9"), {}, "excellent"),
        (("9", "9", "9"), {"late": 1}, "good"),
        (("9", "9", "9"), {"spent": "100.01"}, "pass"),
        (("9", "9", "9"), {"overrun": 1}, "pass"),
        (("9", "9", "9"), {"reached": ["full", "part"]}, "pass"),
        (("8.9", "9", "9"), {}, "good"),
        (("7.5", "7.5", "7.5"), {}, "good"),
        (("7.4", "7.5", "7.5"), {}, "pass"),
        (("6", "6", "6"), {}, "pass"),
        (("5.9", "6", "6"), {}, "fail"),
        (("10", "10", "10"), {"reached": ["full", "none"]}, "fail"),
        (("10", "10", "10"), {"reached": []}, "excellent"),
    ],
)
def test_the_grade_follows_from_sheets_promise_and_money(
    scores: tuple[str, ...], changed: dict[str, Any], grade: str
) -> None:
    assert judged(*scores, **changed).result["grade"] == grade


def test_every_clause_is_said_in_both_languages() -> None:
    trace = judged("8", "8", "8", late=2, spent="200.00")
    with speaking("zh"):
        assert all(said(one.reason) != one.reason for one in trace.clauses)
    assert "excellent needs all of it" in trace.clauses[6].reason


def test_criteria_weigh_as_they_say() -> None:
    assert sum(rules.CRITERIA.values()) == 100
    one = sheet("0") | {"indicators": "10"}
    assert rules.points_of(one) == 4


def test_what_follows_from_each_grade_is_known_beforehand() -> None:
    told = consequences()
    assert told["excellent"][1] == "The team may apply for 2 more than a call's limits allow."
    assert told["fail"][1].startswith("Cooling-off")
    assert told["good"] == told["pass"] == ["No entry in the ledger is proposed."]


def test_a_line_is_overrun_by_more_than_a_tenth_of_the_award() -> None:
    lines = [{"budget": "50", "approved": approved} for approved in ("60", "60.01", "10")]
    assert overrun({"award": "100", "lines": lines}) == 1


A, H, D = SheetState.ASKED, SheetState.HANDED_IN, SheetState.DECLINED


@pytest.mark.parametrize(
    ("states", "ready", "short"),
    [((H, H, H), True, False), ((H, H, A), False, False), ((H, H, D), False, True), ((H, H, H, D), True, False),
     ((H, H, H, A), False, False)],
)  # fmt: skip
def test_a_panel_has_judged_when_enough_sheets_are_in_and_none_is_waited_for(
    states: tuple[SheetState, ...], ready: bool, short: bool
) -> None:
    assert (rules.all_in(states), rules.short_of(states)) == (ready, short)


def test_a_follow_up_is_due_on_the_same_day_of_a_later_year() -> None:
    assert rules.due_after(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert rules.due_after(date(2027, 11, 22), 3) == date(2030, 11, 22)
