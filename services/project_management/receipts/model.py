"""Receipts for what was handed in, letters about what was decided, further papers, and the keys that signed them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
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


class Letter(Base, table=True):
    """Issued with each decision about an application; a later decision has a letter of its own. Never changed."""

    __tablename__ = "letters"
    __table_args__ = (Index("letters_award", "award_id", "issued_at"), Index("letters_sha256", "sha256"))

    number: str = Field(primary_key=True)
    award_id: UUID
    call_id: UUID = Field(foreign_key="calls.id")
    content: str
    """The canonical JSON that `sha256` was taken of."""
    sha256: str
    issued_at: datetime = Field(sa_type=UtcDateTime)


class IssuedPaper(Base, table=True):
    """A version of something that was handed in, signed or decided, with the number of its paper. Never changed."""

    __tablename__ = "issued_papers"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('report', 'review', 'summary', 'minutes', 'task_book', 'agreement', 'evaluation')",
            name="issued_papers_kind",
        ),
        Index("issued_papers_version", "kind", "about_id", "version", unique=True),
        Index("issued_papers_sha256", "sha256"),
    )

    number: str = Field(primary_key=True)
    kind: str
    about_id: UUID
    version: int
    """Of the thing that it is about: a report that is handed in anew, an amended task book."""
    call_id: UUID = Field(foreign_key="calls.id")
    content: str | None
    """The canonical JSON that `sha256` was taken of; none where the thing keeps its versions word for word itself, so
    that a check speaks of what is shown there."""
    sha256: str
    issued_at: datetime = Field(sa_type=UtcDateTime)


class ReceiptKey(Base, table=True):
    """A public key with which receipts were signed at some time: what it signed can be checked for ever."""

    __tablename__ = "receipt_keys"

    id: str = Field(primary_key=True)
    public_key: str
    """The 32 bytes of Ed25519 (RFC 8032) in base64."""
    since: datetime = Field(sa_type=UtcDateTime)
