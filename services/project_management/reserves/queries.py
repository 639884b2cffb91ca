"""Reads about offers, and what the next one is worked out from."""

from typing import Any
from uuid import UUID

from services.project_management.awards.queries import award, sees_ranking
from shared.db.work import Rows


async def answer_to(rows: Rows, award_id: UUID) -> dict[str, Any]:
    """An award with the last offer made of it. Raises NotFound."""
    found = await award(rows, award_id)
    offer = await rows.row(
        """SELECT id, version, state, jsonb_build_object('amount', amount::text, 'currency', currency) AS amount, until,
                  reason, trace FROM award_offers WHERE award_id = %(id)s ORDER BY created_at DESC LIMIT 1""",
        {"id": award_id},
    )
    if offer:
        offer["trace"] = await told(rows, found["call_id"], offer["trace"])
    return {**found, "award_id": award_id, "offer": offer}


async def told(rows: Rows, call_id: UUID, trace: dict[str, Any]) -> dict[str, Any]:
    """The trace of an offer in a call: whole for who reads its ranking; for an applicant, also one who serves in an
    office, what is said of the own application, which is last, for the others, their ranks and what they ask for are
    not its business."""
    if await sees_ranking(rows, call_id):
        return trace
    inputs = {"currency": trace["inputs"]["currency"]}
    return {**trace, "inputs": inputs, "clauses": trace["clauses"][-1:], "result": {}}


async def offer_inputs(rows: Rows, call_id: UUID, only: UUID | None = None) -> dict[str, Any]:
    """What the next offer of a call depends on, as plain values; `only` of one application, whose appeal is granted."""
    decided = await rows.row("SELECT trace FROM decisions WHERE call_id = %(call)s", {"call": call_id})
    assert decided
    inputs = decided["trace"]["inputs"]
    place = {one["id"]: one["place"] for one in decided["trace"]["result"]["items"] if "place" in one}
    traits = {one["id"]: one.get("traits", {}) for one in inputs["applications"]}
    found = await rows.rows(
        """SELECT a.id::text AS id, a.title, w.rank, w.ahead, w.outcome,
                  coalesce(t.kept, a.requested_amount)::text AS requested,
                  EXISTS (SELECT FROM award_offers o WHERE o.award_id = w.id AND o.state = 'offered') AS offered
           FROM awards w JOIN applications a ON a.id = w.application_id
           LEFT JOIN terminations t ON t.application_id = a.id AND t.state = 'closed'
           WHERE w.call_id = %(call)s ORDER BY w.rank, a.id""",
        {"call": call_id},
    )

    def plain(one: dict[str, Any]) -> dict[str, Any]:
        kept = {name: one[name] for name in ("id", "title", "rank", "ahead", "requested")}
        by_hand = {"place": place[one["id"]]} if one["id"] in place else {}
        return kept | by_hand | {"traits": traits.get(one["id"], {})}

    return {
        "budget": inputs["budget"],
        "currency": inputs["currency"],
        "portfolio": inputs.get("portfolio", []),
        # Of an award whose project ended early only what stays with it is held.
        "held": [plain(one) for one in found if one["outcome"] == "funded" or one["offered"]],
        "reserve": [
            plain(one)
            for one in found
            if (one["outcome"] == "reserve" and not one["offered"] and only is None) or one["id"] == str(only)
        ],
    }
