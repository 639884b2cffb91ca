"""What is asked for and what is shown of rankings and awards."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.awards.rules import Basis, Outcome
from services.project_management.decisions.rules import State
from services.project_management.departures.rules import State as DepartureState
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money

Place = Annotated[
    int | None,
    Field(ge=1, le=5_000, description="Its place on the reserve list, which is asked in this order; by rank if none"),
]


class OverrideCreate(Schema):
    """The officer's own choice for one application, with the reason that the applicant reads."""

    application_id: UUID
    outcome: Outcome
    reason: Line
    place: Place = None


class TrialChoice(Schema):
    """A choice that is only tried out."""

    application_id: UUID
    outcome: Outcome
    place: Place = None


class TrialCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"scores": "raw", "overrides": []}]})

    scores: Basis = "raw"
    overrides: Annotated[list[TrialChoice], Field(max_length=200)] = Field(
        default=[], description="Where the officer would decide otherwise than the rule"
    )


class DecisionCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "As ranked by the experts."}]})

    reason: Line
    scores: Basis = Field(
        default="raw",
        description="Means to decide by; calibrated ones are refused where calibration is off",
    )
    panel_reason: Annotated[str, Field(max_length=300)] = Field(
        default="", description="Why, where the outcomes differ from what the panel recommends"
    )
    overrides: Annotated[list[OverrideCreate], Field(max_length=200)] = Field(
        default=[], description="Where the officer decides otherwise than the rule; the budget binds all the same"
    )


class EstimateRead(BaseModel):
    """A mean with its 95 % interval; None where no application has two reviews to judge it by."""

    mean: float
    low: float | None
    high: float | None
    best_rank: int | None = Field(description="The rank's 95 % interval")
    worst_rank: int | None
    stays: float | None = Field(
        description="Share of draws within these uncertainties in which it would be funded, 0–1"
    )


class ExtraRead(BaseModel):
    """The extra budget that would bring the application in."""

    added: Money | None = Field(description="With so much more it can be added to those that are funded")
    chosen: Money | None = Field(
        description="With so much more, and less than `added`, the rule would choose it, others giving way; sought for "
        "the first of the reserve list in calls that are not too large"
    )
    reason: str = Field(description="Why no budget brings it in; empty where one does")


class ReviewerRead(BaseModel):
    """A reviewer as calibration sees them, by a number that means nothing outside of this ranking."""

    reviewer: str
    reviews: int
    harshness: float = Field(description="Points below what the average reviewer gives, with its 95 % interval")
    low: float
    high: float
    scale: float = Field(description="How far apart the scores are; 1 is as far as everybody's")


class CalibrationRead(BaseModel):
    off: str = Field(description="Why the scores are not calibrated; empty where they are")
    reviewers: list[ReviewerRead]


class LimitRead(BaseModel):
    limit: str
    reached: str
    holds: bool
    note: str


class DepartedRead(BaseModel):
    """A partner that left after the submission, and what became of its part."""

    name: str
    left_at: datetime
    state: DepartureState
    due_at: datetime
    successor_name: str
    how: str


class RecommendedRead(BaseModel):
    """What the panel says of an application, once its minutes are closed."""

    recommendation: Literal["fund", "conditions", "reserve", "decline"] | None
    conditions: str
    reason: str
    note: str


class RankedRead(BaseModel):
    application_id: UUID
    title: str
    lead: str
    requested: Money
    rank: int
    mean: float | None = Field(description="Of the reviews, raw or calibrated as the call is ranked by")
    points: float = Field(default=0, description="Priority points by the reward and punishment ledger")
    score: float | None = Field(default=None, description="What the rank goes by: the mean with the points")
    sd: float | None
    raw: EstimateRead | None
    calibrated: EstimateRead | None = Field(description="As if every reviewer were as harsh as the average one")
    reviews: int
    outcome: Outcome | None = Field(
        description="What the rule proposes, None before the first review; what was decided once the call is decided"
    )
    reason: str
    place: int | None = Field(default=None, description="On the reserve list, where that was ordered by hand")
    above_line: bool = Field(description="Whether the budget would reach it if it were spent strictly by rank")
    extra: ExtraRead | None = Field(description="None for what is funded")
    panel: RecommendedRead | None = Field(default=None, description="What the panel recommends")
    departures: list[DepartedRead] = Field(description="Partners that left after the submission")


