"""A member of a panel who stays silent: reminded, told to the office when overdue, and excused by it."""

from datetime import datetime, timedelta

from services.project_management.evaluations import rules as evaluations

EXCUSE = evaluations.RUN
REMINDERS = (timedelta(days=7), timedelta(days=2), timedelta(0))
"""Before a sheet is due; the last when it is, and then the office is told too."""


def reminder_due(due_at: datetime, reminded_at: datetime | None, now: datetime) -> bool:
    """Once for each moment that has passed since the last reminder; a clock that stood still reminds once."""
    moments = [due_at - before for before in REMINDERS]
    return any(moment <= now and (reminded_at is None or reminded_at < moment) for moment in moments)


def overdue(due_at: datetime, now: datetime) -> bool:
    return due_at <= now
