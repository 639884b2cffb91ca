"""Reads for the duplicate check: what is like a text, and the check as each reader may see it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from services.project_management.applications import queries as applications
from services.project_management.delivery import queries as delivery
from services.project_management.duplicates.known import from_bytes
from services.project_management.duplicates.passages import (
    ASKED,
    SLACK,
    Likeness,
    Profile,
    Said,
    compare,
    side_by_side,
)
from services.project_management.duplicates.rules import Kind, State
from shared.db.work import Row, Rows
from shared.kernel.types import Role

BY_TEXT, BY_PERSON = 40, 40
"""Candidates that share most marks; the rest shares less and is not compared in full."""
ENOUGH = 8
"""Marks to be asked for at least, common ones too when there are no others."""
_COLUMNS = """t.id, t.kind, t.of_id, t.title, t.people, t.organisations, t.number, t.amount, t.label, t.passages,
    EXISTS (SELECT FROM unnest(t.marks) m WHERE m = ANY(%(codes)s::int[])) AS coded"""
# Two searches, for one person's name among many shared passages would come last.
_LIKE = f"""
SELECT {_COLUMNS} FROM (
    SELECT k.*, (SELECT count(*) FROM unnest(k.marks) m WHERE m = ANY(%(count)s::int[])) AS shared
    FROM known_texts k WHERE k.marks && %(find)s::int[] AND k.id <> %(self)s AND k.of_id IS DISTINCT FROM %(self)s
    ORDER BY shared DESC, k.said_at DESC LIMIT %(most)s) t
"""  # noqa: S608 -- constants only


async def alike(rows: Rows, said: Said, *, self_id: UUID, again: UUID | None = None) -> dict[str, Any]:
    """What is like the text, for `rules.compare`: each candidate with how alike it is. `against`: how many there are.

    `self_id` and what came of it are left out; `again` is the one that it hands in again.
    """
    profile = Profile.of(said)
    asked = sorted(profile.passages)[:ASKED]
    many = await rows.rows(
        "SELECT mark FROM common_passages WHERE mark = ANY(%(marks)s::int[]) ORDER BY texts", {"marks": asked}
    )
    common = [row["mark"] for row in many]
    rare = sorted(set(asked).difference(common))
    rare += common[: max(0, ENOUGH - len(rare))]
    found: dict[UUID, Row] = {}
    for find, count, most in (
        (rare, rare, BY_TEXT),
        (profile.persons, profile.beside, BY_PERSON),
    ):
        if find:
            params = {"find": find, "count": count, "self": self_id, "most": most, "codes": profile.code_marks}
            found |= {row["id"]: row for row in await rows.rows(_LIKE, params)}
    # An application that became a project is the project: shown once.
    became = {row["of_id"] for row in found.values() if row["kind"] == Kind.PROJECT.value}
    left = [row for row in found.values() if row["id"] not in became]
    weighed = _weighed(profile, left, set(common))
    counted = await rows.row("SELECT count(*) AS n FROM known_texts WHERE id <> %(self)s", {"self": self_id})
    return {
        "against": counted["n"] if counted else 0,
        "found": [
            {"id": str(row["id"]), "kind": row["kind"], "again": row["id"] == again, **asdict(how)}
            for row, how in zip(left, weighed, strict=True)
        ],
        "rows": {str(row["id"]): row for row in left},
    }


def _weighed(profile: Profile, found: Sequence[Row], common: set[int]) -> list[Likeness]:
    """As `passages.compare`, with the passages as they are kept."""
    mine = np.array(sorted(profile.passages - common), dtype=np.int32)
    none = np.array(sorted(common), dtype=np.int32)
    weighed = []
    for row in found:
        said = Said(row["title"], "", tuple(row["people"]), tuple(row["organisations"]), row["number"], _text(row))
        beside = compare(profile, Profile.of(said))
        theirs = np.setdiff1d(from_bytes(row["passages"]), none, assume_unique=True)
        shared = len(np.intersect1d(mine, theirs, assume_unique=True))
        text = 1000 * shared // (min(len(mine), len(theirs)) + SLACK) if shared else 0
        weighed.append(replace(beside, text=text, codes=beside.codes or row["coded"]))
    return weighed


def _text(row: Row) -> str:
    amount: Decimal | None = row["amount"]
    return f"{amount:.2f}" if amount else ""


# -- the check as it is shown --------------------------------------------------------------------------------------

_CHECK = """
SELECT d.version, d.number, d.state, d.found, d.trace, d.against, d.label, d.verdict, d.reason, d.question,
       d.explanation, d.explained_at, d.judged_at, coalesce(p.name, d.judged_by, '') AS judged_by, d.created_at
