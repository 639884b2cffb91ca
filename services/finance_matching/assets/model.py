"""IP assets as the registry told them: who holds one can offer it as a pledge."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.finance_matching.tables import Base


class Asset(Base, table=True):
    """A projection; its source is the IP registry."""

    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="assets_label"),
        Index("assets_holders", "holder_ids", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    title: str
    kind: str
    label: str
    holder_ids: list[UUID] = Field(sa_type=ARRAY(SqlUuid()))
