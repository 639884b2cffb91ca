"""What is asked for and what is shown of a review."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from services.project_management.reviews import rules
from shared.kernel.schemas import Line, Prose, Schema, Word
from shared.kernel.types import Money

Score = Annotated[
    Decimal,
    Field(ge=rules.LOWEST, le=100, multiple_of=Decimal("0.5")),
    PlainSerializer(float, return_type=float),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.5}),
]
"""In half points, from 0 to the top of its criterion's scale."""


class DeclineCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "I advised the lead last year.", "conflict": True}]}
    )

    reason: Line
    conflict: bool = Field(default=False, description="True declares a conflict of interest")
    named: Word | Literal[""] = Field(default="", description="Whom you would ask instead, by name")


class CriterionScore(Schema):
    criterion: Word
    score: Score


class ScoresUpdate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scores": [{"criterion": "Novelty", "score": 8}, {"criterion": "Feasibility", "score": 7.5}],
                    "to_applicant": "Clear aim; the test plan needs more fatigue cycles.",
                    "to_panel": "Fund if the budget allows.",
                }
            ]
        }
    )

    scores: Annotated[list[CriterionScore], Field(max_length=20)]
    to_applicant: Prose = Field(default="", description="Sent with the decision, without the reviewer's name")
    to_panel: Prose = Field(default="", description="Read by the programme office only")


class CriterionRead(BaseModel):
    name: str
    weight: str
    scale: str = Field(default="10", description="Scores run from 0 to it")
    anchors: str = Field(default="", description="What single scores mean")


class PlaceRead(BaseModel):
    """An organisation of the application, to find conflicts of interest by."""

    id: UUID
    name: str
    role: str


class ChangeRead(BaseModel):
    """An organisation that joined or left after the submission."""

    name: str = Field(description="Empty where reviewers are not told who applies")
    joined: bool
    at: datetime


class NamedRead(BaseModel):
    """Somebody the application names."""

    name: str
    role: str
    part: str
    organisation: str


class ReviewRow(BaseModel):
    id: UUID
    version: int
    state: rules.State
    call_id: UUID
    call_title: str
    application_id: UUID
    application_title: str
    field: str
    organisations: list[PlaceRead]
    changes: list[ChangeRead] = Field(description="Of who takes part, since the submission")
    people: list[NamedRead] = Field(description="Empty in a double-blind call")
    due_at: datetime


class ReviewList(BaseModel):
    items: list[ReviewRow]
    next_cursor: str | None


class DocumentLine(BaseModel):
    id: UUID
    filename: str
    size: int | None
    sha256: str | None


class ApplicationText(BaseModel):
    """What a reviewer reads after accepting."""

    abstract: str
    requested: Money
    documents: list[DocumentLine]
    answers: dict[str, Any] = Field(description="To the call's form, without what reviewers shall not know")
    withheld: int = Field(description="How many answers are withheld because they tell who applies")


class ScoreRead(BaseModel):
    criterion: str
    score: float
    scale: str = Field(description="Scores run from 0 to it")


class ReviewRead(ReviewRow):
    reason: str
    named: str = Field(description="Whom the reviewer who declined named instead")
    criteria: list[CriterionRead]
    application: ApplicationText | None = Field(description="None before the invitation is accepted")
    scores: list[ScoreRead]
    to_applicant: str
    to_panel: str
    total: float | None
    completed_at: datetime | None


def read_model(row: dict[str, Any]) -> ReviewRead:
    return ReviewRead.model_validate(row)
