"""Reads about financing needs. Every query is cut by organisation and label in SQL."""

from typing import Any
from uuid import UUID

from services.finance_matching.assets.queries import holds_an_asset
from services.finance_matching.needs.rules import APPLICANTS, READ, prefilled
from services.finance_matching.projects.queries import project_of
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_COLUMNS = """id, version, title, purpose, organisation_id, organisation_name, project_id, project_title, stage,
    jsonb_build_object('amount', amount::text, 'currency', currency) AS amount, term_months, security_offered, field,
    region, label, state, state_reason, created_at"""
_VISIBLE = "label = ANY(%(labels)s) AND (%(all)s OR organisation_id = ANY(%(organisations)s))"
_FILTER = f"""{_VISIBLE} AND (%(search)s::text = '' OR title ILIKE %(pattern)s OR project_title ILIKE %(pattern)s)
              AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"""


def _sight(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "all": rows.actor.has(*READ.supervisors),
        "organisations": list(rows.actor.organisations(*APPLICANTS)),
    }


def _chosen(rows: Rows, search: str, states: list[str]) -> dict[str, Any]:
    return {**_sight(rows), "search": search, "pattern": containing(search), "states": states or None}


async def needs(
    rows: Rows, *, search: str = "", states: list[str], cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest first."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM needs
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


async def count_needs(rows: Rows, *, search: str, states: list[str]) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM needs WHERE {_FILTER}",  # noqa: S608 -- constants only
        _chosen(rows, search, states),
    )
    return int(row["n"]) if row else 0


async def need(rows: Rows, need_id: UUID) -> dict[str, Any]:
    """One need. Raises NotFound, also for one the actor may not know of."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM needs WHERE id = %(id)s AND {_VISIBLE}",  # noqa: S608 -- constants only
        {**_sight(rows), "id": need_id},
    )
    if row is None:
        raise NotFound(N_("There is no need here that you may see."))
    return row


async def prefill(rows: Rows, project_id: UUID) -> dict[str, Any]:
    """What is known for a need of the project. Raises NotFound until the project's start is heard, and for others'."""
    project = await project_of(rows, project_id, rows.actor.organisations(*APPLICANTS))
    organisation = rows.actor.organisation(*APPLICANTS)
    if project is None or organisation is None:
        raise NotFound(N_("There is no started project here that you may see."))
    return prefilled(project, await holds_an_asset(rows, organisation), rows.now.date())
