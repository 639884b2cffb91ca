"""What is asked for and what is shown of the answers to a form."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.forms.rules import MOST_QUESTIONS
from shared.kernel.schemas import Schema


class AnswersUpdate(Schema):
    """All answers of one section: what is left out is taken back. Files stay; they are attached apart."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answers": {"aim": "A lighter frame."}}]})

    answers: Annotated[dict[str, Any], Field(max_length=MOST_QUESTIONS)]


class AnswerFileCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "plan", "document_id": "01970000-0000-7000-8000-000000000002"}]}
    )

    question: Annotated[str, Field(min_length=1, max_length=40)]
    document_id: UUID


class AnswerFileRemoval(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "plan", "file": "01970000-0000-7000-8000-000000000002"}]}
    )

    question: Annotated[str, Field(min_length=1, max_length=40)]
    file: UUID


class SheetRead(BaseModel):
    section: str
    version: int = Field(description="For If-Match; 0 before the first save")
    saved_by: str | None
    saved_at: datetime | None


class FaultRead(BaseModel):
    question: str
    path: list[str | int] = Field(description="From the question to the row and column at fault")
    detail: str


class AnswersRead(BaseModel):
    asked: int
    answered: int
    complete: bool
    answers: dict[str, Any]
    strange: dict[str, Any] = Field(description="Answered, but not asked by the form as it is now")
    faults: list[FaultRead]
    sheets: list[SheetRead]
