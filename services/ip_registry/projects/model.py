"""Projects as project management told them: which organisations research together, and where the money is from."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.ip_registry.tables import Base
from shared.db.rows import Json


class Project(Base, table=True):
    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="projects_label"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    title: str
    state: str
    label: str
    lead_id: UUID
    lead_name: str
    parties: list[dict[str, Any]] = Field(sa_type=Json)
    """Lead and partners: id and name."""
