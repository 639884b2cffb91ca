"""Reads about appeals: its organisations, and the offices that have no part in the call."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from services.project_management.appeals import rules
from services.project_management.awards.queries import award
from services.project_management.reserves.queries import told
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_APPEALS = """
SELECT p.id, p.version, p.award_id, p.application_id, p.call_id, p.title, p.letter, p.grounds, p.lodged_by, p.state,
       p.answer, p.decided_by, p.decided_at, p.trace, p.created_at, p.lead_id, p.owners
FROM appeals p
WHERE p.label = ANY(%(labels)s)
  AND (%(all)s OR EXISTS (SELECT FROM jsonb_array_elements_text(p.owners) one
                          WHERE one::uuid = ANY(%(organisations)s)))
"""


async def appeal(rows: Rows, appeal_id: UUID) -> dict[str, Any]:
    """One appeal. Raises NotFound."""
    row = await rows.row(_APPEALS + " AND p.id = %(id)s", rules.READ.sight(rows.actor) | {"id": appeal_id})
    if row is None:
        raise NotFound(N_("There is no appeal here that you may see."))
    return {**row, "trace": await told(rows, row["call_id"], row["trace"]) if row["trace"] else None}


async def appeal_against(rows: Rows, award_id: UUID) -> dict[str, Any]:
    """An award with the appeal against it, and until when one is taken. Raises NotFound."""
    found = await award(rows, award_id)
    first = await first_letter(rows, award_id)
    mine = found["appeal"]
    return {
        **found,
        "appeal": await appeal(rows, mine["id"]) if mine else None,
        "until": first["until"] if first else None,
        "first_letter": first,
    }


async def first_letter(rows: Rows, award_id: UUID) -> dict[str, Any] | None:
    """The letter of the decision itself: number, issued_at, until when one may appeal; a later letter opens nothing."""
    row = await rows.row(
        "SELECT number, content, issued_at FROM letters WHERE award_id = %(id)s ORDER BY issued_at, number LIMIT 1",
        {"id": award_id},
    )
    if row is None:
        return None
    until = json.loads(row["content"])["appeal_until"]
    return {**row, "until": datetime.fromisoformat(until) if until else None}


async def is_settled(rows: Rows, award_id: UUID) -> bool:
    """Whether what was appealed against holds no more, or an award is offered."""
    return bool(
        await rows.row(
            """SELECT 1 FROM awards w WHERE w.id = %(id)s AND (w.outcome NOT IN ('reserve', 'declined')
                 OR EXISTS (SELECT FROM award_offers o WHERE o.award_id = w.id AND o.state = 'offered'))""",
            {"id": award_id},
        )
    )


async def hands_in(rows: Rows, call_id: UUID) -> tuple[list[str], bool]:
    """Who proposed, approved or answered objections to the decision of a call; whether the actor reviewed in it."""
    found = await rows.rows(
        """SELECT d.decided_by AS subject FROM decisions d WHERE d.call_id = %(call)s
           UNION SELECT one ->> 'subject' FROM decisions d, jsonb_array_elements(d.approvals) one
                 WHERE d.call_id = %(call)s
           UNION SELECT o.answered_by FROM objections o WHERE o.call_id = %(call)s AND o.answered_by IS NOT NULL""",
        {"call": call_id},
    )
    reviewed = await rows.row(
        "SELECT 1 FROM reviews WHERE call_id = %(call)s AND expert_subject = %(subject)s AND state <> 'withdrawn'",
        {"call": call_id, "subject": rows.actor.subject},
    )
    return [row["subject"] for row in found], bool(reviewed)
