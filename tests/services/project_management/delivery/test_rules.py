"""Task books and the states of projects and milestones."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.project_management.delivery import rules
from services.project_management.delivery.rules import MilestoneState, ProjectState


def faults(**changed: Any) -> list[str]:
    good: dict[str, Any] = {
        "award": Decimal(100),
        "currency": "CNY",
        "starts_on": date(2027, 1, 1),
        "ends_on": date(2028, 12, 31),
        "milestones": [(date(2027, 6, 30), Decimal(40), "CNY"), (date(2028, 12, 31), Decimal(60), "CNY")],
    }
    return [pointer for pointer, _ in rules.faults(**good | changed)]


def test_a_sound_task_book_has_no_faults() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"award": Decimal(101)}, "/milestones"),
        ({"ends_on": date(2027, 1, 1), "milestones": [(date(2027, 1, 1), Decimal(100), "CNY")]}, "/ends_on"),
        ({"ends_on": date(2038, 1, 1)}, "/ends_on"),
        ({"starts_on": date(2027, 7, 1)}, "/milestones/0/due_on"),
        ({"currency": "EUR"}, "/milestones/0/tranche"),
    ],
)
def test_a_fault_names_its_field(changed: dict[str, Any], pointer: str) -> None:
    assert pointer in faults(**changed)


def test_a_tranche_is_more_than_nothing() -> None:
    one, none = (date(2027, 6, 30), Decimal(100), "CNY"), (date(2027, 6, 30), Decimal(0), "CNY")
    assert faults(milestones=[one, none]) == ["/milestones/1/tranche"]


@pytest.mark.parametrize("state", MilestoneState)
@pytest.mark.parametrize("verb", rules.MILESTONES)
def test_a_milestone_moves_only_along_its_table(verb: str, state: MilestoneState) -> None:
    allowed, after = rules.MILESTONES[verb]
    if state in allowed:
        assert rules.milestone_after(verb, state) is after
    else:
        with pytest.raises(rules.MilestoneNotReady, match="possible only while it is"):
            rules.milestone_after(verb, state)


@pytest.mark.parametrize("verb", rules.PROJECTS)
def test_a_completed_project_does_not_change(verb: str) -> None:
    with pytest.raises(rules.ProjectNotReady, match="The project is completed"):
        rules.project_after(verb, ProjectState.COMPLETED)
