"""Writes about the answers of an application."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.project_management.answers import rules
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State, writing
from services.project_management.calls.model import Call
from services.project_management.forms import queries as forms
from services.project_management.forms.actions import save_sheet
from services.project_management.forms.checking import File, file_fault, normal
from services.project_management.forms.model import AnswerSheet
from services.project_management.forms.questions import Form, Kind, Question, Section
from shared.blobs.rows import attach
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel


async def save_answers(
    work: Work, application_id: UUID, section_key: str, answers: Mapping[str, Any], version: int | None
) -> AnswerSheet:
    """Save a section as far as it is written; what is not right yet is kept too, and said when it is checked.

    Raises NotFound, Stale, Invalid, ApplicationNotReady.
    """
    application, call = await _writing(work, application_id)
    form = forms.read(call.form)
    section = form.section(section_key)
    if section is None:
        raise NotFound(N_("The form has no such section any more. Open it anew."))
    strange = set(answers) - {one.key for one in section.questions}
    if strange:
        raise Invalid.field(f"/answers/{min(strange)}", N_("This section asks no such question. Open it anew."))
    found = await forms.given(work, application.id, call.form)
    kept = {
        one.key: found.answers.get(one.key) if one.kind is Kind.ATTACHMENT else normal(one, answers.get(one.key))
        for one in section.questions
    }
    return await save_sheet(work, application.id, section.key, kept, version)


async def attach_file(work: Work, application_id: UUID, key: str, document_id: UUID) -> AnswerSheet:
    """Answer a question with an uploaded file. Raises NotFound, Invalid, Conflict, ApplicationNotReady."""
    application, call = await _writing(work, application_id)
    form = forms.read(call.form)
    section, question = _slot(form, key)
    found = await forms.given(work, application.id, call.form)
    files = list(found.answers.get(key) or [])
    if str(document_id) in files:
        raise Invalid.field("/document_id", N_("This file is attached here already."))
    if len(files) >= question.limit:
        sentence = S_("This takes at most %(most)s files. Remove one first.", most=question.limit)
        raise Invalid.field("/document_id", sentence)
    hidden = question.identifying and call.blindness == "double"
    document = await attach(work, document_id, forms.IDENTITY if hidden else forms.ANSWER, application.id)
    if fault := file_fault(question, File(document.filename, document.size or 0)):
        raise Invalid.field("/document_id", fault)
    if document.label.rank > SecurityLabel(application.label).rank:
        raise Invalid.field(
            "/document_id", S_("Its label is above the application's, which is %(label)s.", label=application.label)
        )
    return await _put(work, application, section, found, key, [*files, str(document_id)])


async def remove_file(work: Work, application_id: UUID, key: str, document_id: UUID) -> AnswerSheet:
    """Take a file back; its organisation keeps it for use elsewhere. Raises NotFound, Conflict, ApplicationNotReady."""
    application, call = await _writing(work, application_id)
    section, _question = _slot(forms.read(call.form), key)
    found = await forms.given(work, application.id, call.form)
    files = list(found.answers.get(key) or [])
    if str(document_id) not in files:
        raise Conflict(N_("This file is not attached here any more."))
    await work.execute(
        """UPDATE documents SET owner_kind = NULL, owner_id = NULL
           WHERE id = %(id)s AND owner_id = %(owner)s AND owner_kind = ANY(%(kinds)s)""",
        {"id": document_id, "owner": application.id, "kinds": [forms.ANSWER, forms.IDENTITY]},
    )
    return await _put(work, application, section, found, key, [one for one in files if one != str(document_id)] or None)


async def _put(
    work: Work, application: Application, section: Section, found: forms.Given, key: str, value: Any
) -> AnswerSheet:
    sheet = found.sheets.get(section.key)
    answers = dict(sheet.answers) if sheet else {}
    return await save_sheet(work, application.id, section.key, {**answers, key: value}, None)


def _slot(form: Form, key: str) -> tuple[Section, Question]:
    for section in form.sections:
        for question in section.questions:
            if question.key == key and question.kind is Kind.ATTACHMENT:
                return section, question
    raise NotFound(N_("The form asks for no file there any more. Open it anew."))


async def _writing(work: Work, application_id: UUID) -> tuple[Application, Call]:
    application = await work.get(Application, application_id)
    rules.WRITE.require(
        work.actor,
        owners=application.owners(await partners_of(work, application.id)),
        label=SecurityLabel(application.label),
        thing="application",
    )
    writing(State(application.state))
    return application, await work.get(Call, application.call_id, lock=False)
