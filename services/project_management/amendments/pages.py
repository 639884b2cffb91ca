"""The versions of a call for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.amendments import queries
from services.project_management.amendments.rules import ACKNOWLEDGE, CHANGES, READ
from services.project_management.amendments.schemas import AcknowledgementCreate
from services.project_management.amendments.words import shown
from services.project_management.applications import actions as applications
from services.project_management.applications.queries import application
from services.project_management.calls.queries import call
from services.project_management.calls.words import LABELS
from services.project_management.forms.words import outline
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect

pages = page_room("amendments")


@pages.get("/calls/{call_id}/versions", allow=READ)
async def call_versions(request: Request, read: ReadDep, call_id: UUID) -> Response:
    found = await queries.versions(read, call_id)
    if not found:
        raise NotFound(N_("The call is not released yet."))
    newest = found[0]["number"]
    since, until = (_chosen(request, name, other, newest) for name, other in (("since", newest - 1), ("until", newest)))
    return service_of(request).pages.render(
        request,
        "amendments/versions.html",
        call=await call(read, call_id),
        versions=found,
        since=since,
        until=until,
        changes=shown(await queries.changes(read, call_id, since, until, outline)),
        LABELS=LABELS,
    )


@pages.get("/applications/{application_id}/call-changes", allow=CHANGES)
async def call_changes(request: Request, read: ReadDep, application_id: UUID) -> Response:
    mine = await application(read, application_id)
    news = await queries.news_for(read, application_id, outline)
    return service_of(request).pages.render(
        request,
        "amendments/news.html",
        application=mine,
        news=news | {"changes": shown(news["changes"])},
        may_acknowledge=ACKNOWLEDGE.allows(read.actor, owners={mine["lead_id"]}),
        LABELS=LABELS,
    )


@pages.post("/applications/{application_id}/acknowledgement", allow=ACKNOWLEDGE)
async def acknowledge(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AcknowledgementCreate, posted)
    if not isinstance(fields, FormState):
        await applications.acknowledge_call(work, application_id, fields.call_version)
        notice = _("Noted. You will be told when the call changes again.")
        return redirect(f"/projects/applications/{application_id}", notice=notice)
    return redirect(f"/projects/applications/{application_id}/call-changes")


def _chosen(request: Request, name: str, other: int, newest: int) -> int:
    given = request.query_params.get(name, "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else other
    return min(max(number, 1), newest)
