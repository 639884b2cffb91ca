"""What came of a project, as the IP registry and the catalogue told it: a projection, never written by an action."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, Uuid
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import UtcDateTime


class Invention(Base, table=True):
    """A disclosure with whom it names as inventors: they do not judge each other for some years."""

    __tablename__ = "inventions"
    __table_args__ = (Index("inventions_disclosed", "disclosed_at"),)

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    inventors: list[str] = Field(sa_type=ARRAY(Text))
    inventor_ids: list[UUID | None] = Field(default_factory=list, sa_type=ARRAY(Uuid))
    """Records of the catalogue, in the same order where it was told; a name alone is compared at the organisation."""
    disclosed_at: datetime = Field(sa_type=UtcDateTime)


class Output(Base, table=True):
    __tablename__ = "project_outputs"
    __table_args__ = (
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="project_outputs_label"),
        Index("project_outputs_project", "project_id"),
    )

    kind: str = Field(primary_key=True)
    """asset or achievement."""
    id: UUID = Field(primary_key=True)
    version: int
    project_id: UUID
    title: str
    what: str
    """patent, software, process …, as the other service calls it."""
    label: str
