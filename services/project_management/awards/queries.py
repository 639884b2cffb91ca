"""Reads about rankings and awards."""

import asyncio
from typing import Any
from uuid import UUID

from services.project_management.assignments.queries import call_for_office
from services.project_management.awards import rules
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_

_SCORED = """
SELECT a.id, a.title, a.lead_name AS lead, a.requested_amount AS requested, a.requested_currency AS currency,
       coalesce((SELECT jsonb_agg(r.total::text ORDER BY r.total, r.id) FROM reviews r
                 WHERE r.application_id = a.id AND r.state = 'completed'), '[]') AS scores,
       (SELECT count(*) FROM reviews r
        WHERE r.application_id = a.id AND r.state IN ('invited', 'accepted', 'scored')) AS waiting
FROM applications a WHERE a.call_id = %(call)s AND a.state NOT IN ('draft', 'withdrawn') ORDER BY a.id
"""


async def decision_inputs(
    rows: Rows, call: dict[str, Any], overrides: list[dict[str, str]] | None = None
) -> tuple[dict[str, Any], bool]:
    """What a decision would be made on now, and whether every review is in."""
    found = await rows.rows(_SCORED, {"call": call["id"]})
    demand = call["reviewers_per_application"]
    inputs = {
        "budget": str(call["budget_amount"]),
        "currency": call["budget_currency"],
        "pass_mark": str(rules.PASS_MARK),
        "applications": [
            {
                "id": str(one["id"]),
                "title": one["title"],
                "lead": one["lead"],
                "requested": str(one["requested"]),
                "scores": one["scores"],
            }
            for one in found
        ],
        "overrides": overrides or [],
    }
    return inputs, all(len(one["scores"]) >= demand and not one["waiting"] for one in found)


async def ranking(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The ranking as it stands; once decided, as it was decided. Raises NotFound, OwnApplication."""
    call = await call_for_office(rows, call_id)
    if call["state"] not in ("closed", "deciding", "decided"):
        raise NotFound(N_("There is no ranking before the call is closed."))
    decided = await rows.row(
        "SELECT id, reason, decided_by, created_at, trace FROM decisions WHERE call_id = %(id)s", {"id": call_id}
    )
    complete = True
    if decided:
        trace = decided["trace"]
    else:
        inputs, complete = await decision_inputs(rows, call)
        trace = (await asyncio.to_thread(rules.decide, inputs)).model_dump(mode="json")
    currency = call["budget_currency"]
    return {
        "id": call["id"],
        "version": call["version"],
        "call_id": call["id"],
        "title": call["title"],
        "state": call["state"],
        "office_id": call["organisation_id"],
        "complete": complete,
        "demand": call["reviewers_per_application"],
        "budget": {"amount": call["budget_amount"], "currency": currency},
        "spent": {"amount": trace["result"]["spent"], "currency": currency},
        "left": {"amount": trace["result"]["left"], "currency": currency},
        "items": [
            {**one, "application_id": one["id"], "requested": {"amount": one["requested"], "currency": currency}}
            for one in trace["result"]["items"]
        ],
        "trace": trace,
        "decision": decided,
    }


_AWARDS = """
SELECT w.id, w.version, w.call_id, c.title AS call_title, w.application_id, a.title, a.lead_name AS lead, a.lead_id,
       w.outcome, w.amount_amount, w.amount_currency, w.reason, w.created_at AS decided_at, a.label,
       c.organisation_id AS office_id,
       ARRAY(SELECT p.organisation_id FROM application_partners p WHERE p.application_id = a.id) AS partner_ids
FROM awards w JOIN applications a ON a.id = w.application_id JOIN calls c ON c.id = w.call_id
WHERE a.label = ANY(%(labels)s)
  AND (%(office)s OR a.lead_id = ANY(%(own)s) OR EXISTS (
       SELECT FROM application_partners p WHERE p.application_id = a.id AND p.organisation_id = ANY(%(own)s)))
"""


def _may(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "office": rows.actor.has(*rules.READ.supervisors),
        "own": list(rows.actor.organisations(*(rules.READ.roles or ()))),
    }


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "amount": {"amount": row["amount_amount"], "currency": row["amount_currency"]}}


async def awards(
    rows: Rows, *, outcomes: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest first: an applicant's own, the office's all."""
    after = decode_cursor(cursor, 1)
    try:
        place = UUID(after[0]) if after else None
    except ValueError:
        raise Invalid.field("/cursor", N_("Use the cursor exactly as the previous page gave it.")) from None
    found = await rows.rows(
        _AWARDS
        + """ AND (%(outcomes)s::text[] IS NULL OR w.outcome = ANY(%(outcomes)s))
              AND (%(after)s::uuid IS NULL OR w.id < %(after)s) ORDER BY w.id DESC LIMIT %(limit)s""",
        _may(rows) | {"outcomes": outcomes or None, "after": place, "limit": limit + 1},
    )
    return page_of([_shaped(row) for row in found], limit, "id")


async def count_awards(rows: Rows, *, outcomes: list[str] | None = None) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM ({_AWARDS}) w WHERE %(outcomes)s::text[] IS NULL OR outcome = ANY(%(outcomes)s)",  # noqa: S608
        _may(rows) | {"outcomes": outcomes or None},
    )
    return int(row["n"]) if row else 0


async def award(rows: Rows, award_id: UUID) -> dict[str, Any]:
    """One award with the comments to the applicant. Raises NotFound."""
    return await _one(rows, "w.id", award_id)


async def award_of(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The award of an application. Raises NotFound before the decision, and to those it does not concern."""
    return await _one(rows, "w.application_id", application_id)


async def _one(rows: Rows, column: str, id: UUID) -> dict[str, Any]:
    row = await rows.row(_AWARDS + f" AND {column} = %(id)s", _may(rows) | {"id": id})
    if row is None:
        raise NotFound(N_("There is no such decision."))
    # Sorted by a hash: the order of review ids would be the same in every letter of one reviewer.
    comments = await rows.rows(
        """SELECT to_applicant FROM reviews WHERE application_id = %(id)s AND state = 'completed'
           ORDER BY md5(id::text)""",
        {"id": row["application_id"]},
    )
    project = await rows.row("SELECT id FROM projects WHERE application_id = %(id)s", {"id": row["application_id"]})
    return {
        **_shaped(row),
        "comments": [one["to_applicant"] for one in comments],
        "project_id": project["id"] if project else None,
    }
