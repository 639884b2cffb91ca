"""Progress reports for people: written by the lead and its partners, judged by the office."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.answers import words as typing_words
from services.project_management.delivery.queries import parties, project
from services.project_management.delivery.rules import ProjectState
from services.project_management.delivery.words import RESPONSES
from services.project_management.forms import words as form_words
from services.project_management.forms.checking import shown
from services.project_management.forms.queries import read as read_schema
from services.project_management.forms.questions import ACCEPTED, Kind, Section
from services.project_management.reports import actions, known, queries, rules, words
from services.project_management.reports.rules import JUDGE, PLAN, PLAN_READ, READ, SUBMIT, WRITE, State
from services.project_management.reports.schemas import (
    ReportAcceptanceCreate,
    ReportExplanationCreate,
    ReportLiftCreate,
    ReportPlanUpdate,
    ReportReturnCreate,
)
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.errors import NotFound, Problem, Stale
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, Model, PostedForm, parse, read_form
from shared.web.history import entries
from shared.web.i18n import Text, _
from shared.web.links import chain_url, thing_word
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.uploads import ReceivedForm, receive_upload

pages = page_room("reports")


@pages.get("/projects/{project_id}/reports", allow=READ)
async def report_list(request: Request, read: ReadDep, project_id: UUID) -> Response:
    found = await project(read, project_id)
    reports = await queries.reports(read, project_id)
    return service_of(request).pages.render(
        request,
        "reports/list.html",
        project=found,
        reports=reports,
        office=JUDGE.in_charge(read.actor, found["office_id"], parties(found)),
        STATES=words.STATES,
        KINDS=words.KINDS,
    )


@pages.get("/reports/{report_id}", allow=READ)
async def report_detail(request: Request, read: ReadDep, report_id: UUID) -> Response:
    """What is written or was handed in, and with `check` everything that is missing."""
    return await _detail(request, read, report_id)


@pages.get("/reports/{report_id}/sections/{section}", allow=WRITE)
async def section_form(request: Request, read: ReadDep, report_id: UUID, section: str) -> Response:
    found, here = await _section(read, report_id, section)
    sheet = found.sheets.get(here.key)
    checking = bool(request.query_params.get("check"))
    errors = typing_words.errors_of(here, found.progress.faults) if checking else {}
    state = FormState(typing_words.typed(here, found.answers), errors, sheet.version if sheet else 0)
    return _page(request, found, here, state)


@pages.post("/reports/{report_id}/sections/{section}/edit", allow=WRITE)
async def save_section(request: Request, read: ReadDep, work: WorkDep, report_id: UUID, section: str) -> Response:
    """Save the section; with `draft` it is the form saving itself, which wants the new version and no page."""
    received = await _received(request, read, report_id, section)
    posted = received.form
    try:
        found, here = await _section(work, report_id, section)
        given = typing_words.answers_of(here, posted)
        saved = await actions.save_section(work, report_id, section, given, posted.version)
        files = [one.key for one in here.questions if one.kind is Kind.ATTACHMENT]
        removed = {key: received.form.all(f"remove-{key}") for key in files}
        added = {key: [one.id for one in received.documents.get(f"file-{key}", [])] for key in files}
        told = await actions.exchange_files(work, report_id, removed, added)
        problems: dict[str, list[Text]] = {f"file-{key}": [said(one) for one in faults] for key, faults in told.items()}
        problems |= {name: [said(refusal.detail)] for name, refusal in received.refusals.items()}
    except Stale as stale:
        await work.rollback()
        found, here = await _section(read, report_id, section)
        return _stale(request, found, here, posted, stale.extra["current_version"])
    except Problem as problem:
        await work.rollback()
        found, here = await _section(read, report_id, section)
        return _page(request, found, here, FormState.refused(posted, problem), status=problem.status)
    if posted.wants_draft:
        return Response(status_code=204, headers={"X-Version": str(saved)})
    root = f"/projects/reports/{report_id}"
    await work.flush()
    after, here = await _section(work, report_id, section)
    malformed = tuple(one for one in after.progress.faults if after.answers.get(one.key) is not None)
    errors = typing_words.errors_of(here, malformed) | problems
    if problems:  # the page itself, for what a file was refused for is known to nobody else
        state = FormState(typing_words.typed(here, after.answers), errors, posted.version)  # nothing of it is kept
        return _page(request, after, here, state, status=422)
    if errors:
        notice = _("Saved. Some entries need correcting before you submit.")
        return redirect(f"{root}/sections/{here.key}?check=1", notice=notice, tone="warning")
    mine = [one.key for one in after.form.sections if _mine(work, after, one.key)]
    following = mine[mine.index(here.key) + 1 :][:1]
    to = f"{root}/sections/{following[0]}" if following and posted.get("next") else root
    return redirect(to, notice=_("The section is saved."))


@pages.post("/reports/{report_id}/sections/{section}/refill", allow=WRITE)
async def refill_section(request: Request, work: WorkDep, report_id: UUID, section: str) -> Response:
    await actions.refill_section(work, report_id, section)
    return redirect(
        f"/projects/reports/{report_id}/sections/{section}", notice=_("What the platform knows is filled in again.")
    )


@pages.post("/reports/{report_id}/beginning", allow=SUBMIT)
async def begin_report(request: Request, work: WorkDep, report_id: UUID) -> Response:
    done = _("The report can be written. It is due on the day that was planned.")
    return await _go(
        request, work, report_id, "beginning", Pressed, lambda _f, v: actions.begin_report(work, report_id, v), done
    )


@pages.post("/reports/{report_id}/submission", allow=SUBMIT)
async def submit_report(request: Request, work: WorkDep, report_id: UUID) -> Response:
    done = _("The report is handed in. Its number is your receipt.")
    return await _go(
        request, work, report_id, "submission", Pressed, lambda _f, v: actions.submit_report(work, report_id, v), done
    )


@pages.post("/reports/{report_id}/explanation", allow=SUBMIT)
async def explain_delay(request: Request, work: WorkDep, report_id: UUID) -> Response:
    done = _("The programme office reads your explanation.")
    return await _go(
        request,
        work,
        report_id,
        "explanation",
        ReportExplanationCreate,
        lambda fields, v: actions.explain_delay(work, report_id, fields.text, v),
        done,
    )


@pages.post("/reports/{report_id}/acceptance", allow=JUDGE)
async def accept_report(request: Request, work: WorkDep, report_id: UUID) -> Response:
    return await _go(
        request,
        work,
        report_id,
        "acceptance",
        ReportAcceptanceCreate,
        lambda fields, v: actions.accept_report(work, report_id, fields.note, v),
        _("The report is accepted."),
    )


@pages.post("/reports/{report_id}/return", allow=JUDGE)
async def return_report(request: Request, work: WorkDep, report_id: UUID) -> Response:
    return await _go(
        request,
        work,
        report_id,
        "returning",
        ReportReturnCreate,
        lambda fields, v: actions.return_report(work, report_id, fields.reason, fields.due_on, v),
        _("The report is back with the lead."),
    )


@pages.post("/reports/{report_id}/waiver", allow=JUDGE)
async def lift_report(request: Request, work: WorkDep, report_id: UUID) -> Response:
    return await _go(
        request,
        work,
        report_id,
        "waiver",
        ReportLiftCreate,
        lambda fields, v: actions.lift_report(work, report_id, fields.reason, v),
        _("The report is owed no more."),
    )


@pages.get("/calls/{call_id}/reporting", allow=PLAN_READ)
async def plan_detail(request: Request, read: ReadDep, call_id: UUID) -> Response:
    return await _plan(request, read, call_id)


@pages.post("/calls/{call_id}/reporting", allow=PLAN)
async def set_plan(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReportPlanUpdate, posted)
    if isinstance(fields, FormState):
        return await _plan(request, work, call_id, FormState.posted(posted, fields.errors), 422)
    try:
        fields.parts = posted.all("parts")
        await actions.set_plan(work, call_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _plan(request, work, call_id, FormState.refused(posted, problem), problem.status)
    return redirect(f"/projects/calls/{call_id}/reporting", notice=_("The reporting of the call is saved."))


async def _plan(
    request: Request, rows: Rows, call_id: UUID, state: FormState | None = None, status: int = 200
) -> Response:
    found = await queries.plan(rows, call_id)
    may_plan = PLAN.allows(rows.actor, owners={found["call"]["organisation_id"]})
    form = read_schema(found["form"])
    return service_of(request).pages.render(
        request,
        "reports/plan.html",
        status=status,
        call=found["call"],
        plan=found,
        form=form,
        known=known.KEYS,
        may_plan=may_plan,
        state=state
        or FormState.of(
            {name: found[name] for name in ("rhythm", "final", "days", "stops_payments", "parts")},
            version=found["version"],
        ),
        rhythms=[(one.value, str(word)) for one, word in words.RHYTHMS.items()],
        sections=[(one.key, form_words.in_language(one.title, one.title_zh)) for one in form.sections],
        RHYTHMS=words.RHYTHMS,
        QUESTIONS=form_words.KINDS,
        w=form_words,
    )


async def _go(
    request: Request,
    work: WorkDep,
    report_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Any, int | None], Awaitable[Any]],
    done: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _detail(request, work, report_id, refused),
        (f"/projects/reports/{report_id}", done),
    )


async def _section(rows: Rows, report_id: UUID, key: str) -> tuple[queries.Written, Section]:
    found = await queries.written(rows, report_id)
    section = found.form.section(key)
    if not found.live or section is None:
        raise NotFound(N_("The form has no such section any more. Open it anew."))
    if not _mine(rows, found, key):
        raise rules.NotYourPart(N_("You write the part of your organisation; the lead writes the rest."))
    return found, section


def _mine(rows: Rows, found: queries.Written, key: str) -> bool:
    held = rows.actor.organisations(*(WRITE.roles or ()))
    return actions.may_write(held, found.report["lead_id"], found.writers.get(key))


async def _received(request: Request, read: Rows, report_id: UUID, section: str) -> ReceivedForm:
    """What was posted. Files are taken in before the unit of work is asked anything."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return ReceivedForm(await read_form(request))
    found, here = await _section(read, report_id, section)
    ours = read.actor.organisations(*WRITE.roles or ()) & {UUID(one) for one in found.report["parties"]}
    acting = read.actor.acting_for
    return await receive_upload(
        request,
        read.actor,
        fields=tuple(f"file-{one.key}" for one in here.questions if one.kind is Kind.ATTACHMENT),
        organisation_id=acting if acting in ours else min(ours),
        label=SecurityLabel(found.report["label"]),
    )


