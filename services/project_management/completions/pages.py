"""Returning applications, for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.queries import application, office_of
from services.project_management.calls.queries import call
from services.project_management.calls.terms import CallTerms
from services.project_management.completions import actions
from services.project_management.completions.rules import RETURN
from services.project_management.completions.schemas import ReturnCreate
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect

pages = page_room("completions")


@pages.get("/applications/{application_id}/return", allow=RETURN)
async def return_form(request: Request, read: ReadDep, application_id: UUID) -> Response:
    return await _form(request, read, application_id, None)


@pages.post("/applications/{application_id}/return", allow=RETURN)
async def return_application(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReturnCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, application_id, fields, status=422)
    try:
        await actions.return_application(work, application_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        refused = FormState.refused(posted, problem)
        return await _form(request, work, application_id, refused, status=problem.status)
    notice = _("It is back with its lead. What was handed in stays as it is until then.")
    return redirect(f"/projects/applications/{application_id}", notice=notice)


@pages.post("/applications/{application_id}/standing", allow=RETURN)
async def let_stand(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    await actions.let_stand(work, application_id, posted.version)
    return redirect(f"/projects/applications/{application_id}", notice=_("It stands as it was handed in."))


async def _form(
    request: Request, rows: Rows, application_id: UUID, state: FormState | None, *, status: int = 200
) -> Response:
    found = await application(rows, application_id)
    RETURN.require(
        rows.actor,
        parties={found["lead_id"], *(partner["id"] for partner in found["partners"])},
        office=await office_of(rows, application_id),
        label=SecurityLabel(found["label"]),
        thing="application",
    )
    return service_of(request).pages.render(
        request,
        "completions/form.html",
        status=status,
        application=found,
        most=CallTerms.of((await call(rows, found["call_id"]))["terms"]).completion_days,
        form=state or FormState(version=found["version"]),
    )
