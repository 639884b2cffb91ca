"""What is asked for and what is shown of the early end of a project."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.terminations import rules
from shared.kernel.schemas import Line, Schema

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
_EXAMPLE: dict[str, Any] = {"reason": "The furnace cannot be had any more."}


class TerminationCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"way": "agreement", "reason": _EXAMPLE["reason"], "rights": "stays"}]}
    )

    way: rules.Way = Field(description="By the office, after a delay of three months; or by agreement of both sides")
    reason: Text
    rights: rules.Rights = Field(
        default=rules.Rights.STAYS, description="Whether the agreement holds for what was reached until then"
    )
    document_ids: Annotated[list[UUID], Field(max_length=rules.MOST_FILES)] = Field(
        default_factory=list, description="Evidence: uploaded, clean documents"
    )


class TerminationReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    reason: Text


class ClearanceCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reference": "Bank transfer of 3 March"}]})

    reference: Line = Field(description="Where it can be seen that the balance was paid")


class FileRead(BaseModel):
    id: UUID
    filename: str
    size: int | None
    sha256: str | None


class TerminationRead(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    way: rules.Way
    side: str
    state: rules.State
    reason: str
    rights: rules.Rights
    answer: str
    decision: str
    answer_until: datetime
    decided_at: datetime | None
    trace: dict[str, Any] | None = Field(description="What the money comes to, clause by clause")
    cleared_at: datetime | None
    evidence: list[FileRead]


class TerminationList(BaseModel):
    items: list[TerminationRead]