def _stale(request: Request, found: queries.Written, section: Section, posted: PostedForm, version: int) -> Response:
    root = f"/projects/reports/{found.report['id']}/sections/{section.key}"
    page = typing_words.both_versions(section, found.answers, posted, version, root)
    return service_of(request).pages.stale(request, page)


def _page(
    request: Request, found: queries.Written, section: Section, state: FormState, *, status: int = 200
) -> Response:
    keys = [one.key for one in found.form.sections]
    return service_of(request).pages.render(
        request,
        "reports/section.html",
        status=status,
        report=found.report,
        filled=found,
        section=section,
        number=keys.index(section.key) + 1,
        all=len(keys),
        form=state,
        asked={one.key for one in shown(found.form, found.answers)},
        conditions={one.key: typing_words.condition(one) for one in section.questions if one.show_if},
        uploads=any(one.kind is Kind.ATTACHMENT for one in section.questions),
        refillable=any(one.key in known.KEYS for one in section.questions) and section.key in found.sheets,
        accepted={key: ",".join(ends) for key, ends in ACCEPTED.items()},
        KINDS=words.KINDS,
        Kind=Kind,
        w=form_words,
        a=typing_words,
    )


async def _detail(request: Request, rows: Rows, report_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.written(rows, report_id)
    report = found.report
    state = State(report["state"])
    owed = rules.owed(ProjectState(report["project_state"]), state, rules.Kind(report["kind"]))
    owners = {UUID(one) for one in report["parties"]}
    leads = owed and SUBMIT.allows(rows.actor, owners={report["lead_id"]})
    judges = JUDGE.in_charge(rows.actor, report["office_id"], owners)
    place = {one.key: section for section in found.form.sections for one in section.questions}
    faults = [
        (
            f"{form_words.in_language(place[one.key].title, place[one.key].title_zh)} · "
            f"{form_words.label(found.form.question(one.key))}",
            place[one.key].key,
            one.key,
            said(one.sentence),
        )
        for one in found.progress.faults
    ]
    return service_of(request).pages.render(
        request,
        "reports/detail.html",
        status=refused.status if refused else 200,
        report=report,
        filled=found,
        asked={one.key for one in shown(found.form, found.answers)},
        mine={one.key for one in found.form.sections if found.live and _mine(rows, found, one.key)},
        writer_names={one["id"]: one["name"] for one in report["organisations"]},
        savers=await names(rows, [sheet.saved_by for sheet in found.sheets.values()]),
        faults=faults,
        checking=found.live and (bool(request.query_params.get("check")) or bool(refused)),
        may_begin=leads and state is State.PLANNED,
        may_submit=leads and state in rules.WRITING,
        may_explain=leads and state in rules.WRITING and report["grade"] > 0,
        may_judge=judges and state is State.SUBMITTED,
        may_lift=judges and state in rules.TRANSITIONS["lift"][0],
        answers=Answers(refused, report["version"]),
        refused=refused,
        history=entries(await history(rows, report_id)),
        chain=[
            (thing_word("project"), report["project_title"], f"/projects/projects/{report['project_id']}", False),
            (thing_word("report"), f"{words.KINDS[report['kind']]} {report['number']}", "", True),
        ],
        chain_url=chain_url("report", report_id),
        STATES=words.STATES,
        KINDS=words.KINDS,
        RESPONSES=RESPONSES,
        w=form_words,
    )
