"""Reads about risks: the organisations of the project and the offices see them."""

from typing import Any
from uuid import UUID

from services.project_management.risks import rules
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_RISKS = """
SELECT r.id, r.version, r.project_id, r.project_title, r.office_id, r.lead_id, r.parties, r.label, r.number, r.title,
       r.cause, r.effect, r.likelihood, r.impact, r.response, r.measure, r.owner, r.due_on, r.state, r.past,
       r.created_at, p.state AS project_state
FROM project_risks r JOIN projects p ON p.id = r.project_id
WHERE r.label = ANY(%(labels)s)
  AND (%(all)s OR r.office_id = ANY(%(offices)s) OR EXISTS (SELECT FROM jsonb_array_elements_text(r.parties) one
                          WHERE one::uuid = ANY(%(organisations)s)))
"""
_WORST_FIRST = " ORDER BY r.state NOT IN ('open', 'watched'), r.likelihood * r.impact DESC, r.impact DESC, r.number"


def _shaped(row: Row) -> dict[str, Any]:
    return {**row, "level": rules.level(row["likelihood"], row["impact"]).value}


async def risks(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """A project's register as far as it may be read: what is live first, the heaviest first."""
    found = await rows.rows(
        _RISKS + " AND r.project_id = %(project)s" + _WORST_FIRST + " LIMIT 500",
        rules.READ.sight(rows.actor) | {"project": project_id},
    )
    return [_shaped(row) for row in found]


async def risk(rows: Rows, risk_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    row = await rows.row(_RISKS + " AND r.id = %(id)s", rules.READ.sight(rows.actor) | {"id": risk_id})
    if row is None:
        raise NotFound(N_("There is no risk here that you may see."))
    return _shaped(row)


async def top_risks(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """For the page of a project: the heaviest live ones, and how many there are of them."""
    live = [one for one in await risks(rows, project_id) if one["state"] in rules.LIVE]
    return [one | {"of": len(live)} for one in live[: rules.TOP]]


async def late_milestones(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """Milestones of a project whose delay its lead can explain. Delays are read by SQL: who finds them stands above."""
    return await rows.rows(
        """SELECT m.id, m.number, m.title FROM milestones m JOIN milestone_watches w ON w.milestone_id = m.id
           WHERE m.project_id = %(id)s AND m.state IN ('pending', 'returned') AND w.due_on = m.due_on AND w.grade > 0
           ORDER BY m.number""",
        {"id": project_id},
    )
