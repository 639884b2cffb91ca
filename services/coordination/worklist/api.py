"""The worklist for programs."""

from fastapi import Response

from services.coordination.worklist import queries
from services.coordination.worklist.rules import READ
from services.coordination.worklist.schemas import Worklist
from shared.web.edge import Json, ReadDep, api_room
from shared.web.paging import CursorParam, LimitParam

api = api_room("worklist")


@api.get("/worklist", allow=READ, response_model=Worklist)
async def list_my_tasks(read: ReadDep, cursor: CursorParam = None, limit: LimitParam = 50) -> Response:
    """What waits for the caller, the most urgent first."""
    page = await queries.my_tasks(read, cursor=cursor, limit=limit)
    return Json({"items": page.items, "next_cursor": page.next_cursor})
