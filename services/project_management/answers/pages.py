"""The form of a call, filled in by everybody who takes part in the application."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.answers import actions, queries, words
from services.project_management.answers.previews import Tried
from services.project_management.answers.previews import preview as tried
from services.project_management.answers.rules import READ, WRITE
from services.project_management.applications.consents import consenting
from services.project_management.applications.eligibility import may_submit
from services.project_management.applications.facts import eligibility
from services.project_management.applications.rules import DRAFT
from services.project_management.applications.words import saved as said_saved
from services.project_management.forms import queries as form_queries
from services.project_management.forms import words as form_words
from services.project_management.forms.checking import shown
from services.project_management.forms.questions import ACCEPTED, Kind, Section
from services.project_management.forms.rules import DESIGN, WRITTEN_WHILE
from services.project_management.forms.rules import READ as SHOWN_TO
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import Invalid, NotFound, Problem, Stale
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, read_form
from shared.web.i18n import Text, _
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.uploads import ReceivedForm, receive_upload

pages = page_room("answers")


@pages.get("/calls/{call_id}/form/preview", allow=SHOWN_TO)
async def preview(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """The form of a call as applicants fill it in, in either language; its office sees what it writes there now.

    What is tried stands in the address and nowhere else.
    """
    found = await form_queries.working_form(read, call_id)
    call = found["call"]
    ours = DESIGN.allows(read.actor, owners={call["organisation_id"]})
    form = form_queries.read(found["schema"] if ours else found["present"])
    if not form.sections:
        raise NotFound(N_("This call has no application form."))
    here = f"/projects/calls/{call_id}"
    return await tried(
        request,
        lambda: Tried(
            form,
            f"{here}/form/preview",
            f"{here}/form/draft" if ours and call["state"] in WRITTEN_WHILE else "",
            [(_("Calls"), "/projects/calls"), (call["title"], here), (_("Application form"), f"{here}/form")],
            _("So applicants see the form. Try it: nothing is saved or sent to anybody."),
            _("What applicants would be told stands beside each question."),
            _("Write the form"),
        ),
    )


@pages.get("/applications/{application_id}/answers", allow=READ)
async def overview(request: Request, read: ReadDep, application_id: UUID) -> Response:
    """How far the form is, everything that was answered, and with `check` everything that is missing."""
    found = await queries.filled(read, application_id)
    asked = {one.key for one in shown(found.form, found.answers)}
    leads = DRAFT.allows(read.actor, owners={found.application["lead_id"]})
    ready = found.live and leads and may_submit(await eligibility(read, application_id))
    savers = await names(read, [sheet.saved_by for sheet in found.sheets.values()])
    place = {one.key: section for section in found.form.sections for one in section.questions}
    return service_of(request).pages.render(
        request,
        "answers/overview.html",
        filled=found,
        application=found.application,
        asked=asked,
        savers=savers,
        may_submit=ready,
        checking=found.live and bool(request.query_params.get("check")),
        faults=[
            (form_words.label(found.form.question(one.key)), place[one.key].key, one.key, said(one.sentence))
            for one in found.progress.faults
        ],
        counts={section.key: _counts(section, asked, found) for section in found.form.sections},
        Kind=Kind,
        w=form_words,
    )


def _counts(section: Section, asked: set[str], found: queries.Filled) -> tuple[int, int, int]:
    """Asked, answered, at fault."""
    keys = {one.key for one in section.questions} & asked
    answered = sum(found.answers.get(key) is not None for key in keys)
    return len(keys), answered, sum(fault.key in keys for fault in found.progress.faults)


@pages.get("/applications/{application_id}/answers/{section}", allow=WRITE)
async def section_form(request: Request, read: ReadDep, application_id: UUID, section: str) -> Response:
    found, here = await _section(read, application_id, section)
    sheet = found.sheets.get(here.key)
    errors = words.errors_of(here, found.progress.faults) if request.query_params.get("check") else {}
    state = FormState(words.typed(here, found.answers), errors, sheet.version if sheet else 0)
    return _page(request, found, here, state)


@pages.post("/applications/{application_id}/answers/{section}/edit", allow=WRITE)
async def save_answers(request: Request, read: ReadDep, work: WorkDep, application_id: UUID, section: str) -> Response:
    """Save the section; with `draft` it is the form saving itself, which wants the new version and no page."""
    received = await _received(request, read, application_id, section)
    posted = received.form
    before = await consenting(read, application_id)
    try:
        desk = await actions.open_desk(work, application_id)
        answers = words.answers_of(desk.section(section), posted)
        saved = await actions.save_section(work, desk, section, answers, posted.version)
        problems = await _files(work, application_id, desk.section(section), received)
    except Problem as problem:
        await work.rollback()
        found, here = await _section(read, application_id, section)
        if isinstance(problem, Stale):
            return _stale(request, found, here, posted, problem.extra["current_version"])
        state = FormState.refused(posted, problem)
        return _page(request, found, here, state, status=problem.status)
    if posted.wants_draft:
        return Response(status_code=204, headers={"X-Version": str(saved)})
    root = f"/projects/applications/{application_id}/answers"
    after = await queries.filled(work, application_id)
    found, here = after, desk.section(section)
    malformed = [one for one in after.progress.faults if after.answers.get(one.key) is not None]
    errors = words.errors_of(here, tuple(malformed))
    if problems:  # with all that is wrong, at once; a refused page keeps nothing, so that the version stays
        state = FormState(words.typed(here, after.answers), errors | problems, posted.version)
        return _page(request, after, here, state, status=422)
    if errors:
        notice = _("Saved. Some entries need correcting before you submit.")
        notice = said_saved(notice, before, await consenting(work, application_id))
        return redirect(f"{root}/{here.key}?check=1", notice=notice, tone="warning")
    keys = [one.key for one in found.form.sections]
    following = keys[keys.index(here.key) + 1 :][:1]
    to = f"{root}/{following[0]}" if following and posted.get("next") else root
    notice = said_saved(_("The answers are saved."), before, await consenting(work, application_id))
    return redirect(to, notice=notice)


async def _received(request: Request, read: Rows, application_id: UUID, section: str) -> ReceivedForm:
    """What was posted. Files are taken in before the unit of work is asked anything."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return ReceivedForm(await read_form(request))
    found, here = await _section(read, application_id, section)
    ours = read.actor.organisations(*WRITE.roles or ()) & queries.writers(found.application)
    acting = read.actor.acting_for
    return await receive_upload(
        request,
        read.actor,
        fields=tuple(f"file-{one.key}" for one in here.questions if one.kind is Kind.ATTACHMENT),
        organisation_id=acting if acting in ours else min(ours),
        label=SecurityLabel(found.application["label"]),
    )


