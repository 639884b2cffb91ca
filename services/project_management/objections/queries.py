"""Reads about objections: whoever lodged one reads it, and the offices that have no part in the call."""

from typing import Any
from uuid import UUID

from services.project_management.applications.queries import involved
from services.project_management.assignments.queries import call_for_office
from services.project_management.objections import rules
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_OBJECTIONS = """
SELECT o.id, o.version, o.decision_id, o.call_id, o.call_title, o.list_number, o.application_id, o.application_title,
       o.subject, o.name, o.reason, o.evidence, o.state, o.answer, o.answered_by, o.answered_at, o.created_at, o.label,
       d.state AS decision_state, d.decided_by, d.approvals
FROM objections o JOIN decisions d ON d.id = o.decision_id
"""


async def objections_to(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """Those to the decision of a call, newest first. Raises NotFound, OwnApplication."""
    await call_for_office(rows, call_id)
    return await rows.rows(
        _OBJECTIONS + " WHERE o.call_id = %(call)s ORDER BY o.created_at DESC, o.id LIMIT 500", {"call": call_id}
    )


async def mine(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """Those of the actor."""
    return await rows.rows(
        _OBJECTIONS + " WHERE o.call_id = %(call)s AND o.subject = %(subject)s ORDER BY o.created_at DESC LIMIT 50",
        {"call": call_id, "subject": rows.actor.subject},
    )


async def objection(rows: Rows, objection_id: UUID) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    row = await rows.row(
        _OBJECTIONS
        + f""" WHERE o.id = %(id)s AND o.label = ANY(%(labels)s)
               AND (o.subject = %(subject)s OR (%(office)s AND NOT {involved("o.call_id")}))""",
        {
            "id": objection_id,
            "labels": rows.actor.clearance.readable_labels(),
            "subject": rows.actor.subject,
            "office": rows.actor.has(*rules.READ.supervisors),
            "own": list(rows.actor.organisations()),
        },
    )
    if row is None:
        raise NotFound(N_("There is no objection here that you may see."))
    return {**row, "mine": row["subject"] == rows.actor.subject}


async def parties_of(rows: Rows, call_id: UUID) -> frozenset[UUID]:
    """The organisations that take part in what was submitted to a call, or did until it was taken back."""
    found = await rows.rows(
        """SELECT a.lead_id AS id FROM applications a WHERE a.call_id = %(call)s AND a.submitted_at IS NOT NULL
           UNION SELECT p.organisation_id FROM application_partners p JOIN applications a ON a.id = p.application_id
           WHERE a.call_id = %(call)s AND a.submitted_at IS NOT NULL""",
        {"call": call_id},
    )
    return frozenset(row["id"] for row in found)


async def has_reviewed(rows: Rows, call_id: UUID) -> bool:
    """Whether the actor was asked to review in the call."""
    return bool(
        await rows.row(
            "SELECT 1 FROM reviews WHERE call_id = %(call)s AND expert_subject = %(subject)s AND state <> 'withdrawn'",
            {"call": call_id, "subject": rows.actor.subject},
        )
    )
