"""The secret address of somebody's own calendar."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.tables import Aggregate
from shared.contracts.project_calendars import CalendarAddressMade, CalendarAddressRevoked
from shared.db.rows import UtcDateTime
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel


class CalendarAddress(Aggregate, table=True):
    __tablename__ = "calendar_addresses"
    __table_args__ = (
        Index("calendar_addresses_sha256", "sha256", unique=True),
        Index("calendar_addresses_current", "subject", unique=True, postgresql_where="revoked_at IS NULL"),
    )

    subject: str
    language: str
    """In which the calendar speaks: programs that read it say no language."""
    sha256: str
    """Of the secret, which is kept nowhere."""
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def made(self) -> CalendarAddressMade:
        return CalendarAddressMade(version=self.version, subject=self.subject, **self._frame())

    def revoke(self, now: datetime) -> CalendarAddressRevoked:
        self.revoked_at = now
        return CalendarAddressRevoked(version=self.touch(), subject=self.subject, **self._frame())

    def _frame(self) -> dict[str, Any]:
        return {"id": self.id, "title": N_("Address of a personal calendar"), "label": SecurityLabel.CONFIDENTIAL}
