"""A receipt for what was handed in, and the keys that have signed receipts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.tables import Base
from shared.db.rows import UtcDateTime


class Receipt(Base, table=True):
    """Given with each submitted version, in the same transaction; never changed."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("receipts_application", "application_id", "application_version", unique=True),
        Index("receipts_sha256", "sha256"),
    )

    number: str = Field(primary_key=True)
    application_id: UUID
    application_version: int
    call_id: UUID = Field(foreign_key="calls.id")
    sha256: str
    submitted_at: datetime = Field(sa_type=UtcDateTime)


class ReceiptKey(Base, table=True):
    """A public key with which receipts were signed at some time: what it signed can be checked for ever."""

    __tablename__ = "receipt_keys"

    id: str = Field(primary_key=True)
    public_key: str
    """The 32 bytes of Ed25519 (RFC 8032) in base64."""
    since: datetime = Field(sa_type=UtcDateTime)
