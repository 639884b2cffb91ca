"""What is asked for and what is shown of progress reports."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.answers.schemas import AnswerFileCreate, AnswerFileRemoval, AnswersUpdate, FaultRead
from services.project_management.delivery.schemas import Day
from services.project_management.reports import rules
from shared.kernel.schemas import Line, Prose, Schema

__all__ = ["AnswerFileCreate", "AnswerFileRemoval", "AnswersUpdate"]


class ReportPlanUpdate(Schema):
    """What is left out of form and parts stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rhythm": "yearly", "final": True, "days": 30, "stops_payments": False}]}
    )

    rhythm: rules.Rhythm
    final: bool = False
    days: Annotated[int, Field(ge=0, le=120, description="After the end of a period, when its report is due")] = 30
    stops_payments: bool = Field(
        default=False, description="A report that is a month late stops the payments of its project"
    )
    form: dict[str, Any] | None = Field(default=None, description="What reports ask, as JSON Schema 2020-12")
    parts: Annotated[list[str], Field(max_length=20)] | None = Field(
        default=None, description="Keys of the sections that each organisation writes for itself"
    )


class ReportTemplateCopy(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"source": "default"}]})

    source: Annotated[
        str, Field(min_length=1, max_length=40, description="`default`, or the call whose template is taken over")
    ]


class ReportPlanRead(BaseModel):
    id: UUID | None
    version: int
    call_id: UUID
    rhythm: rules.Rhythm
    final: bool
    days: int
    stops_payments: bool
    form: dict[str, Any]
    parts: list[str]


class ReportReturnCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Say why the test line is underspent.", "due_on": "2026-12-20"}]}
    )

    reason: Line
    due_on: Day


class ReportAcceptanceCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Complete and clear."}]})

    note: Prose = ""


class ReportLiftCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The project starts in December only."}]})

    reason: Line


class ReportExplanationCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Our accounts are closed in January."}]})

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class LapseRead(BaseModel):
    due_on: date
    grade: int
    response: str
    rule: str
    reason: str
    at: datetime


class ExplanationRead(BaseModel):
    text: str
    at: datetime


class ReportRow(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    project_title: str
    number: int
    kind: rules.Kind
    from_on: date
    until_on: date
    due_on: date
    state: rules.State
    days_late: int
    submitted_at: datetime | None


class ReportList(BaseModel):
    items: list[ReportRow]


class ReportSheetRead(BaseModel):
    section: str
    version: int
    saved_by: str | None
    saved_at: datetime | None
    organisation_id: UUID | None = Field(description="Whose part it is; None for the lead's sections")


class ReportRead(ReportRow):
    stops_payments: bool
    answer: str
    sha256: str
    paper: str | None = Field(description="Number of the receipt, which is the report's paper")
    judged_at: datetime | None
    lapses: list[LapseRead]
    explanations: list[ExplanationRead]
    answers: dict[str, Any]
    filled_in: list[str] = Field(description="Questions that nobody has answered yet, with what the platform knows")
    faults: list[FaultRead]
    sheets: list[ReportSheetRead]
