"""Reads of patent records; they are public."""

from typing import Any
from uuid import UUID

from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_COLUMNS = """id, source, number, office, title, abstract, kind, application_number, filed_on, published_on, granted_on,
              priority, applicants, inventors, ipc, language"""


def _filter(search: str, sources: list[str] | None) -> tuple[list[str], dict[str, Any]]:
    """Only the clauses that are asked for: an OR over absent parameters would keep the planner from the indexes."""
    clauses, params = ["true"], dict[str, Any]()
    if search:
        clauses.append("(title ILIKE %(search)s OR number = %(exact)s)")
        params |= {"search": containing(search), "exact": search}
    if sources:
        clauses.append("source = ANY(%(sources)s)")
        params["sources"] = sources
    return clauses, params


async def patents(
    rows: Rows, *, search: str = "", sources: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest records first; `search` finds a part of the title or the exact number."""
    clauses, params = _filter(search, sources)
    after = decode_cursor(cursor, 1)
    if after:
        clauses.append("id < %(after)s::uuid")
        params["after"] = after[0]
    found = await rows.rows(
        f"SELECT {_COLUMNS} FROM patents WHERE {' AND '.join(clauses)} ORDER BY id DESC LIMIT %(limit)s",  # noqa: S608 -- constants only
        {**params, "limit": limit + 1},
    )
    return page_of(found, limit, "id")


async def count_patents(rows: Rows, *, search: str = "", sources: list[str] | None = None) -> int:
    clauses, params = _filter(search, sources)
    row = await rows.row(
        f"SELECT count(*) AS n FROM patents WHERE {' AND '.join(clauses)}",  # noqa: S608 -- constants only
        params,
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
        raise NotFound(N_("There is no such patent record."))
    return row
