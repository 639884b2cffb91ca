"""What the clock did about a milestone's day: the reminder that is open, and each response to a delay."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import UtcDateTime


class Watch(Base, table=True):
    """One milestone as the clock last saw it. A changed due day begins anew."""

    __tablename__ = "milestone_watches"
    __table_args__ = (
        Index(
            "milestone_watches_told",
            "milestone_id",
            postgresql_where="task_id IS NOT NULL OR office_task_id IS NOT NULL",
        ),
    )

    milestone_id: UUID = Field(primary_key=True, foreign_key="milestones.id")
    due_on: date
    reminded: int | None = None
    """Days ahead of the last reminder."""
    grade: int = 0
    """Of the last response to a delay."""
    task_id: UUID | None = None
    task_title: str = ""
    """The reminder that stands on the lead's worklist, word for word."""
    office_task_id: UUID | None = None
    office_task_title: str = ""
    """What the office is told of the delay, or has to decide."""
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the office decided what becomes of the late project; it is not asked again for this day."""


class Explanation(Base, table=True):
    """Why a milestone is late, in the lead's words, word for word; each further one stands beside those before."""

    __tablename__ = "milestone_explanations"

    milestone_id: UUID = Field(primary_key=True, foreign_key="milestones.id")
    number: int = Field(primary_key=True)
    due_on: date
    text: str
    given_by: str
    given_at: datetime = Field(sa_type=UtcDateTime)


class Lapse(Base, table=True):
    """A response that followed from a delay, with the rule it came from; kept when the day is changed later."""

    __tablename__ = "milestone_lapses"

    milestone_id: UUID = Field(primary_key=True, foreign_key="milestones.id")
    due_on: date = Field(primary_key=True)
    grade: int = Field(primary_key=True)
    days_late: int
    response: str
    rule: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
