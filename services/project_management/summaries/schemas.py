"""What is shown of summaries of reviews."""

from datetime import datetime

from pydantic import BaseModel, Field


class SummaryRead(BaseModel):
    version: int
    number: str = Field(description="Anybody can check the paper by it")
    sha256: str
    issued_at: datetime


class SummaryList(BaseModel):
    items: list[SummaryRead]
