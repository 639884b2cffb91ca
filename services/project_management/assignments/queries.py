"""Reads about assignments, for the programme office alone."""

from typing import Any
from uuid import UUID

from services.project_management.applications.queries import involved
from services.project_management.assignments import rules
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


async def require_uninvolved(rows: Rows, call_id: UUID) -> None:
    """Who belongs to an organisation that applied may neither assign nor rank nor learn who reviews.

    Raises OwnApplication.
    """
    own = await rows.row(
        f"SELECT 1 WHERE {involved('%(call)s')}",
        {"call": call_id, "own": list(rows.actor.organisations())},
    )
    if own:
        raise rules.OwnApplication(
            N_("An organisation you act for has applied to this call. Somebody else of the office has to do this.")
        )


async def call_for_office(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The call as the office needs it. Raises NotFound, OwnApplication."""
    call = await rows.row(
        """SELECT id, version, title, field, state, label, reviewers_per_application, budget_amount, budget_currency,
                  closes_at, criteria, organisation_id
           FROM calls WHERE id = %(id)s AND label = ANY(%(labels)s)""",
        {"id": call_id, "labels": rows.actor.clearance.readable_labels()},
    )
    if call is None:
        raise NotFound(N_("There is no such call."))
    await require_uninvolved(rows, call_id)
    return call


async def assignment(rows: Rows, call_id: UUID) -> dict[str, Any] | None:
    """The last assignment of a call with its live reviews; None before the first.

    Raises NotFound, OwnApplication.
    """
    await call_for_office(rows, call_id)
    row = await rows.row(
        """SELECT id, version, call_id, number, seed, cap, made_by, created_at, trace
           FROM assignments WHERE call_id = %(call)s ORDER BY number DESC LIMIT 1""",
        {"call": call_id},
    )
    if row is None:
        return None
    row["conflicts"] = row["trace"]["result"]["conflicts"]
    row["assignments"] = await rows.rows(
        """SELECT r.id, r.version, r.application_id, r.application_title AS application, r.expert_id,
                  r.expert_name AS expert, r.affinity, r.state
           FROM reviews r JOIN applications a ON a.id = r.application_id
           WHERE r.call_id = %(call)s AND r.state <> 'withdrawn' ORDER BY r.application_id, r.expert_name, r.id""",
        {"call": call_id},
    )
    return row
