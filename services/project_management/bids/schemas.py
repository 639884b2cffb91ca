"""What is asked for and what is shown of bids."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.project_management.bids.rules import CONFLICT, State
from services.project_management.calls.schemas import Moment
from shared.kernel.marks import N_
from shared.kernel.schemas import Line, Schema

Answer = Literal["eager", "willing", "rather_not", "cannot_judge", "conflict", "neutral"]


class BiddingCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"due_at": "2099-01-01T09:00:00Z", "expert_ids": []}]})

    due_at: Moment = Field(description="When it closes by itself; 24 hours to 30 days from now")
    expert_ids: Annotated[list[UUID], Field(max_length=20_000)] = Field(
        default=[], description="Whom to ask; empty means every expert known who takes no part in the call"
    )


class DueTimeUpdate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"due_at": "2099-01-01T09:00:00Z"}]})

    due_at: Moment = Field(description="When it closes by itself; 24 hours to 30 days from now")


class BidCreate(Schema):
    application_id: UUID
    bid: Answer = Field(description="neutral takes a bid back; conflict declares a conflict of interest")
    reason: Line | Literal[""] = Field(default="", description="Of a conflict; nothing is asked of a bid")

    @model_validator(mode="after")
    def _said_why(self) -> Self:
        if self.bid == CONFLICT and not self.reason:
            raise ValueError(N_("Say what the conflict is."))
        return self


class BidsUpdate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "bids": [
                        {"application_id": "0197e000-0000-7000-8000-000000000001", "bid": "eager"},
                        {
                            "application_id": "0197e000-0000-7000-8000-000000000002",
                            "bid": "conflict",
                            "reason": "I advise the lead.",
                        },
                    ]
                }
            ]
        }
    )

    bids: Annotated[list[BidCreate], Field(max_length=500)] = Field(
        description="Only what is named changes; other bids stay"
    )


class BidderRead(BaseModel):
    id: UUID
    expert_id: UUID
    expert: str
    finished_at: datetime | None
    bids: int = Field(description="How many applications they have said something of")


class BiddingRead(BaseModel):
    """For the office. What was bid stands on the assignment board."""

    id: UUID
    version: int
    call_id: UUID
    state: State
    due_at: datetime
    opened_by: str
    created_at: datetime
    closed_at: datetime | None
    left_out: int = Field(
        description="Experts who were not asked because they take part in the call or may not read its applications"
    )
    asked: list[BidderRead]


class MyBiddingRow(BaseModel):
    id: UUID
    version: int
    call_id: UUID
    call_title: str
    state: State
    due_at: datetime
    finished_at: datetime | None
    bids: int


class MyBiddingList(BaseModel):
    items: list[MyBiddingRow]


class SideRead(BaseModel):
    id: UUID
    name: str
    role: str


class BiddableRead(BaseModel):
    """An application as far as bidders see it: no organisations where the call is double-blind."""

    application_id: UUID
    title: str
    abstract: str = Field(description="Empty once a conflict is declared")
    field: str
    organisations: list[SideRead]
    bid: Answer
    reason: str


class MyBiddingRead(MyBiddingRow):
    blind: bool = Field(description="The call is double-blind: organisations are withheld")
    items: list[BiddableRead] = Field(description="In an order of one's own, so that none gains by standing first")
    next_cursor: str | None
