"""What was handed in, for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.amendments.words import shown
from services.project_management.applications.queries import application
from services.project_management.forms.words import answered
from services.project_management.submissions import queries
from services.project_management.submissions.rules import READ
from services.project_management.submissions.words import LABELS, budgeted
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, page_room, service_of

pages = page_room("submissions")


@pages.get("/applications/{application_id}/versions", allow=READ)
async def submitted_versions(request: Request, read: ReadDep, application_id: UUID) -> Response:
    found = await queries.versions(read, application_id)
    if not found:
        raise NotFound(N_("Nothing was handed in yet."))
    newest = found[0]["number"]
    until = min(max(_number(request, "until", newest), 1), newest)
    since = min(max(_number(request, "since", until - 1), 1), newest)
    return service_of(request).pages.render(
        request,
        "submissions/versions.html",
        application=await application(read, application_id),
        versions=found,
        since=since,
        until=until,
        changes=shown(await queries.changes(read, application_id, since, until, answered, budgeted))
        if since != until
        else [],
        LABELS=LABELS,
    )


def _number(request: Request, name: str, other: int) -> int:
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else other
