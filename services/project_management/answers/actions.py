"""Writes about the answers of an application."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.project_management.answers import rules
from services.project_management.applications.actions import ask_again_about
from services.project_management.applications.rules import State, writing
from services.project_management.forms import queries as forms
from services.project_management.forms.actions import save_sheet
from services.project_management.forms.checking import File, file_fault, normal
from services.project_management.forms.questions import Form, Kind, Question, Section
from shared.blobs.rows import attach
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel


@dataclass(frozen=True, slots=True)
class Desk:
    """An application's answers, opened to be written: nobody else writes them until the unit of work ends."""

    application_id: UUID
    label: SecurityLabel
    blindness: str
    found: forms.Given
    consented: bool
    """Whether somebody has agreed to what is about to change."""

    def section(self, key: str) -> Section:
        """Raises NotFound."""
        section = self.found.form.section(key)
        if section is None:
            raise NotFound(N_("The form has no such section any more. Open it anew."))
        return section


async def open_desk(work: Work, application_id: UUID) -> Desk:
    """Lock an application to write its answers. Raises NotFound, ApplicationNotReady.

    Forms save themselves every few seconds, from thousands of people on a last evening: two statements, no objects.
    """
    row = await work.row(
        """SELECT a.lead_id, a.label, a.state, a.leader <> a.drafted_by AS led, c.blindness, c.form
           FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s FOR UPDATE OF a""",
        {"id": application_id},
    )
    if row is None:
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="application"))
    # After the lock, for in the statement that waits for it they would be as they were before.
    found = await work.rows(
        """SELECT ARRAY(SELECT organisation_id FROM application_partners
                        WHERE application_id = %(id)s AND left_at IS NULL
                          AND departure_id IS NULL) AS partners,
                  EXISTS(SELECT FROM application_partners
                         WHERE application_id = %(id)s AND left_at IS NULL AND departure_id IS NULL
                           AND answer = 'consented') AS consented,
                  s.section, s.version, s.answers, s.saved_by, s.saved_at
           FROM (SELECT) one LEFT JOIN answer_sheets s ON s.application_id = %(id)s ORDER BY s.saved_at, s.section""",
        {"id": application_id},
    )
    consented = found[0]["consented"] or bool(row["led"])
    owners = {row["lead_id"], *[partners for each in found for partners in each.pop("partners")]}
    label = SecurityLabel(row["label"])
    rules.WRITE.require(work.actor, owners=owners, label=label, thing="application")
    writing(State(row["state"]))
    given = forms.sorted_in(row["form"], [each for each in found if each["section"] is not None])
    return Desk(application_id, label, row["blindness"], given, consented)


async def save_answers(
    work: Work, application_id: UUID, section_key: str, answers: Mapping[str, Any], version: int | None
) -> int:
    """Save a section as far as it is written; what is not right yet is kept too, and said when it is checked.

    Returns the section's version. Raises NotFound, Stale, Invalid, ApplicationNotReady.
    """
    return await save_section(work, await open_desk(work, application_id), section_key, answers, version)


async def save_section(
    work: Work, desk: Desk, section_key: str, answers: Mapping[str, Any], version: int | None
) -> int:
    """The same for answers that were opened already. Raises NotFound, Stale, Invalid."""
    section = desk.section(section_key)
    strange = set(answers) - {one.key for one in section.questions}
    if strange:
        raise Invalid.field(f"/answers/{min(strange)}", N_("This section asks no such question. Open it anew."))
    kept = {
        one.key: desk.found.answers.get(one.key) if one.kind is Kind.ATTACHMENT else normal(one, answers.get(one.key))
        for one in section.questions
    }
    sheet = desk.found.sheets.get(section.key)
    saved = await save_sheet(work, desk.application_id, section.key, sheet, kept, version)
    if desk.consented and saved != (sheet.version if sheet else 0):
        await ask_again_about(work, desk.application_id)
    return saved


async def attach_file(work: Work, application_id: UUID, key: str, document_id: UUID) -> int:
    """Answer a question with an uploaded file. Raises NotFound, Invalid, Conflict, ApplicationNotReady."""
    desk = await open_desk(work, application_id)
    section, question = _slot(desk.found.form, key)
    files = list(desk.found.answers.get(key) or [])
    if str(document_id) in files:
        raise Invalid.field("/document_id", N_("This file is attached here already."))
    if len(files) >= question.limit:
        sentence = S_("This takes at most %(most)s files. Remove one first.", most=question.limit)
        raise Invalid.field("/document_id", sentence)
    hidden = question.identifying and desk.blindness == "double"
    document = await attach(work, document_id, forms.IDENTITY if hidden else forms.ANSWER, application_id)
    if fault := file_fault(question, File(document.filename, document.size or 0)):
        raise Invalid.field("/document_id", fault)
    if document.label.rank > desk.label.rank:
        raise Invalid.field(
            "/document_id", S_("Its label is above the application's, which is %(label)s.", label=desk.label.value)
        )
    return await _put(work, desk, section, key, [*files, str(document_id)])


async def remove_file(work: Work, application_id: UUID, key: str, document_id: UUID) -> int:
    """Take a file back; its organisation keeps it for use elsewhere, unless it was handed in. A slot may take one file
    alone, so that one can be replaced then too; what was handed in stays with the application.

    Raises NotFound, Conflict, ApplicationNotReady."""
    desk = await open_desk(work, application_id)
    section, _question = _slot(desk.found.form, key)
    files = list(desk.found.answers.get(key) or [])
    if str(document_id) not in files:
        raise Conflict(N_("This file is not attached here any more."))
    await work.execute(
        """UPDATE documents SET owner_kind = NULL, owner_id = NULL
           WHERE id = %(id)s AND owner_id = %(owner)s AND owner_kind = ANY(%(kinds)s)
             AND NOT EXISTS (SELECT FROM application_versions v,
                                    jsonb_array_elements(v.content::jsonb -> 'documents') kept
                             WHERE v.application_id = documents.owner_id AND kept ->> 'id' = documents.id::text)""",
        {"id": document_id, "owner": application_id, "kinds": [forms.ANSWER, forms.IDENTITY]},
    )
    return await _put(work, desk, section, key, [one for one in files if one != str(document_id)] or None)


async def _put(work: Work, desk: Desk, section: Section, key: str, value: Any) -> int:
    sheet = desk.found.sheets.get(section.key)
    answers = {**(sheet.answers if sheet else {}), key: value}
    saved = await save_sheet(work, desk.application_id, section.key, sheet, answers, None)
    if desk.consented:
        await ask_again_about(work, desk.application_id)
    return saved


def _slot(form: Form, key: str) -> tuple[Section, Question]:
    for section in form.sections:
        for question in section.questions:
            if question.key == key and question.kind is Kind.ATTACHMENT:
                return section, question
    raise NotFound(N_("The form asks for no file there any more. Open it anew."))
