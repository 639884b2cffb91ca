"""What programs are told of the dashboard."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, Field

from services.project_management.calls.rules import Phase
from services.project_management.dashboards.rules import Wait


class CourseCall(BaseModel):
    """A call whose course is told."""

    call_id: UUID
    title: str
    phase: Phase
    closes_at: datetime
    office_name: str


class Course(BaseModel):
    """How far applications have come; each step counts all that came at least so far."""

    call: CourseCall | None = Field(description="Null where it is about all calls together")
    counts: dict[str, int | None] = Field(
        description="Step → applications. How many were begun is null until every call concerned is closed"
    )
    seconds: dict[str, float | None] = Field(description="Step → median seconds until the next; null where unknown")


class Tally(BaseModel):
    """What waits at one office."""

    office_id: UUID
    office_name: str
    kind: Wait
    n: int
    late: int
    oldest: datetime | None


class Late(BaseModel):
    """Something that should have been done."""

    kind: Wait
    office_name: str
    place: str = Field(description="Address of its page, after /projects/")
    title: str
    who: str
    since: datetime | None
    due: datetime


class ExpertLoad(BaseModel):
    """An expert who is waited for."""

    expert_id: UUID
    expert_name: str
    invited: int
    open: int
    late: int
    next_due: datetime


class Kept(BaseModel):
    """A promise, and how often it was kept."""

    what: str
    kept: int
    due: int
    share: Decimal | None


class DashboardRead(BaseModel):
    """Only what the reader may know: calls by label, and none to which an organisation of theirs has applied."""

    funnel: Course
    calls: list[Course] = Field(max_length=1_001, description="Those that close last first")
    waiting: list[Tally]
    late: list[Late]
    experts: list[ExpertLoad]
    on_time: list[Kept]
