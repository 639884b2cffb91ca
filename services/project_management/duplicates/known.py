"""Keeping what was said: the texts of records, applications, projects and results, and the passages common to many.

By the clock and from the rows themselves, so that what was there before this check, or was brought in while it stood
still, is caught up with; a text that changed is kept anew.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.project_management.duplicates.model import CommonPassage, KnownText
from services.project_management.duplicates.passages import Profile, Said
from services.project_management.duplicates.rules import Kind
from services.project_management.teams.queries import names_of
from shared.db.work import Row, Rows, Work

BATCH = 500
BATCHES = 4
"""In one go, so that the transaction stays short: 2,000 texts a tick."""
COMMON, COMMON_SHARE = 50, 0.001
"""Texts in which a passage must stand to say nothing: so many, and this share of all."""
LATE = timedelta(minutes=10)
"""An import is seen when it is over, which is later than it says: so long it may take."""
TRIED_AGAIN = 20
"""Texts that could not be kept, at a tick."""
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
_RECORD = "e.id, e.title, e.abstract, e.people, e.institution, e.number, e.amount, e.imported_at"
_PENDING_RECORDS = f"""
SELECT {_RECORD} FROM earlier_projects e
WHERE e.imported_at >= coalesce(
        (SELECT until FROM texts_known_until WHERE kind = 'earlier_project'), '-infinity'::timestamptz)
  AND NOT EXISTS (SELECT FROM known_texts t WHERE t.id = e.id AND t.said_at >= e.imported_at)
  AND NOT EXISTS (SELECT FROM texts_left_out l WHERE l.id = e.id)
ORDER BY e.imported_at, e.id LIMIT %(most)s
"""  # noqa: S608 -- constants only
_LEFT_OUT = f"""
SELECT {_RECORD} FROM texts_left_out l JOIN earlier_projects e ON e.id = l.id ORDER BY l.tried_at LIMIT %(most)s
"""  # noqa: S608 -- constants only
_REACHED = """
INSERT INTO texts_known_until (kind, until) VALUES ('earlier_project', %(until)s)
ON CONFLICT (kind) DO UPDATE SET until = greatest(texts_known_until.until, excluded.until)
"""
_LEAVE_OUT = """
INSERT INTO texts_left_out (id, tried_at) VALUES (%(id)s, %(now)s) ON CONFLICT (id) DO UPDATE SET tried_at = %(now)s
"""
_APPLICATIONS = """
SELECT a.id, a.title, a.requested_amount, a.lead_id, a.lead_name, a.label, v.content, v.submitted_at,
       coalesce(a.leader, a.drafted_by) AS leader,
       coalesce((SELECT jsonb_agg(p.organisation_id) FROM application_partners p
                 WHERE p.application_id = a.id AND p.left_at IS NULL), '[]') AS partners
FROM applications a JOIN application_versions v ON v.application_id = a.id AND v.number = a.submitted_version
"""
_PENDING_PROJECTS = """
SELECT p.id, p.application_id, p.title, p.abstract, p.lead_id, p.lead_name, p.partners, p.label, p.amount_amount,
       p.started_at, coalesce(a.leader, a.drafted_by) AS leader, g.terms
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
    for row in await work.rows(_LEFT_OUT, {"most": TRIED_AGAIN}):
        await _try_record(work, row)
    for row in await work.rows(
        f"""{_APPLICATIONS} WHERE NOT EXISTS (
                SELECT FROM known_texts t WHERE t.id = a.id AND t.said_at >= v.submitted_at) LIMIT %(most)s""",
        {"most": BATCH},
    ):
        async with work.apart(application=row["id"]):
            await _keep_application(work, row)
    for row in await work.rows(_PENDING_PROJECTS, {"most": BATCH}):
        async with work.apart(project=row["id"]):
            await _keep_project(work, row)


async def know_records(work: Work) -> int:
    """Keep a batch of earlier projects, the longest known first; how many there were."""
    now = work.now
    found = await work.rows(_PENDING_RECORDS, {"most": BATCH})
    # All at once, for it is much quicker; one by one when one of them cannot be kept.
    if found and not await _keep_records(work, found):
        for row in found:
            await _try_record(work, row)
    until = now - LATE
    if len(found) == BATCH:
        until = min(until, found[-1]["imported_at"])
    await work.execute(_REACHED, {"until": until})
    return len(found)


async def _try_record(work: Work, row: Row) -> None:
    if await _keep_records(work, [row]):
        await work.execute("DELETE FROM texts_left_out WHERE id = %(id)s", {"id": row["id"]})
    else:
        await work.execute(_LEAVE_OUT, {"id": row["id"], "now": work.now})


async def _keep_records(work: Work, rows: Sequence[Row]) -> bool:
    """All of them or, when one cannot be kept, none."""
    kept = 0
    async with work.apart(records=len(rows), first=rows[0]["id"]):
        texts = [_record(row) for row in rows]
        async with (await work.connection()).cursor() as cursor:
            await cursor.executemany(_KEEP.encode(), texts)
        kept = len(texts)
    return kept == len(rows)


def _record(row: Row) -> dict[str, Any]:
    institution = (row["institution"],) if row["institution"] else ()
    said = Said(row["title"], row["abstract"], tuple(row["people"]), institution, row["number"], _amount(row["amount"]))
    return _kept(
        Kind.EARLIER_PROJECT,
        row["id"],
        said,
        Profile.of(said),
        of_id=None,
        label="public",
        parties=[],
        said_at=row["imported_at"],
    )


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
        await names_of(work, row["id"], row["leader"]),
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
        (*await names_of(work, row["application_id"], row["leader"]), *inventors),
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
