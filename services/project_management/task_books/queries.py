"""Reads about task books: every version that was signed or amended, and the wordings that were not."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.project_management.delivery.queries import project
from services.project_management.delivery.rules import ProjectState
from services.project_management.differences import Difference, single_differences
from services.project_management.receipts.queries import numbers
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
        """SELECT number, content, sha256, at, signatures FROM task_book_versions
           WHERE project_id = %(id)s ORDER BY number DESC""",
        {"id": project_id},
    )
    papers = await numbers(rows, "task_book", project_id)
    former = await rows.rows(
        """SELECT number, content, sha256, until AS at, reason, signatures FROM task_book_drafts
           WHERE project_id = %(id)s ORDER BY number DESC""",
        {"id": project_id},
    )
    drafts = [one | {"standing": "former", "paper": None} for one in former]
    if found["state"] in UNSIGNED or not signed:
        newest = {"number": len(former) + 1, "content": own["task_book"], "sha256": own["sha256"], "at": None}
        newest |= {"signatures": [one | {"at": one.pop("signed_at")} for one in found["signatures"]], "paper": None}
        if found["state"] == ProjectState.RETURNED.value:
            drafts[0] |= {"standing": "returned"}
        else:
            standing = "draft" if found["state"] == ProjectState.DRAFTED.value else "former"
            if not drafts or drafts[0]["sha256"] != newest["sha256"]:
                drafts.insert(0, newest | {"standing": standing, "reason": ""})
    return {
        "project": found,
        "project_id": project_id,
        "items": [
            one | {"standing": "signed" if n == 1 else "amended", "reason": "", "paper": papers.get(n)}
            for one in signed
            for n in [one["number"]]
        ],
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


def as_stored(book: dict[str, Any]) -> dict[str, Any]:
    """A task book as programs compare it."""
    return book


async def changes(
    rows: Rows, project_id: UUID, since: int, until: int, told: Callable[[dict[str, Any]], dict[str, Any]] = as_stored
) -> list[Difference]:
    """What differs between two signed versions, value by value, in texts word by word. Raises NotFound."""
    books = [(await task_book(rows, project_id, number))["content"] for number in (since, until)]
    return single_differences(*map(told, books))
