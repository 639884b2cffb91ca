"""Reads about organisations."""

from typing import Any
from uuid import UUID

from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_COLUMNS = """id, version, name, name_zh, kind, sector, region, credit_code, state, admitted_until, state_reason,
              source, source_number, created_at"""


def _filter(search: str, states: list[str] | None) -> tuple[list[str], dict[str, Any]]:
    """Only the clauses that are asked for: an OR over absent parameters would keep the planner from the indexes."""
    clauses: list[str] = []
    params: dict[str, Any] = {}
    if search:
        clauses.append("(name ILIKE %(search)s OR name_zh ILIKE %(search)s)")
        params["search"] = containing(search)
    if states:
        clauses.append("state = ANY(%(states)s)")
        params["states"] = states
    return clauses, params


def _where(clauses: list[str]) -> str:
    return f"WHERE {' AND '.join(clauses)}" if clauses else ""


async def organisations(
    rows: Rows, *, search: str = "", states: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """By name; `search` finds a part of either name."""
    clauses, params = _filter(search, states)
    after = decode_cursor(cursor, 2)
    if after:
        clauses.append("(name, id) > (%(after)s, %(after_id)s::uuid)")
        params |= {"after": after[0], "after_id": after[1]}
    found = await rows.rows(
        f"SELECT {_COLUMNS} FROM organisations {_where(clauses)} ORDER BY name, id LIMIT %(limit)s",  # noqa: S608 -- constants only
        params | {"limit": limit + 1},
    )
    return page_of(found, limit, "name", "id")


async def count_organisations(rows: Rows, *, search: str = "", states: list[str] | None = None) -> int:
    clauses, params = _filter(search, states)
    row = await rows.row(f"SELECT count(*) AS n FROM organisations {_where(clauses)}", params)  # noqa: S608 -- constants only
    return int(row["n"]) if row else 0


async def organisation(rows: Rows, organisation_id: UUID) -> dict[str, Any]:
    """One organisation. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM organisations WHERE id = %(id)s",  # noqa: S608 -- constants only
        {"id": organisation_id},
    )
    if row is None:
        raise NotFound(N_("There is no such organisation."))
    return row


async def people_of(rows: Rows, organisation_id: UUID) -> list[dict[str, Any]]:
    """The first people of an organisation, for its page."""
    return await rows.rows(
        """SELECT id, name, name_zh FROM people WHERE organisation_id = %(id)s ORDER BY name, id LIMIT 20""",
        {"id": organisation_id},
    )
