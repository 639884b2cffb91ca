"""What is asked for and what is shown of task books."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.project_management.delivery.rules import Side
from services.project_management.delivery.schemas import TaskBookFields
from shared.kernel.schemas import Schema

_EXAMPLE: JsonDict = {
    "starts_on": "2027-01-01",
    "ends_on": "2028-12-31",
    "milestones": [
        {
            "title": "Alloy composition fixed",
            "deliverable": "Report with the measured strength of 40 samples",
            "due_on": "2027-06-30",
            "tranche": {"amount": "1000000.00", "currency": "CNY"},
        }
    ],
    "budget": [{"category": "staff", "year": 2027, "amount": {"amount": "1000000.00", "currency": "CNY"}}],
}


class TaskBookUpdate(TaskBookFields):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class TaskBookReasonCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The second milestone comes too early."}]})

    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class TaskBookSignature(BaseModel):
    side: Side
    subject: str
    at: datetime


class TaskBookRow(BaseModel):
    number: int
    sha256: str
    at: datetime | None = Field(description="When it was signed or amended; for a draft, when another one followed")
    signatures: list[TaskBookSignature] = Field(
        description="The office's first; of an amendment who agreed and who asked"
    )
    paper: str | None = Field(description="Number of its paper, for signed versions; anybody can check it")
    standing: str = Field(description="`draft` or `returned`, to be signed; `signed`; `amended`; a `former` wording")
    reason: str


class TaskBookList(BaseModel):
    project_id: UUID
    items: list[TaskBookRow] = Field(description="Signed versions, newest first")
    drafts: list[TaskBookRow] = Field(description="Wordings that were not signed by both")


class TaskBookRead(TaskBookRow):
    project_id: UUID
    content: dict[str, Any] = Field(description="Word for word what the SHA-256 was taken of, as canonical JSON")
