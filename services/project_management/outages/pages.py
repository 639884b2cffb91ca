"""Outages for people: when the service was down, and the rule by which calls close later."""

from fastapi import Request, Response

from services.project_management.outages import queries, rules
from services.project_management.outages.rules import READ
from shared.web.edge import ReadDep, page_room, service_of

pages = page_room("outages")


@pages.get("/outages", allow=READ)
async def outage_list(request: Request, read: ReadDep) -> Response:
    return service_of(request).pages.render(
        request,
        "outages/list.html",
        outages=await queries.outages(read),
        window=rules.WINDOW,
        limit=rules.LIMIT,
        after=rules.AFTER_RECOVERY,
    )
