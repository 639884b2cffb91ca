"""Reads about task books: every version that was signed or amended, and the wordings that were not."""

import json
from typing import Any
from uuid import UUID

from services.project_management.delivery.queries import project
from services.project_management.delivery.rules import ProjectState
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

UNSIGNED = (ProjectState.DRAFTED.value, ProjectState.RETURNED.value)


async def task_books(rows: Rows, project_id: UUID) -> dict[str, Any]:
    """Signed versions and drafts, newest first, for whoever may read the project. Raises NotFound."""
    found = await project(rows, project_id)
    own = await rows.row("SELECT task_book, sha256 FROM projects WHERE id = %(id)s", {"id": project_id})
    assert own
    signed = await rows.rows(
        "SELECT number, content, sha256, at FROM task_book_versions WHERE project_id = %(id)s ORDER BY number DESC",
        {"id": project_id},
    )
    former = await rows.rows(
        """SELECT number, content, sha256, until AS at, reason FROM task_book_drafts
           WHERE project_id = %(id)s ORDER BY number DESC""",
        {"id": project_id},
    )
    drafts = [one | {"standing": "former"} for one in former]
    if found["state"] in UNSIGNED or not signed:
        newest = {"number": len(former) + 1, "content": own["task_book"], "sha256": own["sha256"], "at": None}
        if found["state"] == ProjectState.RETURNED.value:
            drafts[0] |= {"standing": "returned"}
        else:
            standing = "draft" if found["state"] == ProjectState.DRAFTED.value else "former"
            if not drafts or drafts[0]["sha256"] != newest["sha256"]:
                drafts.insert(0, newest | {"standing": standing, "reason": ""})
    return {
        "project": found,
        "project_id": project_id,
        "items": [one | {"standing": "signed" if one["number"] == 1 else "amended", "reason": ""} for one in signed],
        "drafts": drafts,
    }


async def task_book(rows: Rows, project_id: UUID, number: int, *, draft: bool = False) -> dict[str, Any]:
    """One version word for word, for whoever may read the project. Raises NotFound."""
    known = await task_books(rows, project_id)
    for one in known["drafts" if draft else "items"]:
        if one["number"] == number:
            found: dict[str, Any] = one | {"content": json.loads(one["content"]), "project_id": project_id}
            return found
    raise NotFound(N_("There is no such version of the task book."))
