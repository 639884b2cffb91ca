"""Writes about receipts, letters and the numbers of papers."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from services.project_management.receipts import rules
from services.project_management.receipts.keys import SigningKey
from services.project_management.receipts.model import IssuedPaper, Letter, Receipt
from services.project_management.snapshots import canonical
from shared.db.work import Work


def give_receipt(
    work: Work, *, application_id: UUID, version: int, call_id: UUID, sha256: str, submitted_at: datetime
) -> Receipt:
    """A receipt for a version handed in just now, in the same transaction."""
    receipt = Receipt(
        number=rules.number_of(secrets.token_bytes(6)),
        application_id=application_id,
        application_version=version,
        call_id=call_id,
        sha256=sha256,
        submitted_at=submitted_at,
    )
    work.add(receipt)
    return receipt


def issue_letter(work: Work, *, award_id: UUID, call_id: UUID, content: dict[str, Any]) -> Letter:
    """A letter about a decision made just now, in the same transaction; its number is part of what is hashed."""
    number = rules.number_of(secrets.token_bytes(6))
    text, sha256 = canonical({"number": number, **content})
    letter = Letter(number=number, award_id=award_id, call_id=call_id, content=text, sha256=sha256, issued_at=work.now)
    work.add(letter)
    return letter


def issue_paper(
    work: Work, *, kind: str, about_id: UUID, call_id: UUID, content: dict[str, Any], version: int = 1
) -> str:
    """The paper of a version that exists from now on, in the same transaction. Returns its number."""
    text, sha256 = canonical(content)
    return _issued(work, kind, about_id, version, call_id, text, sha256)


def number_paper(work: Work, *, kind: str, about_id: UUID, call_id: UUID, sha256: str, version: int = 1) -> str:
    """The paper of a version that the thing itself keeps word for word. Returns its number."""
    return _issued(work, kind, about_id, version, call_id, None, sha256)


def _issued(
    work: Work, kind: str, about_id: UUID, version: int, call_id: UUID, content: str | None, sha256: str
) -> str:
    paper = IssuedPaper(
        number=rules.number_of(secrets.token_bytes(6)),
        kind=kind,
        about_id=about_id,
        version=version,
        call_id=call_id,
        content=content,
        sha256=sha256,
        issued_at=work.now,
    )
    work.add(paper)
    return paper.number


async def publish_key(work: Work, key: SigningKey) -> None:
    """Make the public half known for ever, so that what it signs can still be checked when another key signs."""
    await work.execute(
        """INSERT INTO receipt_keys (id, public_key, since) VALUES (%(id)s, %(public)s, %(now)s)
           ON CONFLICT (id) DO NOTHING""",
        {"id": key.id, "public": key.public, "now": work.now},
    )
