"""What is asked for and what is shown of a duplicate check."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.duplicates.rules import Kind, State, Verdict
from shared.kernel.schemas import Line, Prose, Schema
from shared.kernel.trace import Clause

Question = Annotated[str, Field(max_length=2_000, description="What the lead is to explain; the lead reads it")]


class VerdictCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"verdict": "not_duplicate", "reason": "The same method, another alloy.", "question": ""}]
        }
    )

    verdict: Verdict
    reason: Line = Field(description="Why; it stays with the programme office")
    question: Question = ""


class ExplanationCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"explanation": "The earlier project made the melt; this one rolls sheet."}]}
    )

    explanation: Annotated[Prose, Field(min_length=1)]


class Piece(BaseModel):
    """A piece of a text, and whether it stands in the other text too."""

    text: str
    same: bool


class FindingRead(BaseModel):
    """Something that is like the application, as far as the reader may see it."""

    id: UUID
    kind: Kind
    title: str
    score: int = Field(description="How alike, in thousandths: all that speaks for it together")
    text: int = Field(description="Thousandths of the shorter text that stand in both")
    people: bool = Field(description="A person of the same name worked on both")
    organisation: bool
    codes: bool = Field(description="The number of a project or contract stands in both")
    amount: bool = Field(description="The same amount")
    again: bool = Field(description="The application hands this one in again")
    reason: str = Field(description="What is alike, in a sentence")
    clause: Clause | None = Field(
        description="What the rule says of it: `unknown` where a person must look; null for whom `office` is null"
    )
    ours: list[Piece]
    theirs: list[Piece]


class DuplicateCheckRead(BaseModel):
    """What the reader may see. `office` is null for whoever takes part in the application."""

    application_id: UUID
    version: int | None = Field(description="To judge or explain with If-Match; null when the reader can do neither")
    checked_at: datetime | None = Field(description="For those to whom `office` is told; null for all others")
    question: str = Field(description="What the lead is asked to explain")
    explanation: str
    findings: list[FindingRead]
    office: "OfficeRead | None"


class OfficeRead(BaseModel):
    """What the programme office and those who oversee it see beside."""

    number: int = Field(description="How many times it was checked")
    state: State
    against: int = Field(description="With how many texts it was compared")
    verdict: Verdict | None
    reason: str
    judged_by: str
    judged_at: datetime | None
    explained_at: datetime | None
