"""What is asked for and what is shown of an assignment."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.reviews.rules import State
from shared.kernel.schemas import Schema
from shared.kernel.trace import DecisionTrace


class AssignmentCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"expert_ids": [], "seed": 7, "cap": 4}]})

    expert_ids: Annotated[list[UUID], Field(max_length=500)] = Field(
        default=[], description="Whom to choose from; empty means every expert known"
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=1, description="Settles ties; the same seed repeats"
    )
    cap: Annotated[int, Field(ge=1, le=50)] = Field(
        default=4, description="At most so many reviews of this call an expert; their own limit counts too"
    )
    mode: Literal["total", "fair"] = Field(
        default="total",
        description="total: the best fit altogether; fair: the worst-off application first, then the best fit",
    )
    bound: Annotated[int, Field(ge=1, le=100)] = Field(
        default=100,
        description="No pair is likelier than so many percent, so that nobody can foresee a reviewer; 100 draws no lot",
    )


class AssignedRead(BaseModel):
    """One review of the plan; `id` is the review's."""

    id: UUID
    version: int
    application_id: UUID
    application: str
    expert_id: UUID
    expert: str
    affinity: int
    state: State


class ConflictRead(BaseModel):
    application_id: UUID
    expert_id: UUID
    expert: str
    kind: str
    reason: str


class AssignmentRead(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    number: int
    seed: int
    cap: int
    bound: int
    made_by: str
    created_at: datetime
    assignments: list[AssignedRead]
    conflicts: list[ConflictRead]
    trace: DecisionTrace


def read_model(row: dict[str, Any]) -> AssignmentRead:
    return AssignmentRead.model_validate(row)