class RankingRead(BaseModel):
    id: UUID = Field(description="The call's id")
    version: int
    call_id: UUID
    state: str
    complete: bool = Field(description="Every review is in")
    budget: Money
    spent: Money
    left: Money
    scores: Basis = Field(description="The means it is ranked by")
    calibration: CalibrationRead
    limits: list[LimitRead] = Field(description="The call's share limits and what the awards come to")
    items: list[RankedRead]
    returned: str = Field(description="Why the last decision was returned, if it was")
    trace: DecisionTrace


class FollowingRead(BaseModel):
    """The first of the reserve list, if it were funded as well."""

    application_id: UUID
    title: str
    requested: Money
    left: Money = Field(description="What would remain; below zero what is missing")
    breaks: list[str] = Field(description="Share limits that it would break")


class DepartureRead(BaseModel):
    """Where the choices differ from what the rule proposes: what a decision needs a reason for."""

    application_id: UUID
    title: str
    outcome: Outcome
    place: int | None


class TrialRead(BaseModel):
    spent: Money
    left: Money = Field(description="Below zero where the awards pass the budget")
    awards: int
    limits: list[LimitRead]
    allowed: bool = Field(description="It could be put forward so: neither the budget nor a ceiling is passed")
    next: FollowingRead | None
    departures: list[DepartureRead]
    reserve: list[UUID] = Field(description="The reserve list in the order in which it is asked")


class DecisionNoteCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Fits the joint plan."}]})

    note: Prose = ""


class DecisionReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Say why the second is funded."}]})

    reason: Line


class DecisionRead(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    reason: str
    decided_by: str
    created_at: datetime
    state: State
    state_reason: str
    number: int = Field(description="Of the list that was put forward last")
    sha256: str
    notice_from: datetime | None
    notice_until: datetime | None
    final_at: datetime | None
    trace: DecisionTrace


class SignatureRead(BaseModel):
    office: str
    subject: str
    at: datetime
    note: str


class StepRead(BaseModel):
    office: str
    role: str
    organisation_id: UUID | None
    signed: SignatureRead | None
    next: bool = Field(description="This office signs next")


class ListRead(BaseModel):
    number: int
    sha256: str
    proposed_by: str
    proposed_at: datetime


class DecisionListRead(BaseModel):
    number: int
    content: dict[str, Any] = Field(description="Word for word what the SHA-256 was taken of, as canonical JSON")
    sha256: str
    proposed_by: str
    proposed_at: datetime
    approvals: list[dict[str, Any]] = Field(description="Signatures under this list: office, subject, at, note")


class DecisionDetailRead(DecisionRead):
    steps: list[StepRead] = Field(description="The offices that approve, in order")
    lists: list[ListRead] = Field(description="Every list that was put forward, newest first")


class NoticedRead(BaseModel):
    application_id: UUID | None = Field(description="None where it may not be named")
    title: str
    lead: str
    outcome: Literal["funded", "reserve"]
    requested: Money | None = Field(description="What is granted")


class NoticeRead(BaseModel):
    id: UUID = Field(description="The decision's id")
    version: int
    call_id: UUID
    call_title: str
    state: State
    number: int
    sha256: str
    notice_from: datetime
    notice_until: datetime
    open: bool = Field(description="Objections are taken")
    items: list[NoticedRead]


Standing = Literal["funded", "reserve", "declined", "turned_down"]
"""What was decided, and what became of it."""


class AwardRow(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    call_title: str
    application_id: UUID
    title: str
    lead: str
    outcome: Standing
    amount: Money
    reason: str
    decided_at: datetime
    book_due_at: datetime | None = Field(
        description="When the task book is to be drawn up by; null unless the award is granted and its lead was asked"
    )


class AwardList(BaseModel):
    items: list[AwardRow]
    next_cursor: str | None


class AwardRead(AwardRow):
    conditions: str = Field(description="What the panel made the award depend on; empty if nothing")
    comments: list[str] = Field(description="The reviewers' comments to the applicant, in no order that tells whose")
    project_id: UUID | None
