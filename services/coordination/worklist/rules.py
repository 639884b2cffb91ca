"""What waits for whom, and how urgent it is."""

from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.policy import signed_in

READ = signed_in("worklist.read")
SOON = timedelta(days=3)
NEVER = 9999
"""The year that stands for "no due date" in the order of the list."""


class Urgency(StrEnum):
    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NONE = "none"


def urgency(now: datetime, due_at: datetime | None) -> Urgency:
    if due_at is None:
        return Urgency.NONE
    if due_at < now:
        return Urgency.OVERDUE
    return Urgency.SOON if due_at - now <= SOON else Urgency.LATER
