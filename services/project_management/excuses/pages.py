"""Excusing members of panels, for people: from the page of the evaluation."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.excuses import actions
from services.project_management.excuses.rules import EXCUSE
from services.project_management.excuses.schemas import ExcuseCreate
from shared.kernel.errors import Conflict
from shared.web.edge import WorkDep, page_room
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect
from shared.web.sentences import said

pages = page_room("excuses")


@pages.post("/evaluation-sheets/{sheet_id}/excuse", allow=EXCUSE)
async def excuse_member(request: Request, work: WorkDep, sheet_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ExcuseCreate, posted)
    if isinstance(fields, FormState):
        return await _back(work, sheet_id, _("Say why this member is waited for no longer."), "warning")
    try:
        sheet = await actions.excuse_member(work, sheet_id, fields.reason, posted.version)
    except Conflict as problem:
        await work.rollback()
        return await _back(work, sheet_id, said(problem.detail), "danger")
    notice = _("The member is excused. The rest of the panel judges where it is enough.")
    return redirect(f"/projects/evaluations/{sheet.evaluation_id}", notice=notice)


async def _back(work: WorkDep, sheet_id: UUID, notice: str, tone: str) -> Response:
    found = await work.row("SELECT evaluation_id FROM evaluation_sheets WHERE id = %(id)s", {"id": sheet_id})
    where = f"/evaluations/{found['evaluation_id']}" if found else "/projects"
    return redirect(f"/projects{where}", notice=notice, tone=tone)
