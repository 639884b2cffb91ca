"""Reads of what came of projects."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def outputs_of(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """Kind, id, title, what: as far as the asker's clearance reaches; for whoever may read the project."""
    return await rows.rows(
        """SELECT kind, id, title, what, label FROM project_outputs
           WHERE project_id = %(id)s AND label = ANY(%(labels)s) ORDER BY kind, title, id LIMIT 500""",
        {"id": project_id, "labels": rows.actor.clearance.readable_labels()},
    )
