"""What is asked for and what is shown of what people keep."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.project_management.calls.rules import Phase
from shared.kernel.schemas import Schema, Word


class SearchCreate(Schema):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Light alloys", "search": "alloy", "phase": ["open"], "alert": True}]}
    )

    name: Word = Field(description="Saved under this name before, it is replaced")
    search: Annotated[str, Field(max_length=200, description="A part of the title, as in the list of calls")] = ""
    phase: Annotated[list[Phase], Field(max_length=10, description="Empty means any")] = Field(default_factory=list)
    alert: bool = Field(default=False, description="Tell me of each new call that matches")


class SavedCallRead(BaseModel):
    call_id: UUID
    title: str
    title_zh: str
    phase: Phase
    closes_at: datetime
    saved_at: datetime
    news: str = Field(description="The task that waits: changed, closing, cancelled; empty when nothing is new")


class SavedSearchRead(BaseModel):
    id: UUID
    name: str
    search: str
    phases: list[Phase]
    alert: bool
    news: str


class SavedList(BaseModel):
    calls: list[SavedCallRead]
    searches: list[SavedSearchRead]
