"""The settlement of a project that ended early, in figures."""

from typing import Any

import pytest

from services.project_management.evaluations.rules import CRITERIA, grading
from services.project_management.terminations.rules import settlement

MONEY = {"currency": "CNY", "award": "600000.00", "released": "200000.00", "spent": "150000.00", "accepted": "0.00"}


@pytest.mark.parametrize(
    ("changed", "pay_back", "owed", "free"),
    [
        ({}, "50000.00", "0.00", "450000.00"),
        ({"spent": "200000.00"}, "0.00", "0.00", "400000.00"),
        ({"spent": "300000.00", "accepted": "80000.00"}, "0.00", "80000.00", "320000.00"),
        ({"spent": "250000.00", "accepted": "80000.00"}, "0.00", "50000.00", "350000.00"),
        ({"budgeted": False, "accepted": "80000.00"}, "0.00", "80000.00", "320000.00"),
        ({"released": "0.00", "spent": "0.00"}, "0.00", "0.00", "600000.00"),
    ],
)
def test_what_was_not_spent_is_paid_back_and_the_rest_is_free(
    changed: dict[str, Any], pay_back: str, owed: str, free: str
) -> None:
    trace = settlement(MONEY | {"budgeted": True} | changed)
    assert (trace.result["pay_back"], trace.result["owed"], trace.result["free"]) == (pay_back, owed, free)
    assert trace.repeats(settlement)


def test_a_project_that_lacks_a_milestone_fails_however_good_its_sheets_are() -> None:
    given = {
        "sheets": [dict.fromkeys(CRITERIA, "10")] * 3,
        "reached": ["full", "full"],
        "award": "1",
        "spent": "1",
        "overrun": 0,
        "late": 0,
    }
    assert (grading(given).version, grading(given).result["grade"]) == (1, "excellent")
    trace = grading(given | {"undelivered": 1})
    assert (trace.version, trace.result["grade"]) == (2, "fail")
    assert trace.clauses[0].rule == "milestones.delivered"
    assert trace.repeats(grading)
