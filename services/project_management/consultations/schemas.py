"""What is asked for and what is shown of a consultation."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.requirements.rules import OpinionState, Priority
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import DecisionTrace

Rating = Annotated[int, Field(ge=1, le=5)]


class ConsultationCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"expert_ids": ["01920000-0000-7000-8000-000000000001"]}]}
    )

    expert_ids: Annotated[list[UUID], Field(min_length=1, max_length=50, description="Experts to invite")]


class OpinionUpdate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"importance": 4, "feasibility": 3, "comment": "Wanted by every maker of small engines."}]
        }
    )

    importance: Rating = Field(description="1 (hardly) to 5 (very)")
    feasibility: Rating = Field(description="1 (hardly) to 5 (very)")
    comment: Prose = Field(default="", description="Its organisation reads it later, without your name")


class RecusalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "I advise this company."}]})

    reason: Line


class PriorityCreate(Schema):
    """Blank: the priority that the rule computes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"priority": "high", "reason": "Named in the joint plan."}]}
    )

    priority: Priority | None = None
    reason: Annotated[str, Field(max_length=300, description="Needed for a priority of your own")] = ""


class CandidateRead(BaseModel):
    """An expert who can sign in; `barred` says why they are not asked."""

    id: UUID
    name: str
    fields: list[str]
    knows: bool = Field(description="Works in the requirement's own field")
    barred: str
    opinion: OpinionState | None = Field(description="Of an invitation already sent")


class CandidateList(BaseModel):
    items: list[CandidateRead]


class PriorityRead(BaseModel):
    """What the rule gives on what is known now; nothing is decided by asking."""

    trace: DecisionTrace


class OpinionRead(BaseModel):
    """Your own."""

    requirement_id: UUID
    requirement_title: str
    version: int
    state: OpinionState
    importance: int | None
    feasibility: int | None
    comment: str
    due_at: datetime
