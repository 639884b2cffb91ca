"""What is asked for and what is shown of a requirement."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_serializer, model_validator

from services.project_management.calls.rules import Phase, Stage
from services.project_management.calls.schemas import Field_, TitleZh
from services.project_management.indicators.rules import Direction, baseline_fault
from services.project_management.indicators.schemas import Number, Unit, plain
from services.project_management.requirements import rules
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import SecurityLabel

Short = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Indicator(Schema):
    """What a result is measured by, in the field's own words."""

    what: Short = Field(description="The quantity, such as grain size")
    value: Short = Field(description="What is wanted, such as ≤ 18")
    unit: Unit = ""
    direction: Direction | None = Field(default=None, description="With a target: whether more or less is better")
    target: Number | None = Field(default=None, description="The wanted value as a number")
    baseline: Number | None = Field(default=None, description="What is reached today")

    @model_validator(mode="after")
    def _measured(self) -> Self:
        if (self.direction is None) != (self.target is None):
            raise ValueError(N_("Give the target as a number and say whether more or less is better, or neither."))
        if self.direction and self.target is not None:
            if fault := baseline_fault(self.direction, self.target, self.baseline):
                raise ValueError(fault)
        elif self.baseline is not None:
            raise ValueError(N_("A starting value needs a target."))
        return self

    @model_serializer
    def _kept(self) -> dict[str, str]:
        """Words alone read as before there were numbers."""
        words = {"what": self.what, "value": self.value, "unit": self.unit}
        if not self.direction or self.target is None:
            return words
        start = "" if self.baseline is None else plain(self.baseline)
        return words | {"direction": self.direction.value, "target": plain(self.target), "baseline": start}


Indicators = Annotated[list[Indicator], Field(max_length=10, description="At least one before it is put forward")]
Problem = Annotated[Prose, Field(description="What cannot be done today, and what that costs")]
OptionalReason = Annotated[str, Field(max_length=300)]
Others = Annotated[list[UUID], Field(min_length=1, max_length=50)]


class RequirementCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Bearing cages that run without oil",
                    "title_zh": "无油润滑轴承保持架",
                    "problem": "Cages of bronze seize after forty hours without oil; inspection flights are cut short.",
                    "indicators": [{"what": "Running time without oil", "value": "≥ 200", "unit": "h"}],
                    "field": "advanced materials",
                    "stage": "research",
                    "urgency": "short_term",
                    "label": "internal",
                }
            ]
        }
    )

    title: Line
    title_zh: TitleZh = ""
    problem: Problem = ""
    indicators: Indicators = Field(default_factory=list)
    field: Field_
    stage: Stage
    urgency: rules.Urgency
    label: SecurityLabel = SecurityLabel.INTERNAL


class RequirementChange(Schema):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"urgency": "immediate"}]})

    title: Line | None = None
    title_zh: TitleZh | None = None
    problem: Problem | None = None
    indicators: Indicators | None = None
    field: Field_ | None = None
    stage: Stage | None = None
    urgency: rules.Urgency | None = None
    label: SecurityLabel | None = None


class WithdrawalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "We have found a supplier."}]})

    reason: Annotated[OptionalReason, Field(description="Needed once the requirement is put forward")] = ""


class AnswerCreate(Schema):
    """The office's reason, read by whoever asked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "A call on the same subject was decided in May."}]}
    )

    reason: Line


class MergerCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "requirement_ids": ["01920000-0000-7000-8000-000000000001"],
                    "reason": "Both ask for the same running time without oil.",
                }
            ]
        }
    )

    requirement_ids: Annotated[Others, Field(description="The requirements that are followed up in this one")]
    reason: Line


class CompilationCreate(Schema):
    """A new requirement of the programme office, into which others are merged. It bears the highest of their labels."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "requirement_ids": [
                        "01920000-0000-7000-8000-000000000001",
                        "01920000-0000-7000-8000-000000000002",
                    ],
                    "reason": "Two sides of one problem.",
                    "title": "Dry-running bearings",
                    "title_zh": "干运转轴承",
                    "problem": "Cages and rings both fail without oil.",
                    "indicators": [{"what": "Running time without oil", "value": "≥ 200", "unit": "h"}],
                    "field": "advanced materials",
                    "stage": "research",
                    "urgency": "short_term",
                }
            ]
        }
    )

    requirement_ids: Annotated[Others, Field(min_length=2)]
    reason: Line
    title: Line
    title_zh: TitleZh = ""
    problem: Problem
    indicators: Indicators
    field: Field_
    stage: Stage
    urgency: rules.Urgency


class IndicatorRead(BaseModel):
    what: str
    value: str
    unit: str
    direction: Direction | None = None
    target: str = Field(default="", description="The wanted value as a number")
    baseline: str = Field(default="", description="What is reached today")


class RequirementRow(BaseModel):
    id: UUID
    version: int
    title: str
    title_zh: str
    field: str
    stage: Stage
    urgency: rules.Urgency
    label: SecurityLabel
    state: rules.State
    priority: rules.Priority | None
    organisation_id: UUID
    organisation_name: str
    put_forward_at: datetime | None
    created_at: datetime


class RequirementList(BaseModel):
    items: list[RequirementRow]
    next_cursor: str | None


class OpinionRead(BaseModel):
    expert: str | None = Field(description="Told to the programme office only")
    importance: int
    feasibility: int
    comment: str


class MergedInto(BaseModel):
    """Where the requirement went, for those whose clearance reaches it."""

    id: UUID | None = Field(description="None for who may not open it")
    title: str
    state: rules.State
    state_reason: str


class MergedFrom(BaseModel):
    id: UUID
    title: str
    organisation_name: str


class CallLine(BaseModel):
    id: UUID
    title: str
    phase: Phase


class RequirementRead(RequirementRow):
    problem: str
    indicators: list[IndicatorRead]
    state_reason: str
    put_forward_version: int | None
    sha256: str | None
    priority_trace: DecisionTrace | None
    asked_by: int = Field(description="How many organisations ask for this, those merged into it counted")
    opinions: list[OpinionRead] = Field(description="For its organisation once the consultation is over")
    merged_into: MergedInto | None
    merged_from: list[MergedFrom] = Field(description="Those that you may see")
    calls: list[CallLine] = Field(description="Calls drafted from it, as far as you may see them")


class SimilarRead(BaseModel):
    id: UUID
    title: str
    title_zh: str
    state: rules.State
    organisation_name: str
    similarity: float = Field(description="0 to 1, the highest of title, Chinese title and problem")


class SimilarList(BaseModel):
    items: list[SimilarRead]
