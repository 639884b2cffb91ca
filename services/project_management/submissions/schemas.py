"""What is shown of what was handed in."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.project_management.differences import DifferenceRead


class SubmittedVersionRead(BaseModel):
    number: int
    sha256: str
    submitted_at: datetime
    receipt: str | None = Field(description="Number of its receipt; anybody can check it")


class SubmittedVersionList(BaseModel):
    items: list[SubmittedVersionRead]


class ChangesRead(BaseModel):
    since: int
    until: int
    changes: list[DifferenceRead]
