"""Deadlines for people: what is due for an asset, by which rule, and recording that it was done."""

from uuid import UUID

from fastapi import Request, Response

from services.ip_registry.assets.queries import asset as asset_of
from services.ip_registry.assets.rules import READ
from services.ip_registry.docket import actions, queries
from services.ip_registry.docket.rules import CLOSED, RECORD, State
from services.ip_registry.docket.schemas import DeadlineDone
from shared.kernel.errors import Conflict, NotFound, Stale
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.i18n import N_, _, lazy
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("deadlines")

STATES = {
    State.OPEN: StateWord(lazy("Not done yet"), "progress"),
    State.MET: StateWord(lazy("Met"), "success"),
    State.MISSED: StateWord(lazy("Missed"), "danger"),
}
CALENDARS = {"weekends": lazy("Saturdays and Sundays closed")}


@pages.get("/assets/{asset_id}/deadlines", allow=READ)
async def deadline_list(request: Request, read: ReadDep, asset_id: UUID) -> Response:
    return await _page(request, read, asset_id)


@pages.post("/assets/{asset_id}/deadlines/{deadline_id}/completion", allow=RECORD)
async def meet_deadline(request: Request, work: WorkDep, asset_id: UUID, deadline_id: UUID) -> Response:
    posted = await read_form(request)
    await asset_of(work, asset_id)
    stored = {row["id"]: row for row in await queries.deadlines(work, asset_id)}
    if deadline_id not in stored:
        raise NotFound(N_("There is no deadline here that you may see."))
    fields = parse(DeadlineDone, posted)
    if isinstance(fields, FormState):
        return await _page(request, work, asset_id, form=fields, faulty=deadline_id, status=422)
    try:
        await actions.meet_deadline(work, deadline_id, fields.note, posted.version)
    except Stale as stale:
        await work.rollback()
        row = stored[deadline_id]
        why = CLOSED.get(row["state"], "")
        page = stale_page(
            posted,
            {"note": row["note"]},
            {"note": _("What was done")},
            version=stale.extra["current_version"],
            view_url=f"/ip/assets/{asset_id}/deadlines",
            action_url=f"/ip/assets/{asset_id}/deadlines/{deadline_id}/completion",
            closed=_(why),
        )
        return service_of(request).pages.stale(request, page)
    except Conflict as conflict:
        await work.rollback()
        return await _page(request, work, asset_id, refused=conflict, status=conflict.status)
    return redirect(f"/ip/assets/{asset_id}/deadlines", notice=_("The deadline is recorded as met."))


async def _page(
    request: Request,
    rows: ReadDep | WorkDep,
    asset_id: UUID,
    *,
    form: FormState | None = None,
    faulty: UUID | None = None,
    refused: Conflict | None = None,
    status: int = 200,
) -> Response:
    asset = await asset_of(rows, asset_id)
    deadlines = await queries.deadlines(rows, asset_id)
    blank = {row["id"]: FormState(version=row["version"]) for row in deadlines}
    return service_of(request).pages.render(
        request,
        "docket/list.html",
        status=status,
        asset=asset,
        deadlines=deadlines,
        may_record=RECORD.allows(rows.actor),
        forms=blank | ({faulty: form} if faulty and form else {}),
        refused=refused,
        STATES=STATES,
        CALENDARS=CALENDARS,
    )
