"""Keeping what was said: the texts of records, applications, projects and results, and the passages common to many.

By the clock and from the rows themselves, so that what was there before this check, or was brought in while it stood
still, is caught up with; a text that changed is kept anew.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.project_management.duplicates.model import CommonPassage, KnownText
from services.project_management.duplicates.passages import Profile, Said
from services.project_management.duplicates.rules import Kind
from shared.db.work import Row, Rows, Work

BATCH = 500
BATCHES = 4
"""In one go, so that the transaction stays short: 2,000 texts a tick."""
COMMON, COMMON_SHARE = 50, 0.001
"""Texts in which a passage must stand to say nothing: so many, and this share of all."""
GROWTH = 1.2
"""Common passages are counted again when there are so many times the texts."""

_KEEP = f"""
INSERT INTO {KnownText.__tablename__} (id, kind, of_id, title, abstract, people, organisations, number, amount, label,
                                       parties, said_at, marks, passages)
VALUES (%(id)s, %(kind)s, %(of_id)s, %(title)s, %(abstract)s, %(people)s, %(organisations)s, %(number)s, %(amount)s,
        %(label)s, %(parties)s, %(said_at)s, %(marks)s, %(passages)s)
ON CONFLICT (id) DO UPDATE
SET of_id = excluded.of_id, title = excluded.title, abstract = excluded.abstract, people = excluded.people,
    organisations = excluded.organisations, number = excluded.number, amount = excluded.amount, label = excluded.label,
    parties = excluded.parties, said_at = excluded.said_at, marks = excluded.marks, passages = excluded.passages
WHERE excluded.said_at >= known_texts.said_at
"""  # noqa: S608 -- our own table name
_PENDING_RECORDS = """
SELECT e.id, e.title, e.abstract, e.people, e.institution, e.number, e.amount, e.imported_at
FROM earlier_projects e
WHERE NOT EXISTS (SELECT FROM known_texts t WHERE t.id = e.id AND t.said_at >= e.imported_at)
LIMIT %(most)s
"""
_APPLICATIONS = """
SELECT a.id, a.title, a.requested_amount, a.lead_id, a.lead_name, a.label, a.drafted_by, v.content, v.submitted_at,
       coalesce((SELECT jsonb_agg(p.organisation_id) FROM application_partners p
                 WHERE p.application_id = a.id), '[]') AS partners
FROM applications a JOIN application_versions v ON v.application_id = a.id AND v.number = a.submitted_version
"""
_PENDING_PROJECTS = """
SELECT p.id, p.application_id, p.title, p.abstract, p.lead_id, p.lead_name, p.partners, p.label, p.amount_amount,
       p.started_at, a.drafted_by, g.terms
