"""Handing in again, for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.amendments.words import shown
from services.project_management.applications.queries import application
from services.project_management.calls.queries import taking
from services.project_management.resubmissions import actions, queries
from services.project_management.resubmissions.rules import READ, RESUBMIT
from services.project_management.resubmissions.schemas import ResubmissionCreate
from services.project_management.submissions.words import LABELS
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect

pages = page_room("resubmissions")


@pages.get("/applications/{application_id}/resubmission", allow=RESUBMIT)
async def resubmission_form(request: Request, read: ReadDep, application_id: UUID) -> Response:
    return await _form(request, read, application_id, FormState())


@pages.post("/applications/{application_id}/resubmission", allow=RESUBMIT)
async def resubmit(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ResubmissionCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, application_id, fields, status=422)
    try:
        begun = await actions.resubmit_application(work, application_id, fields)
    except Problem as problem:
        await work.rollback()
        refused = FormState.refused(posted, problem)
        return await _form(request, work, application_id, refused, status=problem.status)
    notice = _(
        "The draft has the text, answers, budget, partners and documents of the earlier application. Its partners are "
        "asked anew."
    )
    return redirect(f"/projects/applications/{begun.id}", notice=notice)


@pages.get("/applications/{application_id}/earlier", allow=READ)
async def earlier(request: Request, read: ReadDep, application_id: UUID) -> Response:
    found = await queries.earlier(read, application_id)
    return service_of(request).pages.render(
        request,
        "resubmissions/earlier.html",
        application=await application(read, application_id),
        earlier=found | {"changes": shown(found["changes"])},
        LABELS=LABELS,
    )


async def _form(request: Request, rows: Rows, application_id: UUID, state: FormState, *, status: int = 200) -> Response:
    found = await application(rows, application_id)
    RESUBMIT.require(rows.actor, owners={found["lead_id"]}, thing="application")
    return service_of(request).pages.render(
        request,
        "resubmissions/form.html",
        status=status,
        application=found,
        form=state,
        calls=[(call["id"], call["title"]) for call in await taking(rows)],
    )
