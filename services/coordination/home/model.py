"""When each person was last here."""

from datetime import datetime

from sqlmodel import Field

from services.coordination.tables import Base
from shared.db.rows import UtcDateTime


class Visit(Base, table=True):
    """`seen_at` belongs to this visit; `before_at` is the end of the one before it."""

    __tablename__ = "visits"

    subject: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    before_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
