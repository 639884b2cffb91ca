"""Earlier projects for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.project_management.earlier_projects import actions, queries
from services.project_management.earlier_projects.rules import IMPORT, READ
from services.project_management.earlier_projects.schemas import (
    EarlierProjectBatch,
    EarlierProjectList,
    EarlierProjectRead,
)
from shared.kernel.batches import BatchResult
from shared.kernel.schemas import Word
from shared.web.edge import Json, ReadDep, WorkDep, api_room
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("earlier projects")


@api.get("/earlier-projects", allow=READ, response_model=EarlierProjectList)
async def list_earlier_projects(
    read: ReadDep,
    search: SearchParam = "",
    source: Annotated[list[Word] | None, Query(max_length=50)] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.earlier_projects(read, search=search, sources=source or [], cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.get("/earlier-projects/{project_id}", allow=READ, response_model=EarlierProjectRead)
async def get_earlier_project(read: ReadDep, project_id: UUID) -> Response:
    return Json(await queries.earlier_project(read, project_id))


@api.post("/earlier-projects/batches", allow=IMPORT, response_model=BatchResult)
async def import_earlier_projects(work: WorkDep, batch: EarlierProjectBatch) -> BatchResult:
    return await actions.import_batch(work, batch)
