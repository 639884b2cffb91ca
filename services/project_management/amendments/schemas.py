"""What is asked for and what is shown of the versions of a call."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.differences import DifferenceRead
from shared.kernel.schemas import Schema


class AcknowledgementCreate(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"call_version": 1}]})

    call_version: Annotated[int, Field(ge=1, le=10_000, description="The newest version that was read")]


class VersionRead(BaseModel):
    number: int
    sha256: str
    released_at: datetime
    note: str = Field(description="Why there is this version after the one before")


class VersionList(BaseModel):
    items: list[VersionRead]


class DifferencesRead(BaseModel):
    since: int
    until: int
    changes: list[DifferenceRead]


class NewsRead(DifferencesRead):
    """What changed in the call of an application since its lead last read it."""

    call_id: UUID
    call_title: str
    notes: list[str]
