"""What is asked for and what is shown of an appeal."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.appeals.rules import State
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import DecisionTrace


class AppealCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"grounds": "One review speaks of another application than ours."}]}
    )

    grounds: Annotated[Prose, Field(min_length=1, description="What is wrong with the decision, and what shows it")]


class AppealDecisionCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "dismiss", "reason": "All reviews speak of this application."}]}
    )

    decision: Literal["dismiss", "grant"]
    reason: Line


class AppealRead(BaseModel):
    id: UUID
    version: int
    award_id: UUID
    application_id: UUID
    call_id: UUID
    title: str
    letter: str = Field(description="Number of the letter that it is against")
    grounds: str
    state: State
    answer: str
    decided_at: datetime | None
    trace: DecisionTrace | None = Field(description="What followed when it was granted")
    created_at: datetime
