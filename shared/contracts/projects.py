"""Facts said by project management."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts import base
from shared.contracts.base import Event
from shared.contracts.project_earlier import CallAmendedV1, CallReleasedV1
from shared.kernel.types import Amount, Currency, OrgRef, Sector

Stage = Literal["research", "design_finalisation", "production"]
"""The three stages of paper 1, section 3.1."""


class CallDrafted(Event):
    """A call is being written; only the programme's offices see it."""

    type: ClassVar[str] = "hechuan.projects.call.drafted.v1"
    state: ClassVar[str] = "draft"


class CallEdited(Event):
    type: ClassVar[str] = "hechuan.projects.call.edited.v1"

    changed: tuple[str, ...]


class CallSentToSignoff(Event):
    type: ClassVar[str] = "hechuan.projects.call.sent_to_signoff.v1"
    state: ClassVar[str] = "in_signoff"


class CallSigned(Event):
    """An office of the call's chain signed; another one is to sign after it."""

    type: ClassVar[str] = "hechuan.projects.call.signed.v1"
    state: ClassVar[str] = "in_signoff"

    office: str
    number: int
    of: int
    reason: str


class CallSignedOff(Event):
    """The last person who had to approved the call; it may be released as it stands."""

    type: ClassVar[str] = "hechuan.projects.call.signed_off.v1"
    state: ClassVar[str] = "signed_off"

    reason: str


class CallReturned(Event):
    type: ClassVar[str] = "hechuan.projects.call.returned.v1"
    state: ClassVar[str] = "draft"

    reason: str


class CallCancelled(Event):
    type: ClassVar[str] = "hechuan.projects.call.cancelled.v1"
    state: ClassVar[str] = "cancelled"

    reason: str


class CallReleased(CallReleasedV1):
    """A call is public in the version given; later versions are further facts."""

    type: ClassVar[str] = "hechuan.projects.call.released.v2"

    title_zh: str = ""


class CallExtended(Event):
    """The service was down before the closing; the call closes later, by rule, for everybody. A new version of it."""

    type: ClassVar[str] = "hechuan.projects.call.extended.v1"

    call_version: int
    closed_at: datetime
    """When it would have closed."""
    closes_at: datetime
    sha256: str
    reason: str


class CallAmended(CallAmendedV1):
    """Its office amended the released call, with the signatures of its offices. A new version of it."""

    type: ClassVar[str] = "hechuan.projects.call.amended.v2"

    title_zh: str = ""


class OutageRecorded(Event):
    """Project management was down for longer than a moment; with the number of calls that close later for it."""

    type: ClassVar[str] = "hechuan.projects.outage.recorded.v1"

    started_at: datetime
    ended_at: datetime
    calls: int


class CallClosed(Event):
    type: ClassVar[str] = "hechuan.projects.call.closed.v1"
    state: ClassVar[str] = "closed"

    applications: int


class CallDecisionStarted(Event):
    """Experts are assigned; from now on the applications to this call are judged."""

    type: ClassVar[str] = "hechuan.projects.call.decision_started.v1"
    state: ClassVar[str] = "deciding"


class CallDecided(Event):
    type: ClassVar[str] = "hechuan.projects.call.decided.v1"
    state: ClassVar[str] = "decided"

    funded: int
    reason: str


class ApplicationDrafted(Event):
    """An application is being written; only its organisations see it."""

    type: ClassVar[str] = "hechuan.projects.application.drafted.v1"
    state: ClassVar[str] = "draft"

    call_id: UUID
    lead: OrgRef


class ApplicationEdited(Event):
    type: ClassVar[str] = "hechuan.projects.application.edited.v1"

    changed: tuple[str, ...]


class PartnerAnswered(Event):
    """A partner agreed to take part in the application, or refused."""

    type: ClassVar[str] = "hechuan.projects.application.partner_answered.v1"

    partner: OrgRef
    decision: Literal["consent", "refuse"]
    reason: str = ""


class PartnerLeft(Event):
    """A partner left after the submission. What was handed in stays as it was; the lead answers until `due_at`."""

    type: ClassVar[str] = "hechuan.projects.application.partner_left.v1"

    partner: OrgRef
    reason: str
    due_at: datetime


class SuccessorAsked(Event):
    """Another organisation is asked to take the part of one that left."""

    type: ClassVar[str] = "hechuan.projects.application.successor_asked.v1"

    partner: OrgRef
    successor: OrgRef


class DepartureSettled(Event):
    """What became of the part of one that left; `sha256` is of the record of who takes part since. Lapsed, the
    application is withdrawn."""

    type: ClassVar[str] = "hechuan.projects.application.departure_settled.v1"

    partner: OrgRef
    outcome: Literal["replaced", "taken_over", "lapsed", "ended"]
    successor: OrgRef | None = None
    requested: Amount
    currency: Currency
    sha256: str = ""


