"""Reads about products: published ones for everybody whose clearance reaches them, drafts for their institution."""

from typing import Any
from uuid import UUID

from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

_COLUMNS = """id, version, title, title_zh, kind, institution_id, institution_name, stages, term_months_min,
    term_months_max, price, regions, fields_of_work AS fields, security_required, valid_until, rules, terms, label,
    state, state_reason, created_at,
    jsonb_build_object('amount', min_amount::text, 'currency', currency) AS min,
    jsonb_build_object('amount', max_amount::text, 'currency', currency) AS max"""
_VISIBLE = "label = ANY(%(labels)s) AND (state <> 'draft' OR institution_id = ANY(%(institutions)s))"
_FILTER = f"""{_VISIBLE}
    AND (%(search)s::text = '' OR title ILIKE %(pattern)s OR title_zh ILIKE %(pattern)s
         OR institution_name ILIKE %(pattern)s)
    AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
    AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
    AND (%(stages)s::text[] IS NULL OR stages && %(stages)s::text[])"""


def _sight(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "institutions": list(rows.actor.organisations(Role.FINANCE_PARTNER)),
    }


def _chosen(rows: Rows, search: str, states: list[str], kinds: list[str], stages: list[str]) -> dict[str, Any]:
    return {
        **_sight(rows),
        "search": search,
        "pattern": containing(search),
        "states": states or None,
        "kinds": kinds or None,
        "stages": stages or None,
    }


async def products(
    rows: Rows,
    *,
    search: str = "",
    states: list[str],
    kinds: list[str],
    stages: list[str],
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Newest first."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM products
            WHERE {_FILTER} AND (%(after)s::timestamptz IS NULL OR (created_at, id) < (%(after)s, %(after_id)s::uuid))
            ORDER BY created_at DESC, id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_chosen(rows, search, states, kinds, stages),
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "created_at", "id")


async def count_products(rows: Rows, *, search: str, states: list[str], kinds: list[str], stages: list[str]) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM products WHERE {_FILTER}",  # noqa: S608 -- constants only
        _chosen(rows, search, states, kinds, stages),
    )
    return int(row["n"]) if row else 0


async def product(rows: Rows, product_id: UUID) -> dict[str, Any]:
    """One product. Raises NotFound, also for one the actor may not know of."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM products WHERE id = %(id)s AND {_VISIBLE}",  # noqa: S608 -- constants only
        {**_sight(rows), "id": product_id},
    )
    if row is None:
        raise NotFound(N_("There is no product here that you may see."))
    return row
