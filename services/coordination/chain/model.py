"""Every thing of every service with what it arose from, as the facts say it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.coordination.tables import Base
from shared.db.rows import UtcDateTime


class ChainThing(Base, table=True):
    """A thing as its newest fact shows it; `state` keeps the version it came with, for not every fact has one."""

    __tablename__ = "chain_things"
    __table_args__ = (
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="chain_things_label"),
        Index("chain_things_at", "at", "id"),
        Index("chain_things_owners", "owners", postgresql_using="gin"),
        Index("chain_things_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
        Index("chain_things_other", "title_zh", postgresql_using="gin", postgresql_ops={"title_zh": "gin_trgm_ops"}),
    )

    kind: str = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    service: str
    title: str
    title_zh: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Its Chinese title or name, where a fact has told one."""
    title_zh_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    state: str
    state_version: int
    known: bool = False
    """Whether a fact has made it known outside its organisations (`rules.makes_known`)."""
    label: str
    owners: list[UUID] = Field(sa_type=ARRAY(SqlUuid()))
    version: int
    fact: str
    at: datetime = Field(sa_type=UtcDateTime)


class ChainLink(Base, table=True):
    """`to` arose from `from`. Either end may be a thing that no fact has told of yet."""

    __tablename__ = "chain_links"
    __table_args__ = (Index("chain_links_up", "to_kind", "to_id"),)

    from_kind: str = Field(primary_key=True)
    from_id: UUID = Field(primary_key=True)
    to_kind: str = Field(primary_key=True)
    to_id: UUID = Field(primary_key=True)
