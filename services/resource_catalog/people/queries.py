"""Reads about people."""

from typing import Any
from uuid import UUID

from services.resource_catalog.people.rules import VOUCH
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import OrgRef

_COLUMNS = """p.id, p.version, p.name, p.name_zh, p.orcid, p.organisation_id, o.name AS organisation_name,
              p.fields_of_work AS fields, p.expert, p.review_cap, p.created_at,
              CASE WHEN %(all)s OR p.organisation_id = ANY(%(own)s) OR p.subject = %(me)s
                   THEN p.subject END AS subject"""
_FROM = "FROM people p LEFT JOIN organisations o ON o.id = p.organisation_id"


def _reader(actor: Actor) -> dict[str, Any]:
    return {"all": VOUCH.allows(actor), "own": list(actor.organisations()), "me": actor.subject}


def _filter(search: str, expert: bool | None, organisation_id: UUID | None) -> tuple[list[str], dict[str, Any]]:
    clauses: list[str] = []
    params: dict[str, Any] = {}
    if search:
        clauses.append("(p.name ILIKE %(search)s OR p.name_zh ILIKE %(search)s OR p.fields_of_work ? %(term)s)")
        params |= {"search": containing(search), "term": search}
    if expert is not None:
        clauses.append("p.expert = %(expert)s")
        params["expert"] = expert
    if organisation_id is not None:
        clauses.append("p.organisation_id = %(organisation)s")
        params["organisation"] = organisation_id
    return clauses, params


def _where(clauses: list[str]) -> str:
    return f"WHERE {' AND '.join(clauses)}" if clauses else ""


async def people(
    rows: Rows,
    *,
    search: str = "",
    expert: bool | None = None,
    organisation_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """By name; `search` finds a part of either name, or a field of work."""
    clauses, params = _filter(search, expert, organisation_id)
    after = decode_cursor(cursor, 2)
    if after:
        clauses.append("(p.name, p.id) > (%(after)s, %(after_id)s::uuid)")
        params |= {"after": after[0], "after_id": after[1]}
    found = await rows.rows(
        f"SELECT {_COLUMNS} {_FROM} {_where(clauses)} ORDER BY p.name, p.id LIMIT %(limit)s",
        params | _reader(rows.actor) | {"limit": limit + 1},
    )
    return page_of(found, limit, "name", "id")


async def count_people(
    rows: Rows, *, search: str = "", expert: bool | None = None, organisation_id: UUID | None = None
) -> int:
    clauses, params = _filter(search, expert, organisation_id)
    row = await rows.row(f"SELECT count(*) AS n FROM people p {_where(clauses)}", params)  # noqa: S608 -- constants only
    return int(row["n"]) if row else 0


async def person(rows: Rows, person_id: UUID) -> dict[str, Any]:
    """One person with all affiliations, the present one first. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS} {_FROM} WHERE p.id = %(id)s",
        {"id": person_id, **_reader(rows.actor)},
    )
    if row is None:
        raise NotFound(N_("There is no such person."))
    row["affiliations"] = await rows.rows(
        """SELECT a.organisation_id, o.name AS organisation_name, a.since, a.until
           FROM affiliations a JOIN organisations o ON o.id = a.organisation_id
           WHERE a.person_id = %(id)s ORDER BY a.since DESC, a.id DESC""",
        {"id": person_id},
    )
    return row


async def organisation_ref(rows: Rows, organisation_id: UUID | None) -> OrgRef | None:
    """The organisation as a reference; None when there is none such."""
    if organisation_id is None:
        return None
    row = await rows.row("SELECT id, name FROM organisations WHERE id = %(id)s", {"id": organisation_id})
    return OrgRef(id=str(row["id"]), name=row["name"]) if row else None


async def choices(rows: Rows, only: list[UUID] | None = None) -> list[tuple[str, str, str]]:
    """Organisations to choose from, by name, with the Chinese one to search by."""
    found = await rows.rows(
        """SELECT id, name, name_zh FROM organisations
           WHERE %(only)s::uuid[] IS NULL AND state = 'admitted' OR id = ANY(%(only)s) ORDER BY name, id""",
        {"only": only},
    )
    return [(str(row["id"]), row["name"], row["name_zh"]) for row in found]
