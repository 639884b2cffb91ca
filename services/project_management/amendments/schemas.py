"""What is asked for and what is shown of the versions of a call."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.amendments.rules import State
from services.project_management.approvals.schemas import ApprovalStep
from services.project_management.calls.schemas import (
    CallIndicators,
    CallTermsFields,
    Credit,
    Criteria,
    Kinds,
    Moment,
    Offices,
    Regions,
    RunningPerOrganisation,
    RunningPerPerson,
    Sectors,
    TitleZh,
)
from services.project_management.differences import DifferenceRead
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money


class AcknowledgementCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"call_version": 1}]})

    call_version: Annotated[int, Field(ge=1, le=10_000, description="The newest version that was read")]


class AmendmentCreate(Schema):
    """What is left out stays as it is. After the closing only indicators, offices and approvals are amended, until a
    decision list is put forward."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"summary": "From laboratory to flying part.", "reason": "Two questions were asked often."}]
        }
    )

    title: Line | None = None
    title_zh: TitleZh | None = None
    summary: Prose | None = None
    closes_at: Moment | None = None
    budget: Money | None = None
    ceiling: Money | None = None
    criteria: Criteria | None = None
    terms: CallTermsFields | None = None
    kinds: Kinds | None = None
    regions: Regions | None = None
    sectors: Sectors | None = None
    running_per_organisation: RunningPerOrganisation | None = None
    running_per_person: RunningPerPerson | None = None
    credit: Credit | None = None
    indicators: CallIndicators | None = None
    offices: Offices | None = None
    approvals: Annotated[list[ApprovalStep], Field(max_length=5)] | None = Field(
        default=None, description="Who approves the decision, in this order; separate people. Empty: nobody does"
    )
    form: bool = Field(default=False, description="Take over the application form as its office has changed it")
    reason: Line = Field(description="Everybody who may see the call reads it with the new version")


class JudgementCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "approve", "answer": "As asked for."}]})

    decision: Literal["approve", "decline"]
    answer: Line = Field(description="Why; the other offices read it, and the office that asked")


class SignatureRead(BaseModel):
    subject: str
    at: datetime
    note: str


class SignoffRead(BaseModel):
    office: str
    role: str
    organisation_id: UUID | None
    signed: SignatureRead | None
    next: bool = Field(description="This office signs next")


class AmendmentRead(BaseModel):
    id: UUID
    version: int
    state: State
    reason: str
    answer: str
    changes: list[DifferenceRead]
    signoffs: list[SignoffRead] = Field(description="The offices that sign it, in order")
    call_version: int | None
    created_at: datetime


class VersionRead(BaseModel):
    number: int
    sha256: str
    released_at: datetime
    note: str = Field(description="Why there is this version after the one before")


class VersionList(BaseModel):
    items: list[VersionRead]


class DifferencesRead(BaseModel):
    since: int
    until: int
    changes: list[DifferenceRead]


class NewsRead(DifferencesRead):
    """What changed in the call of an application since its lead last read it."""

    call_id: UUID
    call_title: str
    notes: list[str]
