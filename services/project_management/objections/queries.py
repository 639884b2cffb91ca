"""Reads about objections: whoever lodged one reads it, and the offices that have no part in the call."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.applications.queries import involved
from services.project_management.assignments.queries import call_for_office
from services.project_management.objections import rules
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

_OBJECTIONS = """
SELECT o.id, o.version, o.decision_id, o.call_id, o.call_title, o.list_number, o.application_id, o.application_title,
       o.subject, o.name, o.reason, o.evidence, o.state, o.answer, o.answered_by, o.answered_at, o.created_at, o.label,
       d.state AS decision_state
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


async def hands(rows: Rows, decision_id: UUID, number: int) -> list[str]:
    """Everybody who proposed or approved the list of this number or one after it."""
    found = await rows.rows(
        "SELECT proposed_by, approvals FROM decision_lists WHERE decision_id = %(id)s AND number >= %(number)s",
        {"id": decision_id, "number": number},
    )
    return [who for row in found for who in (row["proposed_by"], *(one["subject"] for one in row["approvals"]))]


async def who_answers(rows: Rows, hands: Sequence[str]) -> Role:
    """The role whose holders are asked to judge what was decided: coordinators, or programme officers of any office
    where every coordinator had a hand in it."""
    found = await rows.row(
        """SELECT 1 FROM access_grants WHERE role = %(role)s AND NOT subject = ANY(%(hands)s) AND revoked_at IS NULL
           AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s) LIMIT 1""",
        {"role": Role.COORDINATOR.value, "hands": list(hands), "now": rows.now},
    )
    return Role.COORDINATOR if found else Role.PROGRAMME_OFFICER


async def call_title(rows: Rows, call_id: UUID) -> str:
    """The title of a released call that the actor may read. Raises NotFound."""
    row = await rows.row(
        "SELECT title FROM calls WHERE id = %(id)s AND released_at IS NOT NULL AND label = ANY(%(labels)s)",
        {"id": call_id, "labels": rows.actor.clearance.readable_labels()},
    )
    if row is None:
        raise NotFound(N_("There is no such call."))
    return str(row["title"])


async def parties_of(rows: Rows, call_id: UUID) -> frozenset[UUID]:
    """The organisations that take part in what was submitted to a call, or did until it was taken back."""
    found = await rows.rows(
        """SELECT a.lead_id AS id FROM applications a WHERE a.call_id = %(call)s AND a.submitted_at IS NOT NULL
           UNION SELECT p.organisation_id FROM application_partners p JOIN applications a ON a.id = p.application_id
           WHERE a.call_id = %(call)s AND a.submitted_at IS NOT NULL""",
        {"call": call_id},
    )
    return frozenset(row["id"] for row in found)


async def to_note(rows: Rows, decision_id: UUID) -> bool:
    """Whether an organisation of the actor was told of the notice and nobody there has said that it is read."""
    found = await rows.row(
        """SELECT 1 FROM notice_tasks WHERE decision_id = %(id)s AND task_id IS NOT NULL
           AND organisation_id = ANY(%(own)s) LIMIT 1""",
        {"id": decision_id, "own": list(rows.actor.organisations(*(rules.NOTE.roles or ())))},
    )
    return found is not None


async def has_reviewed(rows: Rows, call_id: UUID) -> bool:
    """Whether the actor was asked to review in the call."""
    return bool(
        await rows.row(
            "SELECT 1 FROM reviews WHERE call_id = %(call)s AND expert_subject = %(subject)s AND state <> 'withdrawn'",
            {"call": call_id, "subject": rows.actor.subject},
        )
    )
