"""Writes about forms and about the sheets of answers."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from services.project_management.calls.model import Call
from services.project_management.calls.rules import State, draft_label
from services.project_management.forms import queries, rules, soundness
from services.project_management.forms.imports import form_from
from services.project_management.forms.model import AnswerSheet, FormDraft
from services.project_management.forms.questions import Form, Question, Section, schema_of
from services.project_management.forms.samples import SAMPLES
from services.project_management.forms.schemas import (
    FormCopy,
    MoveCreate,
    QuestionUpdate,
    RemovalCreate,
    SectionUpdate,
)
from shared.db.work import Work, as_json
from shared.kernel.errors import Conflict, Invalid, NotFound, Stale
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

Change = Callable[[Form], Form]


async def change_form(work: Work, call_id: UUID, change: Change, version: int | None) -> int:
    """Write the form of a draft, or what the form of a released call is to become. Returns the new version.

    Raises NotFound, Stale, FormLocked, FormUnsound with every question that cannot be as it is.
    """
    call = await _designed(work, call_id)
    rules.designable(State(call.state))
    if call.released_at is None:
        work.must_match(call, version)
        form = sound(change(queries.read(call.form)))
        event = call.edit({"form": schema_of(form) if form.sections else None})
        if event is not None:
            work.emit(event)
        return call.version
    return await _change_working(work, call, change, version)


async def _designed(work: Work, call_id: UUID) -> Call:
    call = await work.get(Call, call_id)
    label = SecurityLabel(call.label)
    rules.DESIGN.require(
        work.actor,
        owners={call.organisation_id},
        label=label if call.released_at else draft_label(label),
        thing="call",
    )
    return call


async def _change_working(work: Work, call: Call, change: Change, version: int | None) -> int:
    draft = await work.session.get(FormDraft, call.id, with_for_update=True)
    if version is not None and version != (draft.version if draft else 0):
        raise Stale(
            N_("It was changed after you opened it. Compare both versions, then save again."),
            current_version=draft.version if draft else 0,
            your_version=version,
        )
    form = sound(change(queries.read(draft.form if draft else call.form)))
    schema = schema_of(form)
    if draft is None:
        work.add(FormDraft(call_id=call.id, form=schema, changed_by=work.actor.subject, changed_at=work.now, version=1))
        return 1
    draft.form, draft.changed_by, draft.changed_at = schema, work.actor.subject, work.now
    draft.version += 1
    return draft.version


def sound(form: Form) -> Form:
    found = soundness.faults(form)
    if found:
        raise rules.FormUnsound(
            N_("The form contradicts itself and could not be filled in. Nothing was saved."),
            errors=[{"pointer": f"/questions/{key}" if key else "", "detail": sentence} for key, sentence in found],
        )
    return form


async def give_up_changes(work: Work, call_id: UUID, version: int | None) -> None:
    """Throw away what the form of a released call was to become. Raises NotFound, Stale, Conflict."""
    call = await _designed(work, call_id)
    draft = await work.session.get(FormDraft, call.id, with_for_update=True)
    if draft is None:
        raise Conflict(N_("The form was not changed."))
    work.must_match(draft, version)
    await work.session.delete(draft)


# -- the changes a page offers one by one -----------------------------------------------------------------------------


def replaced(given: Any) -> Change:
    """The whole form, from a JSON Schema. Raises Invalid where it cannot be taken."""
    form = form_from(given)
    return lambda _before: form


async def copied(work: Work, fields: FormCopy) -> Change:
    """The whole form, from a sample or a call that the actor may see. Raises Invalid, NotFound."""
    if fields.sample:
        sample = SAMPLES[fields.sample]
        return lambda _before: sample
    if fields.earlier_call is None:
        raise Invalid.field("/sample", N_("Choose a form to begin with."))
    found = await queries.working_form(work, fields.earlier_call)
    form = queries.read(found["present"])
    if not form.sections:
        raise Invalid.field("/earlier_call", N_("This call has no application form."))
    return lambda _before: form


async def take_form(work: Work, call_id: UUID, fields: FormCopy, version: int | None) -> int:
    """Begin with another form. Raises NotFound, Stale, FormLocked, Invalid."""
    return await change_form(work, call_id, await copied(work, fields), version)


def with_section(fields: SectionUpdate) -> Change:
    def change(form: Form) -> Form:
        values = fields.model_dump(exclude={"was"})
        if not fields.was:
            return Form(sections=[*form.sections, Section(**values)])
        _known(form.section(fields.was))
        return Form(
            sections=[
                Section(**values, questions=one.questions) if one.key == fields.was else one for one in form.sections
            ]
        )

    return change


def with_question(fields: QuestionUpdate) -> Change:
    def change(form: Form) -> Form:
        _known(form.section(fields.section))
        question = Question.model_validate(fields.model_dump(exclude={"was", "section"}))
        was = fields.was
        if was:
            _known(form.question(was))
        sections = []
        for section in form.sections:
            stays = section.key == fields.section and was in [one.key for one in section.questions]
            kept = [
                question if stays and one.key == was else _asking(one, was, question.key)
                for one in section.questions
                if stays or not was or one.key != was
            ]
            if section.key == fields.section and not stays:
                kept.append(question)
            sections.append(section.model_copy(update={"questions": kept}))
        return Form(sections=sections)

    return change


def _asking(one: Question, was: str, key: str) -> Question:
    """The question, its condition following one that was renamed."""
    if not was or was == key or was not in [condition.question for condition in one.show_if]:
        return one
    conditions = [
        condition.model_copy(update={"question": key}) if condition.question == was else condition
        for condition in one.show_if
    ]
    return one.model_copy(update={"show_if": conditions})


def moved(fields: MoveCreate) -> Change:
    step = -1 if fields.way == "up" else 1

    def change(form: Form) -> Form:
        sections = [one.model_copy(update={"questions": list(one.questions)}) for one in form.sections]
        if fields.what == "section":
            keys = [one.key for one in sections]
            here = _place(keys, fields.key)
            there = min(max(here + step, 0), len(sections) - 1)
            sections.insert(there, sections.pop(here))
            return Form(sections=sections)
        for n, section in enumerate(sections):
            keys = [one.key for one in section.questions]
            if fields.key not in keys:
                continue
            here = keys.index(fields.key)
            if 0 <= here + step < len(keys):
                section.questions.insert(here + step, section.questions.pop(here))
            elif 0 <= n + step < len(sections):
                # Past the edge of its section it goes into the next one.
                other = sections[n + step].questions
                other.insert(len(other) if step < 0 else 0, section.questions.pop(here))
            return Form(sections=sections)
        raise NotFound(_GONE)

    return change


def without(fields: RemovalCreate) -> Change:
    def change(form: Form) -> Form:
        if fields.what == "section":
            _known(form.section(fields.key))
            return Form(sections=[one for one in form.sections if one.key != fields.key])
        _known(form.question(fields.key))
        return Form(
            sections=[
                one.model_copy(update={"questions": [each for each in one.questions if each.key != fields.key]})
                for one in form.sections
            ]
        )

    return change


_GONE = N_("The form has no such section or question any more. Open it anew.")


def _known(found: object | None) -> None:
    if found is None:
        raise NotFound(_GONE)


def _place(keys: list[str], key: str) -> int:
    if key not in keys:
        raise NotFound(_GONE)
    return keys.index(key)


# -- sheets of answers, for the features that know who may write them -------------------------------------------------


class Sheets(NamedTuple):
    """A table of answers by owner and section."""

    table: str
    owner: str


OF_APPLICATIONS = Sheets("answer_sheets", "application_id")
_SAVE = """INSERT INTO {0.table} ({0.owner}, section, version, answers, saved_by, saved_at)
           VALUES (%(owner)s, %(section)s, %(version)s, %(answers)s, %(subject)s, %(now)s)
           ON CONFLICT ({0.owner}, section) DO UPDATE
           SET version = excluded.version, answers = excluded.answers, saved_by = excluded.saved_by,
               saved_at = excluded.saved_at"""


async def save_sheet(
    work: Work,
    owner_id: UUID,
    section: str,
    stored: queries.Sheet | None,
    answers: Mapping[str, Any],
    version: int | None,
    sheets: Sheets = OF_APPLICATIONS,
) -> int:
    """Save a section; what is answered is locked, and `stored` was read since. Returns the section's version.

    `version` is the one its writer saw, 0 before the first. Raises Stale.
    """
    known = stored.version if stored else 0
    if stored and stored.answers == answers:
        # Who says what is there already overwrites nothing, such as a press beside the page's own saving.
        return known
    if version is not None and version != known:
        raise Stale(
            N_("It was changed after you opened it. Compare both versions, then save again."),
            current_version=known,
            your_version=version,
        )
    await work.execute(
        _SAVE.format(sheets),
        {
            "owner": owner_id,
            "section": section,
            "version": known + 1,
            "answers": as_json(answers),
            "subject": work.actor.subject,
            "now": work.now,
        },
    )
    return known + 1


async def carry_over(work: Work, application_id: UUID, answers: Mapping[str, Any]) -> None:
    """Let the answers be these and no others, such as those of an earlier application."""
    found = await work.session.execute(select(AnswerSheet).where(AnswerSheet.application_id == application_id))  # type: ignore[arg-type]
    for sheet in found.scalars():
        await work.session.delete(sheet)
    await work.session.flush()
    if answers:
        work.add(
            AnswerSheet(
                application_id=application_id,
                section="",
                answers=dict(answers),
                saved_by=work.actor.subject,
                saved_at=work.now,
            )
        )
