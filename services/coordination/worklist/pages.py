"""The worklist for people."""

from fastapi import Request, Response

from services.coordination.worklist import queries
from services.coordination.worklist.rules import READ
from services.coordination.worklist.words import shown
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.paging import CursorParam

pages = page_room("worklist")


@pages.get("/worklist", allow=READ)
async def worklist(request: Request, read: ReadDep, cursor: CursorParam = None) -> Response:
    page = await queries.my_tasks(read, cursor=cursor, limit=25)
    return service_of(request).pages.render(
        request,
        "worklist/list.html",
        tasks=shown(page.items),
        counts=await queries.count_my_tasks(read),
        next_cursor=page.next_cursor,
        cursor=cursor,
    )
