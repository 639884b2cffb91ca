"""What is asked for and what is shown of rankings and awards."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.awards.rules import Outcome
from shared.kernel.schemas import Line, Schema
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money


class OverrideCreate(Schema):
    """The officer's own choice for one application, with the reason that the applicant reads."""

    application_id: UUID
    outcome: Literal["funded", "reserve", "declined"]
    reason: Line


class DecisionCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "As ranked by the experts."}]})

    reason: Line
    overrides: Annotated[list[OverrideCreate], Field(max_length=200)] = Field(
        default=[], description="Where the officer decides otherwise than the rule; the budget binds all the same"
    )


class RankedRead(BaseModel):
    application_id: UUID
    title: str
    lead: str
    requested: Money
    rank: int
    mean: float | None
    sd: float | None
    reviews: int
    outcome: Outcome = Field(description="What the rule proposes; what was decided once the call is decided")
    reason: str
    above_line: bool = Field(description="Whether the budget would reach it if it were spent strictly by rank")


class RankingRead(BaseModel):
    id: UUID = Field(description="The call's id")
    version: int
    call_id: UUID
    state: str
    complete: bool = Field(description="Every review is in")
    budget: Money
    spent: Money
    left: Money
    items: list[RankedRead]
    trace: DecisionTrace


class DecisionRead(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    reason: str
    decided_by: str
    created_at: datetime
    trace: DecisionTrace


class AwardRow(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    call_title: str
    application_id: UUID
    title: str
    lead: str
    outcome: Outcome
    amount: Money
    reason: str
    decided_at: datetime


class AwardList(BaseModel):
    items: list[AwardRow]
    next_cursor: str | None


class AwardRead(AwardRow):
    comments: list[str] = Field(description="The reviewers' comments to the applicant, in no order that tells whose")
    project_id: UUID | None
