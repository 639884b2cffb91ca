"""Every fact of every service, each hash standing on the one before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.coordination.tables import Base
from shared.db.rows import UtcDateTime


class AuditEntry(Base, table=True):
    """One fact as it arrived. `data` is text and not jsonb: the hash is of exactly these characters."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("position > 0", name="audit_entries_position"),
        CheckConstraint("length(hash) = 64 AND length(previous_hash) = 64", name="audit_entries_hashes"),
        Index("audit_entries_time", "time", "event_id"),
        Index("audit_entries_subject", "subject", "time"),
        Index("audit_entries_actor", "actor", "time"),
        Index("audit_entries_type", "type", "time"),
        Index("audit_entries_correlation", "correlation_id"),
        Index("audit_entries_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
    )

    service: str = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_type=BigInteger)
    event_id: UUID = Field(unique=True)
    type: str
    kind: str
    subject: UUID
    version: int
    title: str
    actor: str
    time: datetime = Field(sa_type=UtcDateTime)
    label: str
    owners: list[UUID] = Field(sa_type=ARRAY(SqlUuid()))
    correlation_id: UUID
    causation_id: UUID | None = None
    data: str
    previous_hash: str
    hash: str


class AuditHead(Base, table=True):
    """The end of a service's chain: entries cut off at the end are missed too. Locked while entries are added."""

    __tablename__ = "audit_heads"

    service: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
    hash: str
