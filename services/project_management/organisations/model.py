"""Organisations as the catalogue told them: a projection, never written by an action."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import UtcDateTime


class Organisation(Base, table=True):
    """`described` and `version` are the source versions that last set the description and the state."""

    __tablename__ = "organisations"
    __table_args__ = (Index("organisations_name", "name", "id"),)

    id: UUID = Field(primary_key=True)
    version: int
    described: int = 0
    name: str
    name_zh: str = ""
    kind: str = ""
    sector: str = ""
    region: str = ""
    credit: str = ""
    """Its credit standing, once somebody says so."""
    state: str
    admitted_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
