"""What is asked for and what is shown of projects and milestones."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.project_management.budgets.schemas import Budget
from services.project_management.delivery import rules
from services.project_management.indicators.schemas import IndicatorFields
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money, Sector, SecurityLabel


def _in_reach(value: date) -> date:
    if not 2000 <= value.year <= 2100:
        raise ValueError(N_("choose a day between the years 2000 and 2100"))
    return value


Day = Annotated[date, AfterValidator(_in_reach)]


class MilestoneFields(Schema):
    title: Line
    deliverable: Prose = Field(default="", description="What will be there, and how one can see that it is")
    test: Prose = Field(
        default="", description="How it is found out that the deliverable does what it should; may be empty"
    )
    due_on: Day
    tranche: Money = Field(description="Released at the gate behind the accepted milestone")


class PromiseFields(IndicatorFields):
    milestone: Annotated[
        int, Field(ge=1, le=rules.MOST_MILESTONES, description="Number of the milestone it belongs to")
    ]

    def kept(self) -> dict[str, str]:
        return {"milestone": str(self.milestone)} | super().kept()


class PersonFields(Schema):
    name: Line
    part: Line = Field(description="What the person does in the project")


class TaskBookFields(Schema):
    starts_on: Day
    ends_on: Day
    milestones: Annotated[list[MilestoneFields], Field(min_length=1, max_length=rules.MOST_MILESTONES)]
    budget: Budget = Field(default_factory=list)
    indicators: Annotated[list[PromiseFields], Field(max_length=99)] | None = Field(
        default=None, description="What is promised as a number; a new wording keeps them when left out"
    )
    people: Annotated[list[PersonFields], Field(max_length=200)] | None = Field(
        default=None, description="Who works in it beside its leader; the members of the application when left out"
    )


class ProjectCreate(TaskBookFields):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "application_id": "0198a000-0000-7000-8000-000000000001",
                    "starts_on": "2027-01-01",
                    "ends_on": "2028-12-31",
                    "milestones": [
                        {
                            "title": "Alloy composition fixed",
                            "deliverable": "Report with the measured strength of 30 samples",
                            "due_on": "2027-06-30",
                            "tranche": {"amount": "400000.00", "currency": "CNY"},
                        },
                        {
                            "title": "Pilot melt",
                            "deliverable": "Ten ingots with test certificates",
                            "due_on": "2028-09-30",
                            "tranche": {"amount": "600000.00", "currency": "CNY"},
                        },
                    ],
                    "budget": [
                        {
                            "category": "equipment",
                            "year": 2027,
                            "amount": {"amount": "600000.00", "currency": "CNY"},
                        },
                        {"category": "staff", "year": 2028, "amount": {"amount": "400000.00", "currency": "CNY"}},
                    ],
                }
            ]
        }
    )

    application_id: UUID


class SignatureCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    side: rules.Side | None = Field(default=None, description="Needed only by somebody who may sign for either side")


class EvidenceCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"document_id": "0198a000-0000-7000-8000-000000000002", "note": "Report and raw measurements."}
            ]
        }
    )

    document_id: UUID = Field(description="An uploaded, clean document")
    note: Prose = ""


class AcceptanceCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"note": "Strength shown on all samples.", "findings": "30 of 30 samples above 500 MPa."}]
        }
    )

    note: Prose = ""
    findings: Prose = Field(default="", description="What the acceptance test showed, where one was agreed")


class ReturnCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Five of the 30 certificates are missing."}]})

    reason: Line


class OrganisationRead(BaseModel):
    id: UUID
    name: str


class EvidenceRead(BaseModel):
    id: UUID
    filename: str
    size: int | None
    sha256: str | None


class LapseRead(BaseModel):
    due_on: date
    grade: int
    response: str
    rule: str
    reason: str
    at: datetime


class ExplanationRead(BaseModel):
    number: int
    due_on: date
    text: str
    given_at: datetime


class MilestoneRead(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    project_title: str
    number: int
    title: str
    deliverable: str
    due_on: date
    tranche: Money
    state: rules.MilestoneState
    note: str
    answer: str
    test: str
    findings: str
    evidence: list[EvidenceRead]
    released_at: datetime | None = Field(description="When the tranche passed the payment gate")
    gate: dict[str, Any] = Field(description="What the payment gate asks, clause by clause")
    lapses: list[LapseRead] = Field(description="Responses to a missed day, each by its rule")
    explanations: list[ExplanationRead] = Field(description="The lead's, of delays")
    submitted_at: datetime | None
    judged_at: datetime | None


class ProjectRow(BaseModel):
    id: UUID
    version: int
    title: str
    state: rules.ProjectState
    call_id: UUID
    application_id: UUID
    lead: OrganisationRead
    field: str
    amount: Money
    starts_on: date
    ends_on: date


class ProjectListed(ProjectRow):
    """A project in the list."""

    next_due: date | None = Field(description="Of the milestones that are not shown yet, the nearest day")
    waits: list[rules.Waiting] = Field(description="What of it is late or waits for the programme office")


class ProjectList(BaseModel):
    items: list[ProjectListed]
    next_cursor: str | None


class SignatureRead(BaseModel):
    side: rules.Side
    subject: str
    signed_at: datetime


class AgreementRef(BaseModel):
    id: UUID
    state: str
    in_force: int | None
    sha256: str


class ProjectRead(ProjectRow):
    partners: list[OrganisationRead]
    stage: str
    region: str
    sector: Sector
    label: SecurityLabel
    abstract: str
    paid: Money
    remaining: Money
    sha256: str = Field(description="Of the task book as it was signed")
    signatures: list[SignatureRead]
    milestones: list[MilestoneRead]
    agreement: AgreementRef | None = Field(description="On the results; the project starts once it is in force")
    grade: rules.Grade | None
    grade_reason: str
    completed_at: datetime | None
