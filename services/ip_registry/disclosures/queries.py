"""Reads about disclosures. Every query is cut by organisation and label in SQL."""

from typing import Any
from uuid import UUID

from services.ip_registry.disclosures.rules import READ
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_COLUMNS = """id, version, title, abstract, organisation_id, organisation_name, project_id, project_title, inventors,
              funding, label, state, outcome, reason, created_at"""
_VISIBLE = "label = ANY(%(labels)s) AND (%(all)s OR organisation_id = ANY(%(organisations)s))"
_FILTER = f"""{_VISIBLE} AND (%(search)s::text = '' OR title ILIKE %(search)s)
              AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"""


def _chosen(rows: Rows, search: str, states: list[str] | None) -> dict[str, Any]:
    return {
        **READ.sight(rows.actor),
        "search": containing(search) if search else "",
        "states": states or None,
    }


async def disclosures(
    rows: Rows, *, search: str = "", states: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest first."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM disclosures
            WHERE {_FILTER} AND (%(after)s::timestamptz IS NULL OR (created_at, id) < (%(after)s, %(after_id)s::uuid))
            ORDER BY created_at DESC, id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_chosen(rows, search, states),
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "created_at", "id")


async def count_disclosures(rows: Rows, *, search: str = "", states: list[str] | None = None) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM disclosures WHERE {_FILTER}",  # noqa: S608 -- constants only
        _chosen(rows, search, states),
    )
    return int(row["n"]) if row else 0


async def disclosure(rows: Rows, disclosure_id: UUID) -> dict[str, Any]:
    """One disclosure. Raises NotFound, also for one the actor may not know of."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM disclosures WHERE id = %(id)s AND {_VISIBLE}",  # noqa: S608 -- constants only
        {**READ.sight(rows.actor), "id": disclosure_id},
    )
    if row is None:
        raise NotFound(N_("There is no disclosure here that you may see."))
    return row
