"""What is asked for and what is shown of an objection."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.objections.rules import State
from shared.kernel.schemas import Line, Prose, Schema


class ObjectionCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "The lead has published this result already.",
                    "evidence": "Proceedings of 2024, pages 11 to 19.",
                }
            ]
        }
    )

    application_id: UUID | None = Field(default=None, description="One that the notice names; the whole list if absent")
    reason: Line
    evidence: Annotated[Prose, Field(min_length=1, description="What shows it: where it stands, who can confirm it")]


class ObjectionAnswerCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "reject", "answer": "What was published is another alloy."}]}
    )

    decision: Literal["reject", "uphold"]
    answer: Annotated[Prose, Field(min_length=1, description="The reasons, for whoever objected")]


class ObjectionRead(BaseModel):
    id: UUID
    version: int
    decision_id: UUID
    call_id: UUID
    call_title: str
    list_number: int
    application_id: UUID | None
    application_title: str
    name: str = Field(description="Of whoever objects; the office keeps it to itself")
    reason: str
    evidence: str
    state: State
    answer: str
    answered_at: datetime | None
    created_at: datetime


class ObjectionList(BaseModel):
    items: list[ObjectionRead]
