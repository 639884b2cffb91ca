"""Reads about achievements. One clause decides for lists, counts and pages alike what a reader may know of."""

from typing import Any
from uuid import UUID

from services.resource_catalog.achievements.rules import OVERSEERS
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import OrgRef, Role

_COLUMNS = """a.id, a.version, a.title, a.title_zh, a.kind, a.abstract, a.trl, a.fields_of_work AS fields, a.label,
              a.organisation_id, o.name AS organisation_name, a.project_id, a.asset_id, a.state, a.released_at,
              a.created_at"""
_INSIDE = "(%(overseer)s OR a.organisation_id = ANY(%(own)s))"
_DETAIL = f"""a.trl_evidence, a.maturity, a.advantage, a.route_to_market, a.description, a.checked_label,
              a.checked_sha256, CASE WHEN {_INSIDE} THEN a.state_reason ELSE '' END AS state_reason,
              {_INSIDE} AS inside, CASE WHEN {_INSIDE} THEN a.author ELSE '' END AS author,
              CASE WHEN {_INSIDE} THEN a.author_name ELSE '' END AS author_name"""
_FROM = "FROM achievements a JOIN organisations o ON o.id = a.organisation_id"
_SEEN = f"a.label = ANY(%(labels)s) AND (a.state = 'released' OR {_INSIDE})"


def _reader(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "overseer": rows.actor.has(*OVERSEERS),
        "own": list(rows.actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE)),
    }


def _filter(search: str, states: list[str] | None, kinds: list[str] | None) -> tuple[list[str], dict[str, Any]]:
    clauses = [_SEEN]
    params: dict[str, Any] = {}
    if search:
        clauses.append("(a.title ILIKE %(search)s OR a.title_zh ILIKE %(search)s OR a.fields_of_work ? %(term)s)")
        params |= {"search": containing(search), "term": search}
    if states:
        clauses.append("a.state = ANY(%(states)s)")
        params["states"] = states
    if kinds:
        clauses.append("a.kind = ANY(%(kinds)s)")
        params["kinds"] = kinds
    return clauses, params


async def achievements(
    rows: Rows,
    *,
    search: str = "",
    states: list[str] | None = None,
    kinds: list[str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """By title; released ones that the reader's clearance reaches, and the drafts of their organisations."""
    clauses, params = _filter(search, states, kinds)
    after = decode_cursor(cursor, 2)
    if after:
        clauses.append("(a.title, a.id) > (%(after)s, %(after_id)s::uuid)")
        params |= {"after": after[0], "after_id": after[1]}
    found = await rows.rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE {' AND '.join(clauses)} ORDER BY a.title, a.id LIMIT %(limit)s",
        params | _reader(rows) | {"limit": limit + 1},
    )
    return page_of(found, limit, "title", "id")


async def count_achievements(
    rows: Rows, *, search: str = "", states: list[str] | None = None, kinds: list[str] | None = None
) -> int:
    clauses, params = _filter(search, states, kinds)
    row = await rows.row(
        f"SELECT count(*) AS n FROM achievements a WHERE {' AND '.join(clauses)}",  # noqa: S608 -- constants only
        params | _reader(rows),
    )
    return int(row["n"]) if row else 0


async def achievement(rows: Rows, achievement_id: UUID) -> dict[str, Any]:
    """One achievement; `inside` says whether the reader stands on the author's side or oversees. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS}, {_DETAIL} {_FROM} WHERE a.id = %(id)s AND {_SEEN}",
        {"id": achievement_id, **_reader(rows)},
    )
    if row is None:
        raise NotFound(N_("There is no such achievement here that you may see."))
    return row


async def organisation_ref(rows: Rows, organisation_id: UUID) -> OrgRef | None:
    row = await rows.row("SELECT id, name FROM organisations WHERE id = %(id)s", {"id": organisation_id})
    return OrgRef(id=str(row["id"]), name=row["name"]) if row else None


async def has_other_representative(rows: Rows, organisation_id: UUID, author: str) -> bool:
    """Whether somebody of the organisation other than the author may make the security review now."""
    return (
        await rows.row(
            """SELECT 1 FROM access_grants
               WHERE organisation_id = %(organisation)s AND role = 'representative' AND subject <> %(author)s
                 AND revoked_at IS NULL AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s) LIMIT 1""",
            {"organisation": organisation_id, "author": author, "now": rows.now},
        )
        is not None
    )
