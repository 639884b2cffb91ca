"""Earlier projects for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.earlier_projects import queries
from services.project_management.earlier_projects.rules import READ
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.i18n import _
from shared.web.lists import Column, Facet, ListView, Option

pages = page_room("earlier projects")


@pages.get("/earlier-projects", allow=READ)
async def earlier_project_list(request: Request, read: ReadDep) -> Response:
    sources = await queries.sources(read)
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Project")),
            Column("institution", _("Institution")),
            Column("starts_on", _("Start")),
            Column("amount", _("Amount"), align="right"),
            Column("source", _("Source")),
        ],
        facets=[Facet("source", _("Source"), [Option(source, source) for source in sources])],
    )
    chosen = view.chosen("source")
    page = await queries.earlier_projects(read, search=view.q, sources=chosen, cursor=view.cursor, limit=25)
    total = await queries.count_earlier_projects(read, search=view.q, sources=chosen)
    return service_of(request).pages.render(
        request,
        "earlier_projects/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
    )


@pages.get("/earlier-projects/{project_id}", allow=READ)
async def earlier_project_detail(request: Request, read: ReadDep, project_id: UUID) -> Response:
    project = await queries.earlier_project(read, project_id)
    return service_of(request).pages.render(request, "earlier_projects/detail.html", project=project)
