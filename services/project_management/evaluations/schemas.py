"""What is asked for and what is shown of evaluations."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.delivery.rules import Grade
from services.project_management.evaluations import rules
from services.project_management.indicators.schemas import IndicatorRead as PromisedRead
from services.project_management.indicators.schemas import Number
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money, SecurityLabel

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Score = Annotated[Decimal, Field(ge=0, le=10, max_digits=4, decimal_places=2)]


class EvaluationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "midterm"}]})

    kind: rules.Kind


class IndicatorReport(Schema):
    number: Annotated[int, Field(ge=1, le=99, description="Of the milestone that promised it")]
    reached: rules.Reached = Field(
        default=rules.Reached.NONE, description="Where numbers were promised it follows from what was measured"
    )
    said: Prose = ""


class ValueReport(Schema):
    indicator: Annotated[int, Field(ge=1, le=99, description="Place in the task book's list of numbers, from 1")]
    value: Number | None = Field(default=None, description="What was measured; nothing when left out")


class OutputReport(Schema):
    title: Line
    reference: Line = Field(description="Where it can be found: a DOI, a standard's number, an address")


class ReportCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "report": "Two alloys melted, one tested.",
                    "indicators": [{"number": 1, "reached": "full", "said": "30 samples above 500 MPa."}],
                    "outputs": [{"title": "Fatigue of alloys", "reference": "doi:10.1000/182"}],
                }
            ]
        }
    )

    report: Text
    indicators: Annotated[list[IndicatorReport], Field(max_length=99)] = Field(
        default_factory=list, description="What is left out is not reached"
    )
    values: Annotated[list[ValueReport], Field(max_length=99)] = Field(
        default_factory=list, description="What was measured where numbers were promised; what is left out is nothing"
    )
    outputs: Annotated[list[OutputReport], Field(max_length=100)] = Field(
        default_factory=list, description="Beside the assets and achievements that the platform knows of"
    )


class PanelCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"expert_ids": ["0198a000-0000-7000-8000-000000000001"]}]}
    )

    expert_ids: Annotated[list[UUID], Field(min_length=1, max_length=rules.MOST)]


class EvaluationReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The figures of milestone 2 are missing."}]})

    reason: Line


class SheetScore(Schema):
    criterion: Annotated[str, Field(max_length=20)]
    score: Score


class SheetCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scores": [{"criterion": name, "score": 8} for name in rules.CRITERIA],
                    "to_lead": "Sound work; publish the raw data.",
                }
            ]
        }
    )

    scores: Annotated[list[SheetScore], Field(max_length=20)]
    to_lead: Text = Field(description="The lead reads it without your name")
    to_office: Prose = ""


class EvaluationDecisionCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"grade": "good", "reason": "All indicators reached, one late."}]}
    )

    grade: Grade
    reason: Line


class FollowUpCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "in_use": True,
                    "income": {"amount": "120000.00", "currency": "CNY"},
                    "jobs": 4,
                    "said": "Seat frames of two makers.",
                }
            ]
        }
    )

    in_use: bool = False
    income: Money = Field(description="From the results since the completion")
    jobs: Annotated[int, Field(ge=0, le=1_000_000)]
    said: Text


class MeasureRead(PromisedRead):
    place: int
    value: str | None = Field(description="What was measured")


class IndicatorRead(BaseModel):
    number: int
    title: str
    promised: str
    test: str
    due_on: date
    accepted_on: date | None
    reached: rules.Reached | None
    worth: str = Field(default="", description="Exact part that is reached, where numbers were promised")
    measures: list[MeasureRead] = Field(default_factory=list)
    said: str


class OutputRead(BaseModel):
    kind: str
    title: str
    reference: str


class EvaluationRow(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    project_title: str
    kind: rules.Kind
    state: rules.State
    grade: Grade | None
    created_at: datetime


class FollowUpRead(BaseModel):
    id: UUID
    version: int
    years: int
    due_on: date
    state: rules.FollowUpState
    in_use: bool | None
    income: Money | None
    jobs: int | None
    said: str
    answered_at: datetime | None


class ProjectEvaluations(BaseModel):
    items: list[EvaluationRow]
    follow_ups: list[FollowUpRead]


class SheetRow(BaseModel):
    """A sheet as the office sees it: who, and what is handed in."""

    id: UUID
    expert_name: str
    state: rules.SheetState
    scores: dict[str, str]
    to_lead: str
    to_office: str
    reason: str


class EarlierDecisionRead(BaseModel):
    round: int
    grade: Grade
    grade_reason: str
    decided_at: datetime
    why: str = Field(description="Why it was opened again")
    reopened_at: datetime
    stands: str = Field(description="Why it stands after all; empty where another was made or is being made")
    number: str | None = Field(description="Of its paper")


class EvaluationRead(EvaluationRow):
    label: SecurityLabel
    indicators: list[IndicatorRead]
    outputs: list[OutputRead]
    report: str
    reported_at: datetime | None
    answer: str
    audit: dict[str, Any] | None = Field(description="The money as it stood when the panel was appointed")
    panel: list[SheetRow] = Field(description="For the office only")
    comments: list[str] = Field(description="The panel's to the lead, without names, once it is decided")
    trace: DecisionTrace | None = Field(description="The grade that the rule proposes, once the panel has judged")
    foretold: dict[str, list[str]] = Field(description="What would follow from each grade")
    grade_reason: str
    decided_at: datetime | None
    round: int = Field(description="Rises each time that a decision is opened again")
    decided_round: int | None = Field(description="Of the decision that stands, its panel and comments")
    earlier: list[EarlierDecisionRead] = Field(description="Decisions before this round")


class SheetRead(BaseModel):
    id: UUID
    version: int
    state: rules.SheetState
    project_title: str
    kind: rules.Kind
    report: str
    indicators: list[IndicatorRead]
    outputs: list[OutputRead]
    audit: dict[str, Any] | None
    scores: dict[str, str]
    to_lead: str
    to_office: str
    due_at: datetime


class SheetList(BaseModel):
    items: list[SheetRead]