FROM duplicate_checks d LEFT JOIN access_accounts p ON p.subject = d.judged_by
WHERE d.application_id = %(id)s AND d.state <> 'superseded'
"""
_TEXTS = """
SELECT t.id, t.title, coalesce(e.abstract, t.abstract) AS abstract
FROM known_texts t LEFT JOIN earlier_projects e ON e.id = t.id WHERE t.id = ANY(%(ids)s)
"""


async def beside_ranking(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """What the checks of a call's applications came to, where they came to something; for who ranks the call."""
    return await rows.rows(
        """SELECT d.application_id, d.state, d.verdict, d.reason
           FROM duplicate_checks d JOIN applications a ON a.id = d.application_id
           WHERE a.call_id = %(call)s AND d.state NOT IN ('superseded', 'clear') AND d.label = ANY(%(labels)s)
             AND d.verdict IS DISTINCT FROM 'not_duplicate'""",
        {"call": call_id, "labels": rows.actor.clearance.readable_labels()},
    )


async def check(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The newest check, cut to what the actor may see: the office all, applicants what is public or their own.

    Raises NotFound for an application the actor may not see.
    """
    application = await applications.application(rows, application_id)
    shown: dict[str, Any] = {
        "application_id": application_id,
        "version": None,
        "checked_at": None,
        "question": "",
        "explanation": "",
        "findings": [],
        "office": None,
    }
    row = await rows.row(_CHECK, {"id": application_id})
    if row is None:
        return shown
    parties = {application["lead_id"], *(partner["id"] for partner in application["partners"])}
    asked = row["state"] == State.EXPLAINING.value or row["explanation"]
    if _oversees(rows, row, parties):
        judged = ("number", "state", "against", "verdict", "reason", "judged_by", "judged_at", "explained_at")
        shown["office"] = {name: row[name] for name in judged}
        # To whom the check is too high, one that was made and one that was not must look the same.
        shown["checked_at"] = row["created_at"]
    if shown["office"] or asked:
        shown |= {name: row[name] for name in ("version", "question", "explanation")}
    shown["findings"] = await _findings(rows, application_id, row)
    if not shown["office"]:
        # That somebody must look is the office's to know.
        shown["findings"] = [one | {"clause": None} for one in shown["findings"]]
    return shown


def _oversees(rows: Rows, row: Row, parties: set[UUID]) -> bool:
    actor = rows.actor
    roles = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
    readable = row["label"] in actor.clearance.readable_labels()
    return readable and actor.has(*roles) and actor.organisations().isdisjoint(parties)


async def _findings(rows: Rows, application_id: UUID, row: Row) -> list[dict[str, Any]]:
    seen = await _visible(rows, row["found"])
    clauses = row["trace"]["clauses"]
    listed = [
        {**one, "clause": clause, "reason": clause["reason"]}
        for one, clause in zip(row["found"], clauses, strict=True)
        if UUID(one["id"]) in seen
    ]
    ids = [application_id, *(UUID(one["id"]) for one in listed)]
    texts = {str(one["id"]): one for one in await rows.rows(_TEXTS, {"ids": ids})} if listed else {}
    mine = texts.get(str(application_id))
    for one in listed:
        theirs = texts.get(one["id"])
        pair = side_by_side(_whole(mine), _whole(theirs))
        one["ours"], one["theirs"] = ([{"text": text, "same": same} for text, same in side] for side in pair)
    return listed


def _whole(row: Row | None) -> str:
    """Title and abstract; nothing of a text that is not kept any more."""
    return "\n\n".join(part for part in (row["title"], row["abstract"]) if part) if row else ""


async def _visible(rows: Rows, found: Sequence[dict[str, Any]]) -> set[UUID]:
    """Those findings that the actor may see where they stand. Records are public to whoever is signed in."""
    by_kind: dict[str, list[UUID]] = {kind.value: [] for kind in Kind}
    for one in found:
        by_kind[one["kind"]].append(UUID(one["id"]))
    labels = rows.actor.clearance.readable_labels()
    results = {UUID(one["id"]) for one in found if one["kind"] == Kind.ACHIEVEMENT.value and one["label"] in labels}
    return (
        set(by_kind[Kind.EARLIER_PROJECT.value])
        | results
        | await applications.visible(rows, by_kind[Kind.APPLICATION.value])
        | await delivery.visible(rows, by_kind[Kind.PROJECT.value])
    )
