"""Facts said by project management about progress reports of running projects."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Event


class ReportPlanSet(Event):
    """An office says which progress reports the projects of a call owe, and what they ask."""

    type: ClassVar[str] = "hechuan.projects.report_plan.set.v1"

    call_id: UUID
    rhythm: Literal["none", "half_yearly", "yearly", "milestones"]
    final: bool
    stops_payments: bool


class ReportOpened(Event):
    """A progress report can be written."""

    type: ClassVar[str] = "hechuan.projects.report.opened.v1"
    state: ClassVar[str] = "open"

    project_id: UUID
    number: int
    due_on: date


class ReportSubmitted(Event):
    """It is handed in; `sha256` is of its snapshot."""

    type: ClassVar[str] = "hechuan.projects.report.submitted.v1"
    state: ClassVar[str] = "submitted"

    project_id: UUID
    number: int
    days_late: int
    sha256: str


class ReportReturned(Event):
    """The office asks to complete it by a day."""

    type: ClassVar[str] = "hechuan.projects.report.returned.v1"
    state: ClassVar[str] = "returned"

    project_id: UUID
    number: int
    due_on: date
    reason: str


class ReportAccepted(Event):
    type: ClassVar[str] = "hechuan.projects.report.accepted.v1"
    state: ClassVar[str] = "accepted"

    project_id: UUID
    number: int
    sha256: str
    note: str = ""


class ReportLifted(Event):
    """It is owed no more."""

    type: ClassVar[str] = "hechuan.projects.report.lifted.v1"
    state: ClassVar[str] = "lifted"

    project_id: UUID
    number: int
    reason: str


class ReportMissed(Event):
    """Its day has passed; the response of that grade follows from the rule that it names."""

    type: ClassVar[str] = "hechuan.projects.report.missed.v1"

    project_id: UUID
    number: int
    due_on: date
    days_late: int
    grade: int
    response: Literal["notice", "explanation", "payment_stop", "termination_review"]
    rule: str
    reason: str


class ReportDelayExplained(Event):
    """The lead says why it is late; the responses to the delay stay as they are."""

    type: ClassVar[str] = "hechuan.projects.report.delay_explained.v1"

    project_id: UUID
    number: int
    due_on: date
    reason: str
