"""What is shown of the service's outages."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class OutageRead(BaseModel):
    id: UUID
    started_at: datetime
    ended_at: datetime
    seconds: int
    calls: int = Field(description="How many calls close later for it")


class OutageList(BaseModel):
    items: list[OutageRead]
