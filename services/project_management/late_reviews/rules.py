"""A reviewer who stays silent: the office is told, and gives more time or asks somebody else."""

from datetime import datetime, timedelta

from services.project_management.assignments import rules as assignments
from services.project_management.reviews.rules import State
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_

EXTEND = assignments.ASSIGN
LONGEST = timedelta(days=90)
WRITING = (State.ACCEPTED, State.SCORED)


class NothingToExtend(Conflict):
    title = N_("There is no time to extend")


def require_writing(state: State) -> None:
    """Raises NothingToExtend."""
    if state not in WRITING:
        raise NothingToExtend(
            N_("Only a review that is being written has its time extended. Ask somebody else where nobody answers.")
        )


def day_fault(now: datetime, due_at: datetime) -> str:
    """What is wrong with the new time; empty when nothing is."""
    if due_at <= now:
        return N_("This time has passed already.")
    return N_("Choose a time within 90 days.") if due_at > now + LONGEST else ""
