"""Reads about papers: what anybody may know of one."""

import hashlib
from typing import Any
from uuid import UUID

from services.project_management.receipts import rules
from services.project_management.receipts.keys import genuine, unsealed
from services.project_management.snapshots import sha256_of
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

# The snapshot is hashed anew, so that "valid" speaks of what is stored today. Nothing is told of what a paper is about,
# nor of whom: who holds the number or the content knows, and nobody else shall.
_PUBLIC = """SELECT r.* FROM (
        SELECT 'receipt' AS kind, r.number, r.sha256, r.submitted_at, v.content,
               NOT EXISTS (SELECT FROM receipts n WHERE n.application_id = r.application_id
                           AND n.application_version > r.application_version) AS newest
        FROM receipts r LEFT JOIN application_versions v
             ON v.application_id = r.application_id AND v.number = r.application_version
        UNION ALL
        SELECT 'letter', l.number, l.sha256, l.issued_at, l.content,
               NOT EXISTS (SELECT FROM letters n WHERE n.award_id = l.award_id AND n.issued_at > l.issued_at)
        FROM letters l
        UNION ALL
        SELECT p.kind, p.number, p.sha256, p.issued_at, coalesce(p.content, t.content, g.content, m.content),
               NOT EXISTS (SELECT FROM issued_papers n WHERE n.kind = p.kind AND n.about_id = p.about_id
                           AND n.version > p.version)
        FROM issued_papers p
        LEFT JOIN task_book_versions t ON p.kind = 'task_book' AND t.project_id = p.about_id AND t.number = p.version
        LEFT JOIN agreement_versions g ON p.kind = 'agreement' AND g.agreement_id = p.about_id AND g.number = p.version
        LEFT JOIN panels m ON p.kind = 'minutes' AND m.id = p.about_id) r"""


async def receipt(rows: Rows, number: str) -> dict[str, Any]:
    """A paper as anybody may see it: kind, number, sha256, submitted_at, newest, valid. Raises NotFound."""
    row = await rows.row(f"{_PUBLIC} WHERE r.number = %(number)s", {"number": number})
    if row is None:
        raise NotFound(N_("There is no paper with this number. Compare it with the paper, sign by sign."))
    return _public(row)


async def receipts_of(rows: Rows, sha256: str) -> list[dict[str, Any]]:
    """Papers of content with this hash; there is more than one only if the same was handed in twice."""
    found = await rows.rows(
        f"{_PUBLIC} WHERE r.sha256 = %(sha256)s ORDER BY r.submitted_at LIMIT 20",
        {"sha256": sha256},
    )
    return [_public(row) for row in found]


async def papers_of(rows: Rows, file: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a dropped file is: its hash, whether it is sealed and genuine; and the papers that it is or is the content
    of. A number is believed only under a seal that holds."""
    keys = {key["id"]: key["public_key"] for key in await public_keys(rows)}
    sha256, real = sha256_of(file), genuine(file, keys)
    found = await receipts_of(rows, sha256)
    number = rules.named_in(file) if real else ""
    if number and number not in {one["number"] for one in found}:
        row = await rows.row(f"{_PUBLIC} WHERE r.number = %(number)s", {"number": number})
        found += [_public(row)] if row else []
    return {"sha256": sha256, "sealed": unsealed(file) is not None, "genuine": real}, found


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


async def paper(rows: Rows, kind: str, about_id: UUID, version: int | None = None) -> Row | None:
    """The newest paper of this kind about a thing, or that of a version: number, version, content as text, sha256,
    issued_at. For who has read the thing."""
    return await rows.row(
        """SELECT number, version, content, sha256, issued_at FROM issued_papers
           WHERE kind = %(kind)s AND about_id = %(about)s AND (%(version)s::int IS NULL OR version = %(version)s)
           ORDER BY version DESC LIMIT 1""",
        {"kind": kind, "about": about_id, "version": version},
    )


async def numbers(rows: Rows, kind: str, about_id: UUID) -> dict[int, str]:
    """Version → number of its paper; for who has read the thing."""
    found = await rows.rows(
        "SELECT version, number FROM issued_papers WHERE kind = %(kind)s AND about_id = %(about)s",
        {"kind": kind, "about": about_id},
    )
    return {row["version"]: row["number"] for row in found}


async def public_keys(rows: Rows) -> list[dict[str, Any]]:
    """Every key that ever signed receipts: id, algorithm, public_key, since."""
    return await rows.rows("SELECT id, 'Ed25519' AS algorithm, public_key, since FROM receipt_keys ORDER BY since, id")


def _public(row: Row) -> dict[str, Any]:
    content = row.pop("content")
    row["valid"] = content is not None and hashlib.sha256(content.encode()).hexdigest() == row["sha256"]
    row["statement"] = rules.statement(row["number"], row["sha256"], row["submitted_at"])
    return row
