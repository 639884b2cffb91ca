"""Reads about receipts: what anybody may know of one."""

import hashlib
from typing import Any
from uuid import UUID

from services.project_management.receipts import rules
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

# The snapshot is hashed anew, so that "valid" speaks of what is stored today. Of the application and its people nothing
# is told, of the call only what everybody may read anyway.
_PUBLIC = """SELECT r.*, c.title AS call_title, c.label AS call_label FROM (
        SELECT 'receipt' AS kind, r.number, r.sha256, r.submitted_at, v.content, r.call_id
        FROM receipts r LEFT JOIN application_versions v
             ON v.application_id = r.application_id AND v.number = r.application_version
        UNION ALL
        SELECT 'letter', number, sha256, issued_at, content, call_id FROM letters
        UNION ALL
        SELECT kind, number, sha256, issued_at, content, call_id FROM issued_papers) r
    JOIN calls c ON c.id = r.call_id"""


async def receipt(rows: Rows, number: str) -> dict[str, Any]:
    """A receipt as anybody may see it: number, sha256, submitted_at, call, valid. Raises NotFound."""
    row = await rows.row(f"{_PUBLIC} WHERE r.number = %(number)s", {"number": number})
    if row is None:
        raise NotFound(N_("There is no receipt with this number. Compare it with the paper, sign by sign."))
    return _public(row)


async def receipts_of(rows: Rows, sha256: str) -> list[dict[str, Any]]:
    """Receipts for content with this hash; there is more than one only if the same was handed in twice."""
    found = await rows.rows(
        f"{_PUBLIC} WHERE r.sha256 = %(sha256)s ORDER BY r.submitted_at LIMIT 20",
        {"sha256": sha256},
    )
    return [_public(row) for row in found]


async def number_for(rows: Rows, application_id: UUID, version: int) -> str:
    """The number of the receipt that a submitted version got. Raises NotFound."""
    row = await rows.row(
        "SELECT number FROM receipts WHERE application_id = %(id)s AND application_version = %(version)s",
        {"id": application_id, "version": version},
    )
    if row is None:
        raise NotFound(N_("There is no such submitted version."))
    return str(row["number"])


async def letter(rows: Rows, award_id: UUID, number: str | None = None) -> Row | None:
    """The newest letter about an award, or the one of this number: number, content as text, sha256, issued_at. For
    who has read the award."""
    return await rows.row(
        """SELECT number, content, sha256, issued_at FROM letters
           WHERE award_id = %(award)s AND (%(number)s::text IS NULL OR number = %(number)s)
           ORDER BY issued_at DESC LIMIT 1""",
        {"award": award_id, "number": number},
    )


async def paper(rows: Rows, kind: str, about_id: UUID) -> Row | None:
    """The newest paper of this kind about a thing: number, content as text, sha256, issued_at. For who has read the
    thing."""
    return await rows.row(
        """SELECT number, content, sha256, issued_at FROM issued_papers WHERE kind = %(kind)s AND about_id = %(about)s
           ORDER BY issued_at DESC LIMIT 1""",
        {"kind": kind, "about": about_id},
    )


async def public_keys(rows: Rows) -> list[dict[str, Any]]:
    """Every key that ever signed receipts: id, algorithm, public_key, since."""
    return await rows.rows("SELECT id, 'Ed25519' AS algorithm, public_key, since FROM receipt_keys ORDER BY since, id")


def _public(row: Row) -> dict[str, Any]:
    content, call_id, title = row.pop("content"), row.pop("call_id"), row.pop("call_title")
    row["valid"] = content is not None and hashlib.sha256(content.encode()).hexdigest() == row["sha256"]
    public = row.pop("call_label") == SecurityLabel.PUBLIC.value
    row["call"] = {"id": call_id, "title": title} if public else None
    row["statement"] = rules.statement(row["number"], row["sha256"], row["submitted_at"])
    return row
