"""What is shown of what was handed in."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.project_management.applications.rules import Answer
from services.project_management.differences import DifferenceRead


class SubmittedVersionRead(BaseModel):
    number: int
    sha256: str
    submitted_at: datetime
    receipt: str | None = Field(description="Number of its receipt; anybody can check it")


class SubmittedVersionList(BaseModel):
    items: list[SubmittedVersionRead]


class ConsentChangesRead(BaseModel):
    organisation_id: UUID
    organisation_name: str
    answer: Answer = Field(description="What it has said to what stands there now")
    consented_at: datetime | None = Field(description="Its last consent; none where it never consented")
    kept: bool = Field(description="Whether what it consented to was kept; of earlier days it was not")
    sha256: str | None = Field(description="Of what it consented to")
    changes: list[DifferenceRead] = Field(description="What differs since then, in texts word by word")


class ChangesRead(BaseModel):
    since: int
    until: int
    changes: list[DifferenceRead]
