"""Reads about earlier projects."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.calls.queries import like
from services.project_management.earlier_projects import rules
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_COLUMNS = """id, source, number, title, institution, people, amount, currency, starts_on, ends_on, programme, grade,
    language"""

TRIGRAM = 3
"""The shortest text that the trigram index can find."""


def _filter(search: str, sources: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Only the conditions asked for, so that the planner always sees which index answers them."""
    conditions, params = ["true"], dict[str, Any]()
    pattern = like(search)
    if pattern:
        params |= {"like": pattern, "text": search, "pairs": rules.pairs(search)}
        if params["pairs"]:
            conditions.append("pairs @> %(pairs)s::text[] AND searched ILIKE %(like)s")
        elif len(search.strip()) < TRIGRAM:  # reads every row whatever is asked: at least it need not weigh the words
            conditions.append("searched ILIKE %(like)s")
        else:
            conditions.append("(searched ILIKE %(like)s OR words @@ websearch_to_tsquery('english', %(text)s))")
    if sources:
        conditions.append("source = ANY(%(sources)s)")
        params["sources"] = list(sources)
    return " AND ".join(conditions), params


async def earlier_projects(
    rows: Rows, *, search: str = "", sources: Sequence[str] = (), cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest first. `search` finds any part of number, title, institution, people or programme, and English words
    of the abstract."""
    condition, params = _filter(search, sources)
    after = decode_cursor(cursor, 2)
    if after:
        condition += " AND (sorted_on, id) < (%(after)s::date, %(after_id)s::uuid)"
        params |= {"after": after[0], "after_id": after[1]}
    found = await rows.rows(
        f"""SELECT {_COLUMNS}, sorted_on FROM earlier_projects WHERE {condition}
            ORDER BY sorted_on DESC, id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {**params, "limit": limit + 1},
    )
    page = page_of(found, limit, "sorted_on", "id")
    for row in page.items:
        del row["sorted_on"]
    return page


async def count_earlier_projects(rows: Rows, *, search: str = "", sources: Sequence[str] = ()) -> int:
    condition, params = _filter(search, sources)
    row = await rows.row(f"SELECT count(*) AS n FROM earlier_projects WHERE {condition}", params)  # noqa: S608
    return int(row["n"]) if row else 0


async def earlier_project(rows: Rows, project_id: UUID) -> dict[str, Any]:
    """One record with its abstract. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS}, abstract, imported_at FROM earlier_projects WHERE id = %(id)s",  # noqa: S608
        {"id": project_id},
    )
    if row is None:
        raise NotFound(N_("There is no earlier project here that you may see."))
    return row


async def sources(rows: Rows) -> list[str]:
    """The sources there are. Hops along the index from one to the next instead of reading every row."""
    found = await rows.rows(
        """WITH RECURSIVE hop AS (
               (SELECT source FROM earlier_projects ORDER BY source LIMIT 1)
               UNION ALL
               SELECT (SELECT e.source FROM earlier_projects e WHERE e.source > hop.source ORDER BY e.source LIMIT 1)
               FROM hop WHERE hop.source IS NOT NULL)
           SELECT source FROM hop WHERE source IS NOT NULL LIMIT 100"""
    )
    return [row["source"] for row in found]
