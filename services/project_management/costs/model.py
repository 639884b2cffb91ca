"""The budget of an application as it is written, organisation by organisation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import Json, UtcDateTime


class CostSheet(Base, table=True):
    """The lines of one organisation, as far as they are written: saved apart, as the sections of a form are, so that
    partners who fill in their own do not meet. What an organisation wrote that takes part no more does not count."""

    __tablename__ = "cost_sheets"

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    section: str = Field(primary_key=True)
    """The organisation's id."""
    version: int = 1
    answers: dict[str, Any] = Field(sa_type=Json)
    """{"lines": [{"category": …, "year": "1", "requested": "240000.00", "own": "0"}]}, also what is not right yet."""
    saved_by: str
    saved_at: datetime = Field(sa_type=UtcDateTime)