class ApplicationMemberAnswered(Event):
    """A person named in the application agreed, or took the name off it. The actor is that person."""

    type: ClassVar[str] = "hechuan.projects.application.member_answered.v1"

    decision: Literal["agree", "leave"]
    reason: str = ""


class ApplicationDocumentAttached(Event):
    type: ClassVar[str] = "hechuan.projects.application.document_attached.v1"

    document_id: UUID
    filename: str
    sha256: str


class ApplicationChecked(Event):
    """The programme office found the application complete."""

    type: ClassVar[str] = "hechuan.projects.application.checked.v1"

    call_id: UUID
    note: str


class ApplicationSubmitted(Event):
    type: ClassVar[str] = "hechuan.projects.application.submitted.v1"
    state: ClassVar[str] = "submitted"

    call_id: UUID
    lead: OrgRef
    partners: tuple[OrgRef, ...] = ()
    requested: Amount
    currency: Currency
    sha256: str


class ApplicationReturned(Event):
    """The programme office asks its lead to complete it by `due_at`; what was handed in stays as it is until then."""

    type: ClassVar[str] = "hechuan.projects.application.returned.v1"
    state: ClassVar[str] = "returned"

    call_id: UUID
    reason: str
    due_at: datetime


class ApplicationStands(Event):
    """It was not completed in time, or need not be: what was handed in stands, and only that."""

    type: ClassVar[str] = "hechuan.projects.application.stands.v1"
    state: ClassVar[str] = "submitted"

    call_id: UUID
    reason: str
    sha256: str


class ApplicationWithdrawn(Event):
    type: ClassVar[str] = "hechuan.projects.application.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    call_id: UUID
    reason: str


class ReviewCompleted(Event):
    """All reviews of an application are in. It names no reviewer and no single score."""

    type: ClassVar[str] = "hechuan.projects.application.review_completed.v1"
    state: ClassVar[str] = "reviewed"

    call_id: UUID
    reviews: int


class AwardDecided(Event):
    type: ClassVar[str] = "hechuan.projects.application.award_decided.v1"
    state: ClassVar[str] = "decided"

    call_id: UUID
    lead: OrgRef
    outcome: Literal["funded", "reserve", "declined"]
    amount: Amount
    currency: Currency
    reason: str


class TaskBookDrafted(Event):
    """The project exists on paper: plan, milestones and money stand in a task book that both sides are to sign."""

    type: ClassVar[str] = "hechuan.projects.project.task_book_drafted.v1"
    state: ClassVar[str] = "drafted"

    call_id: UUID
    application_id: UUID
    lead: OrgRef
    sha256: str


class TaskBookSigned(Event):
    """One side has signed the task book as it stands (`sha256`)."""

    type: ClassVar[str] = "hechuan.projects.project.task_book_signed.v1"

    side: Literal["office", "lead"]
    sha256: str


class ProjectStarted(Event):
    """The task book is signed; the project runs."""

    type: ClassVar[str] = "hechuan.projects.project.started.v1"
    state: ClassVar[str] = "running"

    call_id: UUID
    application_id: UUID
    lead: OrgRef
    partners: tuple[OrgRef, ...] = ()
    field: str
    stage: Stage
    region: str
    sector: Sector
    amount: Amount
    currency: Currency
    starts_on: date
    ends_on: date


class EvidenceSubmitted(Event):
    """The lead says that a milestone is reached, and shows a document."""

    type: ClassVar[str] = "hechuan.projects.milestone.evidence_submitted.v1"
    state: ClassVar[str] = "evidence_submitted"

    project_id: UUID
    number: int
    note: str
    evidence_sha256: str


class EvidenceReturned(Event):
    """The evidence does not show that the milestone is reached."""

    type: ClassVar[str] = "hechuan.projects.milestone.evidence_returned.v1"
    state: ClassVar[str] = "returned"

    project_id: UUID
    number: int
    reason: str


class MilestoneAccepted(Event):
    type: ClassVar[str] = "hechuan.projects.milestone.accepted.v1"
    state: ClassVar[str] = "accepted"

    project_id: UUID
    number: int
    tranche: Amount
    currency: Currency
    note: str
    evidence_sha256: str


class ProjectCompleted(Event):
    type: ClassVar[str] = "hechuan.projects.project.completed.v1"
    state: ClassVar[str] = "completed"

    lead: OrgRef
    grade: Literal["excellent", "good", "pass", "fail"]
    reason: str = ""


class EarlierProjectsImported(Event):
    """A batch of earlier projects from a public source was taken in; `id` is the batch."""

    type: ClassVar[str] = "hechuan.projects.import.finished.v1"
    state: ClassVar[str] = "finished"

    source: str
    accepted: int
    unchanged: int
    refused: int


class TaskAssigned(base.TaskAssigned):
    type: ClassVar[str] = "hechuan.projects.task.assigned.v1"


class TaskDone(base.TaskDone):
    type: ClassVar[str] = "hechuan.projects.task.done.v1"
