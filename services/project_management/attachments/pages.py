"""The documents of a draft, attached and taken out by everybody who takes part."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications import actions, queries
from services.project_management.applications.queries import own, writers
from services.project_management.applications.rules import WRITE
from services.project_management.applications.schemas import AttachmentCreate
from services.project_management.applications.workspace import detail
from shared.kernel.errors import Invalid, Problem
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.uploads import receive_upload

pages = page_room("attachments")


@pages.post("/applications/{application_id}/documents", allow=WRITE)
async def attach_document(request: Request, read: ReadDep, work: WorkDep, application_id: UUID) -> Response:
    # `work` is not asked anything before the file is there: its transaction, and its place in the pool, would wait.
    application = await queries.application(read, application_id)
    WRITE.require(read.actor, owners=writers(application), thing="application")
    mine = own(read, application)
    received = await receive_upload(
        request, read.actor, organisation_id=mine, label=SecurityLabel(application["label"])
    )
    problem = received.problem
    document = received.document()
    if document is None and problem is None:
        problem = Invalid.field("/file", _("Choose a file."))
    if document is not None and problem is None:
        try:
            await actions.attach_document(work, application_id, document.id, received.form.version)
        except Problem as refusal:
            await work.rollback()
            problem = refusal
    if problem is not None:
        return await detail(
            request, work, application_id, upload=_at_file(received.form, problem), status=problem.status
        )
    return redirect(f"/projects/applications/{application_id}", notice=_("The document is attached."))


@pages.post("/applications/{application_id}/documents/removals", allow=WRITE)
async def remove_document(request: Request, work: WorkDep, application_id: UUID) -> Response:
    application = await queries.application(work, application_id)
    WRITE.require(
        work.actor, owners=writers(application), label=SecurityLabel(application["label"]), thing="application"
    )
    posted = await read_form(request)
    await request.close()  # a file that somebody sends along is not wanted
    fields = parse(AttachmentCreate, posted)
    if isinstance(fields, FormState):
        return redirect(f"/projects/applications/{application_id}")
    try:
        await actions.remove_document(work, application_id, fields.document_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await detail(request, work, application_id, refused=problem, status=problem.status)
    return redirect(f"/projects/applications/{application_id}", notice=_("The document is taken out."))


def _at_file(form: Any, problem: Problem) -> FormState:
    """The upload form with every message at its one field."""
    details = [error["detail"] for error in problem.errors] or [problem.detail]
    return FormState.posted(form, {"file": [said(detail) for detail in details]})
