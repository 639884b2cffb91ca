"""What every row has, and column types that SQLModel does not choose well by itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Numeric, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from shared.kernel.clock import system_clock
from shared.kernel.ids import new_id


class UtcDateTime(TypeDecorator[datetime]):
    """timestamptz; a naive datetime is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        return value


class MoneyAmount(TypeDecorator[Any]):
    """numeric(18, 2)."""

    impl = Numeric(18, 2)
    cache_ok = True


class Json(TypeDecorator[Any]):
    """jsonb. Replace the value; an edit in place is not seen."""

    impl = JSONB(none_as_null=True)
    cache_ok = True


class Versioned(SQLModel):
    """An aggregate's row: `version` rises by one with every fact about it."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = Field(default=1)
    created_at: datetime = Field(default_factory=system_clock, sa_type=UtcDateTime)

    def touch(self) -> int:
        """Raise the version; a transition calls it and puts the result into its event."""
        self.version += 1
        return self.version
