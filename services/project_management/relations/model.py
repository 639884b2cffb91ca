"""A relation between two people, declared by one of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id


class Relation(Base, table=True):
    """No fact is said: whom somebody is close to is told to nobody but an office that must know it. What was taken back
    stays, for a review may have been given or kept back by it."""

    __tablename__ = "declared_relations"
    __table_args__ = (
        CheckConstraint("kind IN ('supervised', 'supervised_by', 'close')", name="declared_relations_kind"),
        Index("declared_relations_subject", "subject"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subject: str
    """Who declared it."""
    kind: str
    name: str
    orcid: str = ""
    organisation_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    note: str = ""
    declared_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
