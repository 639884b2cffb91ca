"""Reads of the projects this service has heard of."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def project(rows: Rows, project_id: UUID) -> dict[str, Any] | None:
    """Title, state, label, lead and parties; None when it was never heard of or is labelled above the clearance."""
    return await rows.row(
        "SELECT * FROM projects WHERE id = %(id)s AND label = ANY(%(labels)s)",
        {"id": project_id, "labels": rows.actor.clearance.readable_labels()},
    )


async def projects_of(rows: Rows, organisations: Collection[UUID]) -> list[dict[str, Any]]:
    """Projects in which one of the organisations takes part, newest first, to choose from in forms."""
    return await rows.rows(
        """SELECT id, title FROM projects
           WHERE label = ANY(%(labels)s)
             AND EXISTS (SELECT FROM jsonb_array_elements(parties) AS party WHERE party->>'id' = ANY(%(ids)s))
           ORDER BY id DESC""",
        {"ids": [str(one) for one in organisations], "labels": rows.actor.clearance.readable_labels()},
    )
