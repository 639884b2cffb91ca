"""What this service knows of projects: which organisations work in one, and whether it still runs."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.resource_catalog.tables import Base


class Project(Base, table=True):
    """A projection; its source is project management."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'completed', 'terminated')", name="projects_state"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="projects_label"),
        Index("projects_organisations", "organisation_ids", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    title: str
    state: str
    label: str
    lead_name: str
    organisation_ids: list[UUID] = Field(sa_type=ARRAY(SqlUuid()))
