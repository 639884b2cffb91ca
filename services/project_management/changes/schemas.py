"""What is asked for and what is shown of a change."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.budgets.schemas import Budget
from services.project_management.changes import rules
from services.project_management.delivery.schemas import Day, PersonFields
from shared.kernel.schemas import Line, Prose, Schema


class MilestoneChange(Schema):
    """What is left out stays as it is."""

    number: Annotated[int, Field(ge=1, le=99)]
    title: Line | None = None
    deliverable: Prose | None = None
    test: Prose | None = None
    due_on: Day | None = None


class ChangeCreate(Schema):
    """Only what belongs to the kind of change is taken over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "time",
                    "reason": "The furnace was delivered three months late.",
                    "milestones": [{"number": 1, "due_on": "2027-09-30"}],
                }
            ]
        }
    )

    kind: rules.Kind
    reason: Line
    ends_on: Day | None = None
    milestones: Annotated[list[MilestoneChange], Field(max_length=40)] = Field(default_factory=list)
    budget: Budget = Field(default_factory=list)
    people: Annotated[list[PersonFields], Field(max_length=200)] = Field(default_factory=list)
    leaving: Annotated[list[UUID], Field(max_length=50)] = Field(
        default_factory=list, description="Partners that leave the project"
    )
    joining: Annotated[list[UUID], Field(max_length=50)] = Field(
        default_factory=list, description="Admitted organisations that join as partners"
    )


class ChangeApprovalCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "The delay is the supplier's."}]})

    note: Prose = ""


class ChangeReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The first milestone can still be met."}]})

    reason: Line


class BookDifferenceRead(BaseModel):
    what: str
    before: str
    after: str


class ChangeRow(BaseModel):
    id: UUID
    version: int
    project_id: UUID
    project_title: str
    number: int
    kind: rules.Kind
    reason: str
    state: rules.State
    created_at: datetime


class ChangeList(BaseModel):
    items: list[ChangeRow]


class ChangeRead(ChangeRow):
    proposal: dict[str, Any]
    differences: list[BookDifferenceRead]
    answer: str
    amendment: int | None = Field(description="Number of the task book's version that followed")
    sha256: str = Field(description="Of that version")
    judged_at: datetime | None
