"""What is asked for and what is shown of panel meetings."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.calls.schemas import Moment
from services.project_management.panels.rules import MOST, Recommendation, State
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.types import Money

Votes = Annotated[int, Field(ge=0, le=MOST)]


class PanelCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "meets_at": "2099-01-01T09:00:00Z",
                    "place": "Room 3",
                    "expert_ids": ["01970000-0000-7000-8000-000000000001"],
                    "expert_id": "01970000-0000-7000-8000-000000000001",
                    "first": [],
                }
            ]
        }
    )

    meets_at: Moment
    place: Line = Field(description="A room, or the address of a meeting on the net")
    expert_ids: Annotated[list[UUID], Field(max_length=MOST, description="Who sits, beside the chair")]
    expert_id: UUID = Field(description="The chair")
    first: Annotated[list[UUID], Field(max_length=500)] = Field(
        default_factory=list, description="Applications to discuss first; the others by nearness to the funding line"
    )


class RecommendationCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "application_id": "01970000-0000-7000-8000-000000000001",
                    "recommendation": "fund",
                    "note": "A clear plan.",
                    "in_favour": 3,
                    "against": 0,
                    "abstained": 0,
                }
            ]
        }
    )

    application_id: UUID
    recommendation: Recommendation
    note: Prose = Field(default="", description="What was said of it")
    conditions: Annotated[str, Field(max_length=300)] = ""
    reason: Annotated[str, Field(max_length=300, description="Where it moves against the ranking")] = ""
    in_favour: Votes
    against: Votes = 0
    abstained: Votes = 0


class RecusalCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"application_id": "01970000-0000-7000-8000-000000000001", "reason": "I advised the lead last year."}
            ]
        }
    )

    application_id: UUID
    reason: Line


class PanelReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Two members are ill."}]})

    reason: Line


class RecusedRead(BaseModel):
    name: str
    reason: str = Field(description="For the office alone; empty for members")


class MemberRead(BaseModel):
    name: str
    chair: bool
    confirmed_at: datetime | None


class CommentRead(BaseModel):
    score: str = Field(description="Of 10")
    to_panel: str
    to_applicant: str


class ItemRead(BaseModel):
    """An application on the agenda. Of one that the asker is recused from nothing but its title is told."""

    application_id: UUID
    title: str
    recused: bool = Field(description="The asker is")
    number: int | None
    rank: int | None
    mean: str | None
    proposed: str | None = Field(description="What the rule proposes")
    requested: Money | None
    recommendation: Recommendation | None
    note: str
    conditions: str
    reason: str
    in_favour: int
    against: int
    abstained: int
    eligible: int | None = Field(description="How many members may vote on it")
    recusals: list[RecusedRead]
    comments: list[CommentRead]


class PanelRow(BaseModel):
    id: UUID
    call_id: UUID
    call_title: str
    state: State
    meets_at: datetime
    place: str
    closed_at: datetime | None
    chair: bool | None = Field(description="Whether the asker takes the chair; null where the asker does not sit")


class PanelList(BaseModel):
    items: list[PanelRow]


class PanelRead(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    call_title: str
    state: State
    state_reason: str
    meets_at: datetime
    place: str
    sha256: str | None = Field(description="Of the minutes")
    closed_at: datetime | None
    members: list[MemberRead]
    items: list[ItemRead]
