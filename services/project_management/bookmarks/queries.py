"""Reads of what people keep: each their own."""

from typing import Any
from uuid import UUID

from services.project_management.calls.queries import PHASE, SOON
from shared.db.work import Rows
from shared.kernel.types import SecurityLabel


async def saved(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """The calls and searches the actor keeps; a call that is out of their sight now is left out."""
    params = {
        "subject": rows.actor.subject,
        "now": rows.now,
        "labels": rows.actor.clearance.readable_labels(),
    }
    calls = await rows.rows(
        f"""SELECT s.call_id, title, title_zh, {PHASE} AS phase, closes_at, s.saved_at,
                  CASE WHEN s.task_id IS NULL THEN '' ELSE s.task_kind END AS news
            FROM saved_calls s JOIN calls ON calls.id = s.call_id
            WHERE s.subject = %(subject)s AND label = ANY(%(labels)s) AND released_at IS NOT NULL
            ORDER BY closes_at, s.call_id""",  # noqa: S608 -- constants only
        params,
    )
    searches = await rows.rows(
        """SELECT id, name, search, phases, filters, alert, CASE WHEN task_id IS NULL THEN '' ELSE task_kind END AS news
           FROM saved_searches WHERE subject = %(subject)s ORDER BY name""",
        params,
    )
    return {"calls": calls, "searches": [{**_UNASKED, **one.pop("filters"), **one} for one in searches]}


async def is_saved(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """Whether the actor keeps the call, for the call's page: one row, or none."""
    return await rows.rows(
        "SELECT call_id FROM saved_calls WHERE subject = %(subject)s AND call_id = %(id)s",
        {"subject": rows.actor.subject, "id": call_id},
    )


_UNASKED: dict[str, Any] = {
    **{name: [] for name in ("fields", "regions", "kinds", "soon")},
    **dict.fromkeys(("ceiling_from", "ceiling_to")),
}
# Of each search the calls that its owner would find now and was not told of. Their clearance cuts, as it does the list.
_FOUND = f"""SELECT s.id, c.id AS call_id FROM saved_searches s JOIN access_accounts a ON a.subject = s.subject
    JOIN LATERAL (SELECT calls.id, label, title, title_zh, field, summary, regions, kinds, ceiling_amount, opens_at,
                         closes_at, {PHASE} AS phase FROM calls
                  WHERE released_at IS NOT NULL) c ON NOT s.told ? c.id::text
        AND (s.search = '' OR strpos(lower(c.title), lower(s.search)) > 0
             OR strpos(lower(c.title_zh), lower(s.search)) > 0
             OR strpos(lower(c.field), lower(s.search)) > 0 OR strpos(lower(c.summary), lower(s.search)) > 0)
        AND (s.phases = '[]' OR s.phases ? c.phase)
        AND (s.filters -> 'fields' IS NULL OR s.filters -> 'fields' ? c.field)
        AND (s.filters -> 'regions' IS NULL OR c.regions = '[]'
             OR c.regions ?| ARRAY(SELECT jsonb_array_elements_text(s.filters -> 'regions')))
        AND (s.filters -> 'kinds' IS NULL OR c.kinds = '[]'
             OR c.kinds ?| ARRAY(SELECT jsonb_array_elements_text(s.filters -> 'kinds')))
        AND (s.filters ->> 'ceiling_from' IS NULL OR c.ceiling_amount >= (s.filters ->> 'ceiling_from')::numeric)
        AND (s.filters ->> 'ceiling_to' IS NULL OR c.ceiling_amount < (s.filters ->> 'ceiling_to')::numeric)
        AND (s.filters -> 'soon' IS NULL
             OR (s.filters -> 'soon' ? 'opening' AND c.phase = 'upcoming' AND c.opens_at < %(now)s + %(within)s)
             OR (s.filters -> 'soon' ? 'closing' AND c.phase = 'open' AND c.closes_at < %(now)s + %(within)s))
        AND array_position(%(ranks)s, c.label) <= array_position(%(ranks)s, a.clearance)"""  # noqa: S608 -- constants only
_RANKS = [label.value for label in SecurityLabel]


async def news_of_searches(rows: Rows, limit: int) -> list[dict[str, Any]]:
    """Saved searches with an alert that find something new: id, found."""
    return await rows.rows(
        f"""SELECT id, array_agg(call_id ORDER BY call_id) AS found FROM ({_FOUND} WHERE s.alert) news
            GROUP BY id ORDER BY id LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {"now": rows.now, "ranks": _RANKS, "within": SOON, "limit": limit},
    )


async def found_by(rows: Rows, search_id: UUID, limit: int) -> list[UUID]:
    """What a search finds now."""
    found = await rows.rows(
        f"{_FOUND} WHERE s.id = %(id)s ORDER BY c.id DESC LIMIT %(limit)s",
        {"now": rows.now, "ranks": _RANKS, "within": SOON, "id": search_id, "limit": limit},
    )
    return [row["call_id"] for row in found]
