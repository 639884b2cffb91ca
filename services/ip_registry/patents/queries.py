"""Reads of patent records; they are public."""

from typing import Any
from uuid import UUID

from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.errors import NotFound

_COLUMNS = """id, source, number, office, title, abstract, kind, application_number, filed_on, published_on, granted_on,
              priority, applicants, inventors, ipc, language"""
_FILTER = """(%(search)s::text = '' OR title ILIKE '%%' || %(search)s || '%%' OR number = %(exact)s)
             AND (%(sources)s::text[] IS NULL OR source = ANY(%(sources)s))"""


def _chosen(search: str, sources: list[str] | None) -> dict[str, Any]:
    escaped = search.replace("%", r"\%").replace("_", r"\_")
    return {"search": escaped, "exact": search, "sources": sources or None}


async def patents(
    rows: Rows, *, search: str = "", sources: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest records first; `search` finds a part of the title or the exact number."""
    after = decode_cursor(cursor, 1)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM patents
            WHERE {_FILTER} AND (%(after)s::uuid IS NULL OR id < %(after)s::uuid)
            ORDER BY id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {**_chosen(search, sources), "after": after[0] if after else None, "limit": limit + 1},
    )
    return page_of(found, limit, "id")


async def count_patents(rows: Rows, *, search: str = "", sources: list[str] | None = None) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM patents WHERE {_FILTER}",  # noqa: S608 -- constants only
        _chosen(search, sources),
    )
    return int(row["n"]) if row else 0


async def patent_sources(rows: Rows) -> list[dict[str, Any]]:
    return await rows.rows("SELECT source, count(*) AS n FROM patents GROUP BY source ORDER BY source LIMIT 50")


async def patent(rows: Rows, patent_id: UUID) -> dict[str, Any]:
    """One record. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM patents WHERE id = %(id)s",  # noqa: S608 -- constants only
        {"id": patent_id},
    )
    if row is None:
        raise NotFound("There is no such patent record.")
    return row
