"""Task books for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response

from services.project_management.delivery.queries import project
from services.project_management.delivery.schemas import ProjectRead
from services.project_management.differences import SingleDifferenceRead, VersionChangesRead
from services.project_management.receipts.sending import PDF, paper_answer
from services.project_management.task_books import actions, queries
from services.project_management.task_books.rules import DRAFT, READ, SIGN
from services.project_management.task_books.schemas import (
    TaskBookList,
    TaskBookRead,
    TaskBookReasonCreate,
    TaskBookUpdate,
)
from services.project_management.task_books.words import both_papers
from shared.db.history import names
from shared.db.work import Rows
from shared.web.edge import IfMatchDep, ReadDep, WorkDep, api_room, etag

api = api_room("task_books")
Number = Annotated[int, Path(ge=1, le=10_000)]
Since = Annotated[int | None, Query(ge=1, le=10_000, description="The version to compare with; the one before")]


async def _project(rows: Rows, project_id: UUID, response: Response) -> Any:
    row = await project(rows, project_id)
    response.headers["ETag"] = etag(row["version"])
    return row


@api.get("/projects/{project_id}/task-books", allow=READ, response_model=TaskBookList)
async def list_task_books(read: ReadDep, project_id: UUID) -> Any:
    """Every version that was signed or amended, and the wordings that were not signed by both."""
    return await queries.task_books(read, project_id)


@api.get("/projects/{project_id}/task-books/{number}", allow=READ, response_model=TaskBookRead)
async def get_task_book(read: ReadDep, project_id: UUID, number: Number, draft: bool = False) -> Any:
    """A version word for word, as its SHA-256 was taken; `draft` asks for one that was not signed."""
    return await queries.task_book(read, project_id, number, draft=draft)


@api.get("/projects/{project_id}/task-books/{number}/differences", allow=READ, response_model=VersionChangesRead)
async def get_task_book_differences(read: ReadDep, project_id: UUID, number: Number, since: Since = None) -> Any:
    """What differs from another signed version, value by value, in texts word by word."""
    other = since or max(number - 1, 1)
    found = await queries.changes(read, project_id, other, number)
    return {"since": other, "until": number, "changes": [SingleDifferenceRead.of(one) for one in found]}


@api.get("/projects/{project_id}/task-books/{number}/paper", allow=READ, responses=PDF)
async def get_task_book_paper(request: Request, read: ReadDep, project_id: UUID, number: Number) -> Response:
    """A signed version as sealed PDF in both languages, with who signed it when."""
    shown = await queries.task_book(read, project_id, number)
    called = await names(read, (one["subject"] for one in shown["signatures"]))
    return await paper_answer(request, lambda platform, key: both_papers(shown, called, platform, key), shown["paper"])


@api.put("/projects/{project_id}/task-book", allow=DRAFT, response_model=ProjectRead)
async def redraw_task_book(
    work: WorkDep, project_id: UUID, fields: TaskBookUpdate, version: IfMatchDep, response: Response
) -> Any:
    """Word it anew before both sides have signed; signatures fall, and both are asked again."""
    await actions.redraw_task_book(work, project_id, fields, version)
    return await _project(work, project_id, response)


@api.post("/projects/{project_id}/return", allow=SIGN, response_model=ProjectRead)
async def return_task_book(
    work: WorkDep, project_id: UUID, fields: TaskBookReasonCreate, version: IfMatchDep, response: Response
) -> Any:
    """Do not sign it as it is worded, with the reason."""
    await actions.return_task_book(work, project_id, fields.reason, version)
    return await _project(work, project_id, response)
