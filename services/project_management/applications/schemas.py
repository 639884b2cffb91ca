"""What is asked for and what is shown of an application."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.project_management.applications import rules
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Money, SecurityLabel


def _something(value: Money) -> Money:
    if value.amount <= 0:
        raise ValueError(N_("ask for more than nothing"))
    return value


Requested = Annotated[Money, AfterValidator(_something)]
Field_ = Annotated[str, Field(max_length=60, description="Field of research; empty where it is the call's")]
PartnerIds = Annotated[list[UUID], Field(max_length=20, description="Organisations asked to take part")]


class ApplicationCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "call_id": "01970000-0000-7000-8000-000000000001",
                    "title": "Corrosion-resistant magnesium for seat frames",
                    "abstract": "We make a magnesium alloy that survives cabin cleaning.",
                    "requested": {"amount": "2400000.00", "currency": "CNY"},
                    "partner_ids": [],
                }
            ]
        }
    )

    call_id: UUID
    title: Line
    abstract: Prose = ""
    field: Field_ = ""
    requested: Requested
    partner_ids: PartnerIds = Field(default_factory=list)


class ApplicationChange(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"abstract": "We make it and test it in flight."}]})

    title: Line | None = None
    abstract: Prose | None = None
    field: Field_ | None = None
    requested: Requested | None = None
    partner_ids: PartnerIds | None = None


class ApplicationForm(Schema):
    """The whole draft, as its page sends it: partners that are not named are taken off."""

    title: Line
    abstract: Prose = ""
    field: Field_ = ""
    requested: Requested
    partner_ids: PartnerIds = Field(default_factory=list)


class TextForm(Schema):
    """The draft as the page of a partner sends it."""

    title: Line
    abstract: Prose = ""
    field: Field_ = ""


class AttachmentCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"document_id": "01970000-0000-7000-8000-000000000002"}]})

    document_id: UUID


class ConsentCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"decision": "consent", "reason": ""}]})

    decision: Literal["consent", "refuse"]
    reason: Annotated[str, Field(max_length=300, description="Must be given when the partner refuses")] = ""


class WithdrawalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Our test rig is not ready."}]})

    reason: Line


class CheckCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Complete."}]})

    note: Annotated[str, Field(max_length=300)] = ""


class ChecksCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"application_ids": ["01890a5d-ac96-774b-bcce-b302099a8057"], "note": "Complete."}]
        }
    )

    application_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    note: Annotated[str, Field(max_length=300, description="Stands with each of them")] = ""


class ChecksRead(BaseModel):
    """What became of a check of several."""

    checked: int
    already: int = Field(description="Checked by somebody else meanwhile, or not submitted any more; left as they are")


class PartnerRead(BaseModel):
    id: UUID
    name: str
    answer: rules.Answer
    reason: str
    answered_at: datetime | None
    left_at: datetime | None = Field(description="Since when it takes no part, after the submission")
    departure_id: UUID | None = Field(description="The departure that it is asked to make good, until it has consented")


class AttachmentRead(BaseModel):
    id: UUID
    filename: str
    size: int | None
    sha256: str | None


class ApplicationSummary(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    call_title: str
    call_version: int = Field(description="The version of the call that its lead has read")
    call_newest: int = Field(description="The newest version of the call")
    title: str
    abstract: str
    field: str
    requested: Money
    lead_id: UUID
    lead_name: str
    label: SecurityLabel
    state: rules.State
    state_reason: str
    submitted_at: datetime | None
    submitted_version: int | None
    sha256: str | None
    checked: bool
    return_due_at: datetime | None = Field(description="Until when it can be completed, while it is returned")
    earlier_id: UUID | None = Field(description="The application that this one hands in again")
    created_at: datetime


class ApplicationRead(ApplicationSummary):
    partners: list[PartnerRead]
    documents: list[AttachmentRead]


class ApplicationList(BaseModel):
    items: list[ApplicationSummary]
    next_cursor: str | None


class EligibilityRead(BaseModel):
    """`may_submit`: no clause says no, and nothing is open that only the applicant's side can settle."""

    may_submit: bool
    next_question: Clause | None = Field(description="The open clause worth settling next; none while one says no")
    smallest_change: list[str] | None = Field(
        description="The fewest changes after which no clause says no; empty when none is needed, null when none helps"
    )
    trace: DecisionTrace