async def _files(work: Any, application_id: UUID, section: Section, received: ReceivedForm) -> dict[str, list[Text]]:
    """Take off and attach; by field what is wrong with a file, so that it is told with the rest of the section."""
    told: dict[str, list[Text]] = {name: [said(refusal.detail)] for name, refusal in received.refusals.items()}
    for one in section.questions:
        if one.kind is not Kind.ATTACHMENT:
            continue
        for text in received.form.all(f"remove-{one.key}"):
            await actions.remove_file(work, application_id, one.key, _uuid(text))
        for document in received.documents.get(f"file-{one.key}", []):
            try:
                await actions.attach_file(work, application_id, one.key, document.id)
            except Invalid as problem:
                faults = [said(error["detail"]) for error in problem.errors] or [said(problem.detail)]
                told.setdefault(f"file-{one.key}", []).extend(faults)
    return told


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(N_("This file is not attached here any more.")) from None


async def _section(rows: Rows, application_id: UUID, key: str) -> tuple[queries.Filled, Section]:
    found = await queries.filled(rows, application_id)
    section = found.form.section(key)
    if not found.live or section is None:
        raise NotFound(N_("The form has no such section any more. Open it anew."))
    return found, section


def _stale(request: Request, found: queries.Filled, section: Section, posted: PostedForm, version: int) -> Response:
    root = f"/projects/applications/{found.application['id']}/answers/{section.key}"
    return service_of(request).pages.stale(request, words.both_versions(section, found.answers, posted, version, root))


def _page(
    request: Request, found: queries.Filled, section: Section, state: FormState, *, status: int = 200
) -> Response:
    asked = {one.key for one in shown(found.form, found.answers)}
    keys = [one.key for one in found.form.sections]
    return service_of(request).pages.render(
        request,
        "answers/section.html",
        status=status,
        filled=found,
        application=found.application,
        section=section,
        number=keys.index(section.key) + 1,
        form=state,
        asked=asked,
        here_asked={one.key for one in section.questions},
        conditions={one.key: words.condition(one) for one in section.questions if one.show_if},
        uploads=any(one.kind is Kind.ATTACHMENT for one in section.questions),
        accepted={key: ",".join(ends) for key, ends in ACCEPTED.items()},
        Kind=Kind,
        w=form_words,
        a=words,
    )
