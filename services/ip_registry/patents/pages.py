"""Patent records for people."""

from uuid import UUID

from fastapi import Request, Response

from services.ip_registry.patents import queries
from services.ip_registry.patents.rules import READ
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.i18n import _
from shared.web.lists import Column, Facet, ListView, Option

pages = page_room("patents")


@pages.get("/patents", allow=READ)
async def patent_list(request: Request, read: ReadDep) -> Response:
    sources = await queries.patent_sources(read)
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Title")),
            Column("number", _("Number")),
            Column("applicants", _("Applicants")),
            Column("filed", _("Filed")),
        ],
        facets=[Facet("source", _("Source"), [Option(row["source"], row["source"], row["n"]) for row in sources])],
        default_sort="-number",
    )
    chosen = list(view.chosen("source"))
    page = await queries.patents(read, search=view.q, sources=chosen, cursor=view.cursor, limit=25)
    total = await queries.count_patents(read, search=view.q, sources=chosen)
    return service_of(request).pages.render(
        request,
        "patents/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
    )


@pages.get("/patents/{patent_id}", allow=READ)
async def patent_detail(request: Request, read: ReadDep, patent_id: UUID) -> Response:
    return service_of(request).pages.render(
        request, "patents/detail.html", patent=await queries.patent(read, patent_id)
    )
