"""Deadlines for people: what is due for an asset, by which rule, and recording that it was done."""

from uuid import UUID

from fastapi import Request, Response

from services.ip_registry.assets.queries import asset as asset_of
from services.ip_registry.assets.rules import READ
from services.ip_registry.docket import actions, queries
from services.ip_registry.docket.rules import RECORD, State
from services.ip_registry.docket.schemas import DeadlineDone
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("deadlines")

STATES = {
    State.OPEN: StateWord(lazy("Open"), "progress"),
    State.MET: StateWord(lazy("Met"), "success"),
    State.MISSED: StateWord(lazy("Missed"), "danger"),
}
WHAT = {"File abroad with priority": lazy("File abroad with priority")}
CALENDARS = {"weekends": lazy("Saturdays and Sundays closed")}


@pages.get("/assets/{asset_id}/deadlines", allow=READ)
async def deadline_list(request: Request, read: ReadDep, asset_id: UUID) -> Response:
    return await _page(request, read, asset_id)


@pages.post("/assets/{asset_id}/deadlines/{deadline_id}/completion", allow=RECORD)
async def meet_deadline(request: Request, work: WorkDep, asset_id: UUID, deadline_id: UUID) -> Response:
    fields = parse(DeadlineDone, await read_form(request))
    if isinstance(fields, FormState):
        return await _page(request, work, asset_id, form=fields, faulty=deadline_id, status=422)
    await actions.meet_deadline(work, deadline_id, fields.note)
    return redirect(f"/ip/assets/{asset_id}/deadlines", notice=_("The deadline is recorded as met."))


async def _page(
    request: Request,
    rows: ReadDep | WorkDep,
    asset_id: UUID,
    *,
    form: FormState | None = None,
    faulty: UUID | None = None,
    status: int = 200,
) -> Response:
    asset = await asset_of(rows, asset_id)
    return service_of(request).pages.render(
        request,
        "docket/list.html",
        status=status,
        asset=asset,
        deadlines=await queries.deadlines(rows, asset_id),
        may_record=RECORD.allows(rows.actor),
        blank=FormState(),
        form=form,
        faulty=faulty,
        STATES=STATES,
        WHAT=WHAT,
        CALENDARS=CALENDARS,
    )
