"""What came of a project, as the IP registry and the catalogue told it: a projection, never written by an action."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.tables import Base


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
