"""Reads of the projects this service has heard of."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def project(rows: Rows, project_id: UUID | None) -> dict[str, Any] | None:
    """The project as heard so far; None when it is not known here (yet)."""
    if project_id is None:
        return None
    return await rows.row("SELECT * FROM projects WHERE id = %(id)s", {"id": project_id})


async def projects_of(rows: Rows, organisation_ids: list[UUID], *, only_running: bool) -> list[dict[str, Any]]:
    """Projects in which one of the organisations takes part, as far as the reader's clearance goes."""
    return await rows.rows(
        """SELECT id, title, state FROM projects
           WHERE organisation_ids && %(organisations)s::uuid[] AND label = ANY(%(labels)s)
             AND (state = 'running' OR NOT %(running)s)
           ORDER BY title, id""",
        {
            "organisations": organisation_ids,
            "labels": rows.actor.clearance.readable_labels(),
            "running": only_running,
        },
    )
