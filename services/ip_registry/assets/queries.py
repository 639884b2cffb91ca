"""Reads about assets. Every query is cut by holder and label in SQL."""

from datetime import date
from typing import Any
from uuid import UUID

from services.ip_registry.assets.rules import READ
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.clock import local_day
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_HOLDERS = """(SELECT json_agg(json_build_object('organisation_id', h.organisation_id, 'name', h.name,
                      'share', h.numerator || '/' || h.denominator, 'from_on', h.from_on) ORDER BY h.name)
               FROM asset_holders h WHERE h.asset_id = a.id
                 AND h.from_on <= %(day)s AND (h.until_on IS NULL OR h.until_on > %(day)s))"""
_COLUMNS = f"""a.id, a.version, a.title, a.kind, a.office, a.application_number, a.filed_on, a.project_id,
              a.disclosure_id, a.label, a.state, a.inventors, coalesce({_HOLDERS}, '[]') AS shares, a.created_at"""
_VISIBLE = """a.label = ANY(%(labels)s) AND (%(all)s OR EXISTS (SELECT FROM asset_holders v WHERE v.asset_id = a.id
              AND v.until_on IS NULL AND v.organisation_id = ANY(%(organisations)s)))"""
_FILTER = f"""{_VISIBLE} AND (%(search)s::text = '' OR a.title ILIKE %(search)s
                              OR a.application_number ILIKE %(search)s)
              AND (%(kinds)s::text[] IS NULL OR a.kind = ANY(%(kinds)s))"""


def _sight(rows: Rows, day: date | None = None) -> dict[str, Any]:
    return {**READ.sight(rows.actor), "day": day or local_day(rows.now)}


def _chosen(rows: Rows, search: str, kinds: list[str] | None) -> dict[str, Any]:
    return {**_sight(rows), "search": containing(search) if search else "", "kinds": kinds or None}


async def assets(
    rows: Rows, *, search: str = "", kinds: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest first; `search` finds a part of the title or of the application number."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM assets a
            WHERE {_FILTER}
              AND (%(after)s::timestamptz IS NULL OR (a.created_at, a.id) < (%(after)s, %(after_id)s::uuid))
            ORDER BY a.created_at DESC, a.id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_chosen(rows, search, kinds),
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "created_at", "id")


async def count_assets(rows: Rows, *, search: str = "", kinds: list[str] | None = None) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM assets a WHERE {_FILTER}",  # noqa: S608 -- constants only
        _chosen(rows, search, kinds),
    )
    return int(row["n"]) if row else 0


async def asset(rows: Rows, asset_id: UUID, day: date | None = None) -> dict[str, Any]:
    """One asset with who held it on the day (today). Raises NotFound, also for one the actor may not know of."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM assets a WHERE a.id = %(id)s AND {_VISIBLE}",  # noqa: S608 -- constants only
        {**_sight(rows, day), "id": asset_id},
    )
    if row is None:
        raise NotFound(N_("There is no asset here that you may see."))
    return row


async def assets_from(rows: Rows, disclosure_id: UUID) -> list[dict[str, Any]]:
    """What was registered from a disclosure, as far as the actor may see it: id, title."""
    return await rows.rows(
        f"""SELECT a.id, a.title FROM assets a WHERE a.disclosure_id = %(disclosure)s AND {_VISIBLE}
            ORDER BY a.id""",  # noqa: S608 -- constants only
        {**READ.sight(rows.actor), "disclosure": disclosure_id},
    )


async def due_dates(rows: Rows, asset_id: UUID) -> list[dict[str, Any]]:
    """What the docket holds for an asset, earliest first; the caller has checked that the asset may be seen."""
    return await rows.rows(
        "SELECT what, due_on, state FROM deadlines WHERE asset_id = %(id)s ORDER BY due_on, id", {"id": asset_id}
    )