FROM projects p JOIN applications a ON a.id = p.application_id
LEFT JOIN agreements g ON g.application_id = p.application_id
WHERE p.started_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM known_texts t WHERE t.id = p.id AND t.said_at >= p.started_at)
LIMIT %(most)s
"""


async def keep_text(work: Work, kind: Kind, id: UUID, said: Said, **more: Any) -> Profile:
    """Keep what somebody said; `more`: of_id, label, parties, said_at."""
    profile = Profile.of(said)
    await work.execute(_KEEP, _kept(kind, id, said, profile, of_id=more.pop("of_id", None), **more))
    return profile


def _kept(kind: Kind, id: UUID, said: Said, profile: Profile, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": kind.value,
        "title": said.title,
        # A record's abstract is read where it stands.
        "abstract": "" if kind is Kind.EARLIER_PROJECT else said.abstract,
        "people": list(said.people),
        "organisations": list(said.organisations),
        "number": said.number,
        "amount": Decimal(said.amount) if said.amount else None,
        "marks": profile.kept,
        "passages": as_bytes(profile),
        **more,
    }


def as_bytes(profile: Profile) -> bytes:
    return np.array(sorted(profile.passages), dtype="<i4").tobytes()


def from_bytes(kept: bytes) -> NDArray[np.int32]:
    return np.frombuffer(kept, dtype="<i4")


async def know_texts(work: Work) -> None:
    """Keep what is not kept yet. Run by the clock."""
    for _ in range(BATCHES):
        if await know_records(work) < BATCH:
            break
    for row in await work.rows(
        f"""{_APPLICATIONS} WHERE NOT EXISTS (
                SELECT FROM known_texts t WHERE t.id = a.id AND t.said_at >= v.submitted_at) LIMIT %(most)s""",
        {"most": BATCH},
    ):
        await _keep_application(work, row)
    for row in await work.rows(_PENDING_PROJECTS, {"most": BATCH}):
        await _keep_project(work, row)


async def know_records(work: Work) -> int:
    """Keep a batch of earlier projects; how many there were."""
    found = await work.rows(_PENDING_RECORDS, {"most": BATCH})
    kept = []
    for row in found:
        institution = (row["institution"],) if row["institution"] else ()
        said = Said(
            row["title"], row["abstract"], tuple(row["people"]), institution, row["number"], _amount(row["amount"])
        )
        kept.append(
            _kept(
                Kind.EARLIER_PROJECT,
                row["id"],
                said,
                Profile.of(said),
                of_id=None,
                label="public",
                parties=[],
                said_at=row["imported_at"],
            )
        )
    if kept:
        async with (await work.connection()).cursor() as cursor:
            await cursor.executemany(_KEEP.encode(), kept)
    return len(found)


async def know_application(work: Work, application_id: UUID) -> Said:
    """Keep an application as it was handed in last, and say what it says."""
    row = await work.row(f"{_APPLICATIONS} WHERE a.id = %(id)s", {"id": application_id})
    assert row is not None, "only what was handed in is checked"
    return await _keep_application(work, row)


async def _keep_application(work: Work, row: Row) -> Said:
    content = json.loads(row["content"])
    partners = [one["name"] for one in content.get("partners", [])]
    said = Said(
        content.get("title") or row["title"],
        content.get("abstract", ""),
        await _people(work, row["drafted_by"]),
        await _names(work, [row["lead_id"]], [row["lead_name"], *partners]),
        amount=_amount(row["requested_amount"]),
    )
    await keep_text(
        work,
        Kind.APPLICATION,
        row["id"],
        said,
        label=row["label"],
        parties=[row["lead_id"], *(UUID(one) for one in row["partners"])],
        said_at=row["submitted_at"],
    )
    return said


async def _keep_project(work: Work, row: Row) -> None:
    inventors = [one["name"] for one in (row["terms"] or {}).get("inventors", [])]
    partners = [UUID(one["id"]) for one in row["partners"]]
    said = Said(
        row["title"],
        row["abstract"],
        (*await _people(work, row["drafted_by"]), *inventors),
        await _names(work, [row["lead_id"]], [row["lead_name"], *(one["name"] for one in row["partners"])]),
        amount=_amount(row["amount_amount"]),
    )
    await keep_text(
        work,
        Kind.PROJECT,
        row["id"],
        said,
        of_id=row["application_id"],
        label=row["label"],
        parties=[row["lead_id"], *partners],
        said_at=row["started_at"],
    )


async def _people(rows: Rows, subject: str) -> tuple[str, ...]:
    """What the person is called, in each writing that is known here."""
    found = await rows.rows(
        """SELECT name, name_zh FROM people WHERE subject = %(subject)s
           UNION SELECT name, '' FROM access_accounts WHERE subject = %(subject)s""",
        {"subject": subject},
    )
    return tuple(dict.fromkeys(name for row in found for name in (row["name"], row["name_zh"]) if name))


async def _names(rows: Rows, ids: Sequence[UUID], known: Sequence[str]) -> tuple[str, ...]:
    """Names of organisations: those known, and in Chinese where the catalogue told one."""
    found = await rows.rows("SELECT name_zh FROM organisations WHERE id = ANY(%(ids)s)", {"ids": list(ids)})
    return tuple(dict.fromkeys(name for name in (*known, *(row["name_zh"] for row in found)) if name))


def _amount(value: Decimal | None) -> str:
    return f"{value:.2f}" if value else ""


async def count_common(work: Work) -> None:
    """Find the passages that stand in many texts, when there are many more texts than were counted. By the clock."""
    before = await work.row("SELECT max(among) AS n FROM common_passages")
    now = await work.row("SELECT count(*) AS n FROM known_texts")
    count = now["n"] if now else 0
    if count <= COMMON or count < GROWTH * ((before and before["n"]) or 0):
        return
    await work.execute(f"DELETE FROM {CommonPassage.__tablename__}")  # noqa: S608 -- our own table name
    await work.execute(
        f"""INSERT INTO {CommonPassage.__tablename__} (mark, texts, among)
            SELECT mark, count(*), %(count)s FROM known_texts, unnest(marks) AS mark
            GROUP BY mark HAVING count(*) > %(least)s""",  # noqa: S608 -- our own table name
        {"count": count, "least": max(COMMON, int(COMMON_SHARE * count))},
    )
