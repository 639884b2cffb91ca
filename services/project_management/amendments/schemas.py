"""What is asked for and what is shown of the versions of a call."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.differences import Difference
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


class PartRead(BaseModel):
    kind: Literal["same", "added", "removed"]
    text: str


class DifferenceRead(BaseModel):
    field: str
    before: str
    after: str
    parts: list[PartRead]

    @classmethod
    def of(cls, difference: Difference) -> "DifferenceRead":
        parts = [PartRead(kind=kind, text=text) for kind, text in difference.parts]
        return cls(field=difference.field, before=difference.before, after=difference.after, parts=parts)


class DifferencesRead(BaseModel):
    since: int
    until: int
    changes: list[DifferenceRead]


class NewsRead(DifferencesRead):
    """What changed in the call of an application since its lead last read it."""

    call_id: UUID
    call_title: str
    notes: list[str]
