"""Reads of the projects this service has heard of."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from shared.db.work import Rows

_PAID = """(SELECT coalesce(sum(t.amount), 0) FROM paid_tranches t
            WHERE t.project_id = p.id AND t.currency = p.currency) AS paid"""


async def project_of(rows: Rows, project_id: UUID, organisations: Collection[UUID]) -> dict[str, Any] | None:
    """A started project in which one of the organisations takes part, with what was paid; None when there is none
    that the actor may know of."""
    return await rows.row(
        f"""SELECT p.*, {_PAID} FROM projects p
            WHERE p.id = %(id)s AND p.started AND p.label = ANY(%(labels)s)
              AND EXISTS (SELECT FROM jsonb_array_elements(p.parties) AS party WHERE party->>'id' = ANY(%(ids)s))""",  # noqa: S608 -- constants only
        {
            "id": project_id,
            "labels": rows.actor.clearance.readable_labels(),
            "ids": [str(one) for one in organisations],
        },
    )


async def projects_of(rows: Rows, organisations: Collection[UUID]) -> list[dict[str, Any]]:
    """Started projects in which one of the organisations takes part, newest first, to choose from in forms."""
    return await rows.rows(
        """SELECT p.id, p.title FROM projects p
           WHERE p.started AND p.label = ANY(%(labels)s)
             AND EXISTS (SELECT FROM jsonb_array_elements(p.parties) AS party WHERE party->>'id' = ANY(%(ids)s))
           ORDER BY p.id DESC""",
        {"labels": rows.actor.clearance.readable_labels(), "ids": [str(one) for one in organisations]},
    )
