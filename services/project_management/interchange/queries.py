"""Reads for interchange: what anybody may know, cut by label, in pages as the protocol counts them."""

from typing import Any
from uuid import UUID

from services.project_management.calls import queries as calls
from services.project_management.interchange.rules import SORTS
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

RANGES = {
    "close_date_range": "closes_at",
    "total_funding_available_range": "budget_amount",
    "max_award_amount_range": "ceiling_amount",
}
# What a reader may learn of a call's changes: its released versions and that its time is over.
_MODIFIED = """greatest((SELECT max(v.released_at) FROM call_versions v WHERE v.call_id = c.id), c.released_at,
                        CASE WHEN c.closes_at <= %(now)s THEN c.closes_at END)"""
_RELEASED = f"""
SELECT c.*, {_MODIFIED} AS modified_at,
       CASE WHEN c.state = 'cancelled' THEN 'custom' WHEN c.state <> 'released' OR c.closes_at <= %(now)s THEN 'closed'
            WHEN c.opens_at > %(now)s THEN 'forecasted' ELSE 'open' END AS status
FROM calls c WHERE c.released_at IS NOT NULL AND c.label = ANY(%(labels)s)
"""  # noqa: S608 -- constants only
# Public since the notice was, or, where the call has none, since the decision is final: what public money was given for
# is no secret, who was declined is. What is labelled higher than its call asks for is named in neither.
_AWARDS = """
SELECT w.id, w.application_id, a.title, a.lead_id, a.lead_name, w.call_id, c.title AS call_title,
       c.organisation_id AS office_id, c.organisation_name AS office_name, w.amount_amount AS amount,
       w.amount_currency AS currency, d.final_at, d.notice_from IS NOT NULL AS noticed,
       p.completed_at
FROM awards w JOIN decisions d ON d.id = w.decision_id JOIN applications a ON a.id = w.application_id
     JOIN calls c ON c.id = w.call_id LEFT JOIN projects p ON p.application_id = w.application_id
WHERE w.outcome = 'funded' AND d.state = 'final' AND d.final_at IS NOT NULL
  AND (d.notice_from IS NOT NULL OR (c.award_terms ->> 'notice_days')::int = 0)
  AND c.label = ANY(%(labels)s)
  AND a.label = CASE WHEN c.label = 'public' THEN 'internal' ELSE c.label END
"""


def _params(rows: Rows, **more: Any) -> dict[str, Any]:
    return {"now": rows.now, "labels": rows.actor.clearance.readable_labels(), **more}


async def opportunities(
    rows: Rows, *, page: int, size: int, search: str = "", asked: dict[str, Any] | None = None,
    sort: str = "lastModifiedAt", order: str = "desc",
) -> tuple[list[dict[str, Any]], int]:  # fmt: skip
    """Released calls, and how many there are; `asked` as `conditions` reads it."""
    where, params = conditions(asked or {})
    if search.strip():
        where += " AND (f.title ILIKE %(like)s OR f.title_zh ILIKE %(like)s OR f.summary ILIKE %(like)s)"
        params["like"] = containing(search.strip())
    bound = _params(rows, **params, limit=size, offset=(page - 1) * size)
    direction = "ASC" if order == "asc" else "DESC"
    found = await rows.rows(
        f"""SELECT f.id, f.modified_at FROM ({_RELEASED}) f WHERE true {where}
            ORDER BY f.{SORTS[sort]} {direction}, f.id DESC LIMIT %(limit)s OFFSET %(offset)s""",  # noqa: S608 -- constants only
        bound,
    )
    counted = await rows.row(f"SELECT count(*) AS n FROM ({_RELEASED}) f WHERE true {where}", bound)  # noqa: S608
    items = [{**await calls.call(rows, row["id"]), "modified_at": row["modified_at"]} for row in found]
    return items, counted["n"] if counted else 0


def conditions(asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """SQL for the protocol's filters: `status` (operator, values) and ranges (operator, least, most, currency)."""
    where, params = "", dict[str, Any]()
    if "status" in asked:
        operator, values = asked["status"]
        where += f" AND {'NOT' if operator == 'notIn' else ''} f.status = ANY(%(status)s)"
        params["status"] = values
    for name, column in RANGES.items():
        if name in asked:
            operator, least, most, currency = asked[name]
            within = f"f.{column} BETWEEN %({name}_least)s AND %({name}_most)s"
            if currency:
                within = f"({within} AND f.{column.replace('_amount', '_currency')} = %({name}_currency)s)"
            where += f" AND {'NOT' if operator == 'outside' else ''} {within}"
            params |= {f"{name}_least": least, f"{name}_most": most, f"{name}_currency": currency}
    return where, params


async def opportunity(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """One released call. Raises NotFound."""
    row = await rows.row(
        f"SELECT f.id, f.modified_at FROM ({_RELEASED}) f WHERE f.id = %(id)s",  # noqa: S608 -- constants only
        _params(rows, id=call_id),
    )
    if row is None:
        raise NotFound(N_("There is no call here that you may see."))
    return {**await calls.call(rows, call_id), "modified_at": row["modified_at"]}


async def awards(rows: Rows, *, page: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """Awards that are final and public, newest first; and how many there are."""
    params = _params(rows, limit=size, offset=(page - 1) * size)
    found = await rows.rows(_AWARDS + " ORDER BY d.final_at DESC, w.id DESC LIMIT %(limit)s OFFSET %(offset)s", params)
    counted = await rows.row(f"SELECT count(*) AS n FROM ({_AWARDS}) found", params)  # noqa: S608 -- constants only
    return found, counted["n"] if counted else 0


async def award(rows: Rows, award_id: UUID) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    row = await rows.row(_AWARDS + " AND w.id = %(id)s", _params(rows, id=award_id))
    if row is None:
        raise NotFound(N_("There is no award here that you may see."))
    return row
