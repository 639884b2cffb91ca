"""Reads about changes: the organisations of the project and the offices see them."""

from typing import Any
from uuid import UUID

from services.project_management.changes import rules
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

_CHANGES = """
SELECT c.id, c.version, c.project_id, c.project_title, c.number, c.office_id, c.lead_id, c.parties, c.label, c.kind,
       c.reason, c.proposal, c.differences, c.state, c.answer, c.amendment, c.sha256, c.judged_at, c.created_at
FROM project_changes c
WHERE c.label = ANY(%(labels)s)
  AND (%(all)s OR c.office_id = ANY(%(offices)s) OR EXISTS (SELECT FROM jsonb_array_elements_text(c.parties) one
                          WHERE one::uuid = ANY(%(organisations)s)))
"""


async def changes(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """A project's changes as far as they may be read, newest first."""
    return await rows.rows(
        _CHANGES + " AND c.project_id = %(project)s ORDER BY c.number DESC LIMIT 500",
        rules.READ.sight(rows.actor) | {"project": project_id},
    )


async def change(rows: Rows, change_id: UUID) -> dict[str, Any]:
    """One change. Raises NotFound."""
    row = await rows.row(_CHANGES + " AND c.id = %(id)s", rules.READ.sight(rows.actor) | {"id": change_id})
    if row is None:
        raise NotFound(N_("There is no change here that you may see."))
    return row
