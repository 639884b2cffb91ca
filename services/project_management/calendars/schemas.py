"""What is shown of a personal calendar's address."""

from datetime import datetime

from pydantic import BaseModel, Field


class CalendarAddressRead(BaseModel):
    """Keep `url` to yourself: whoever has it reads your deadlines."""

    url: str | None = Field(description="null when there is none, or when the platform's key has changed since")
    made_at: datetime | None
