"""What states, kinds and parts of changed task books are called on screens."""

from services.project_management.changes.rules import Kind, State
from services.project_management.differences import Difference
from shared.web.i18n import lazy
from shared.web.words import StateWord

STATES = {
    State.REQUESTED: StateWord(lazy("To answer"), "info"),
    State.APPROVED: StateWord(lazy("Agreed"), "success"),
    State.DECLINED: StateWord(lazy("Not agreed"), "warning"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}
KINDS = {
    Kind.TIME: lazy("Time"),
    Kind.SCOPE: lazy("Scope"),
    Kind.BUDGET: lazy("Budget"),
    Kind.PEOPLE: lazy("Members"),
    Kind.PARTNER: lazy("Partners"),
}
LABELS = {
    "milestones": lazy("Milestones"),
    "due_on": lazy("Due"),
    "deliverable": lazy("What will be there"),
    "test": lazy("Acceptance test"),
    "title": lazy("Title"),
    "ends_on": lazy("Ends"),
    "budget": lazy("Budget"),
    "organisation": lazy("Organisation"),
    "category": lazy("Category"),
    "year": lazy("Year"),
    "amount": lazy("Amount"),
    "people": lazy("Members"),
    "name": lazy("Name"),
    "part": lazy("Part in the project"),
    "partners": lazy("Partners"),
    "id": lazy("Number"),
}


def said_of(difference: Difference) -> str:
    """Where a difference lies, in words: milestones, 1, due_on → "Milestones › 1 › Due"."""
    return " › ".join(str(LABELS.get(part, part)) for part in difference.path)
