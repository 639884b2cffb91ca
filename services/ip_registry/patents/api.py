"""Patent records for programs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.ip_registry.patents import actions, queries
from services.ip_registry.patents.rules import IMPORT, READ
from services.ip_registry.patents.schemas import PatentBatch, PatentList, PatentRead
from shared.kernel.batches import BatchResult
from shared.web.edge import Json, ReadDep, WorkDep, api_room
from shared.web.paging import CursorParam, LimitParam, SearchParam

api = api_room("patents")


@api.get("/patents", allow=READ, response_model=PatentList)
async def list_patents(
    read: ReadDep,
    search: SearchParam = "",
    source: Annotated[list[str] | None, Query(max_length=20)] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> Response:
    page = await queries.patents(read, search=search, sources=source, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})


@api.get("/patents/{patent_id}", allow=READ, response_model=PatentRead)
async def get_patent(read: ReadDep, patent_id: UUID) -> Response:
    return Json(await queries.patent(read, patent_id))


@api.post("/patents/batches", allow=IMPORT, response_model=BatchResult)
async def import_patents(work: WorkDep, batch: PatentBatch) -> Any:
    """Take in up to 500 records; each row stands or falls alone, and a repeated batch changes nothing."""
    return await actions.import_patents(work, batch)
