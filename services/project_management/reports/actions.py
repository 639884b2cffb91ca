"""Writes about progress reports by people; what the clock does is in `clock`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.calls import rules as calls
from services.project_management.calls.model import Call
from services.project_management.delivery.model import Project
from services.project_management.forms import queries as forms
from services.project_management.forms.actions import Change, Sheets, save_sheet, sound
from services.project_management.forms.checking import File, file_fault, normal
from services.project_management.forms.imports import form_from
from services.project_management.forms.questions import Form, Kind, Question, Section, schema_of
from services.project_management.receipts.actions import issue_paper
from services.project_management.reports import known, queries, rules, samples
from services.project_management.reports.model import Report, ReportPlan
from services.project_management.reports.rules import State
from services.project_management.reports.schemas import ReportPlanUpdate, ReportTemplateCopy
from services.project_management.snapshots import canonical
from shared.blobs.rows import attach
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.errors import Conflict, Invalid, NotFound, Stale
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel

SHEETS = Sheets("report_sheets", "report_id")


async def set_plan(work: Work, call_id: UUID, fields: ReportPlanUpdate, version: int | None) -> ReportPlan:
    """Say which reports the projects of a call owe, and what they ask; reports that are open keep what they have.

    Raises NotFound, Stale, Conflict, Invalid.
    """
    call, plan = await _planned(work, call_id, version)
    rules.require_foreseen(
        stops=fields.stops_payments, stopped=bool(plan and plan.stops_payments), state=calls.State(call.state)
    )
    if fields.form is not None:
        rules.require_asked(calls.State(call.state))
    form = form_from(fields.form) if fields.form else None
    if form is not None and not form.questions:
        raise Invalid.field("/form", N_("A report has to ask something. Keep at least one question."))
    schema = schema_of(sound(form)) if form else (plan.form if plan else schema_of(samples.FORM))
    keys = {section["key"] for section in schema.get("x-sections", [])}
    default = plan.parts if plan else [one for one in samples.PARTS if one in keys]
    parts = fields.parts if fields.parts is not None else [one for one in default if one in keys]
    if strange := [one for one in parts if one not in keys]:
        raise Invalid.field("/parts", S_("The form has no section “%(key)s”.", key=strange[0]))
    values: dict[str, Any] = {
        "rhythm": fields.rhythm.value,
        "final": fields.final,
        "days": fields.days,
        "stops_payments": fields.stops_payments,
        "form": schema,
        "parts": parts,
        "set_by": work.actor.subject,
    }
    if plan is None:
        plan = ReportPlan(
            id=new_id(),
            call_id=call.id,
            call_title=call.title,
            label=_label(call).value,
            office_id=call.organisation_id,
            created_at=work.now,
            **values,
        )
        work.add(plan)
        work.emit(plan.changed(plan.version))
        return plan
    for name, value in values.items():
        setattr(plan, name, value)
    work.emit(plan.changed(plan.touch()))
    return plan


async def _planned(work: Work, call_id: UUID, version: int | None) -> tuple[Call, ReportPlan | None]:
    """A call of the actor's office with its plan as `version` names it, locked. Raises NotFound, Stale."""
    rules.PLAN.admits(work.actor)
    call = await work.get(Call, call_id)
    rules.PLAN.require(work.actor, owners={call.organisation_id}, label=_label(call), thing="call")
    found = await work.session.execute(select(ReportPlan).where(ReportPlan.call_id == call_id).with_for_update())  # type: ignore[arg-type]
    plan = found.scalars().first()
    if version is not None and version != (plan.version if plan else 0):
        raise Stale(
            N_("It was changed after you opened it. Compare both versions, then save again."),
            current_version=plan.version if plan else 0,
            your_version=version,
        )
    return call, plan


def _label(call: Call) -> SecurityLabel:
    label = SecurityLabel(call.label)
    return label if call.released_at else calls.draft_label(label)


async def change_template(work: Work, call_id: UUID, change: Change, version: int | None) -> int:
    """Write what the reports of a call ask, a step at a time; reports that are open keep what they have. Returns the
    plan's version. Raises NotFound, Stale, FormLocked, FormUnsound, Invalid."""
    call, _plan = await _planned(work, call_id, version)
    rules.require_asked(calls.State(call.state))
    plan = await queries.plan(work, call_id)
    before = forms.read(plan["form"])
    form = sound(change(before))
    keys, now = [one.key for one in before.sections], [one.key for one in form.sections]
    renamed = rules.renamed(keys, now)
    # A section that is renamed stays each organisation's own.
    parts = [one for one in (renamed.get(key, key) for key in plan["parts"]) if one in now]
    return await _with_template(work, plan, schema_of(form), parts, version)


async def take_template(work: Work, call_id: UUID, fields: ReportTemplateCopy, version: int | None) -> int:
    """Ask what the template that comes along asks, or that of another call. Returns the plan's version.

    Raises NotFound, Stale, FormLocked, Invalid."""
    call, _plan = await _planned(work, call_id, version)
    rules.require_asked(calls.State(call.state))
    schema, parts = await queries.template_from(work, fields.source)
    return await _with_template(work, await queries.plan(work, call_id), schema, parts, version)


async def _with_template(
    work: Work, plan: Mapping[str, Any], form: dict[str, Any], parts: list[str], version: int | None
) -> int:
    kept = {name: plan[name] for name in ("rhythm", "final", "days", "stops_payments")}
    fields = ReportPlanUpdate(**kept, form=form, parts=parts)
    return (await set_plan(work, plan["call_id"], fields, version)).version


async def begin_report(work: Work, report_id: UUID, version: int | None) -> Report:
    """Open a planned report before its time. Raises NotFound, Stale, ReportNotReady."""
    project, report = await _report(work, report_id, rules.SUBMIT, version)
    rules.next_state("open", State(report.state))
    await open_report(work, project, report)
    return report


async def open_report(work: Work, project: Project, report: Report) -> None:
    """With the form of the plan as it is now, and a part for each organisation that takes part now."""
    found = await work.session.execute(select(ReportPlan).where(ReportPlan.call_id == report.call_id))  # type: ignore[arg-type]
    plan = found.scalars().one()
    organisations = [project.lead.model_dump(), *project.partners][: rules.MOST_PARTS]
    report.parties = sorted(str(one) for one in project.owners)
    report.stops_payments = plan.stops_payments
    _emit(work, report.open(plan.form, plan.parts, organisations, local_day(work.now)))


async def save_section(work: Work, report_id: UUID, key: str, answers: Mapping[str, Any], version: int | None) -> int:
    """Save a section as far as it is written; what is not right yet is kept too. Returns the section's version.

    Raises NotFound, Stale, Invalid, ReportNotReady, NotYourPart.
    """
    report, found, section = await _writing(work, report_id, key)
    strange = set(answers) - {one.key for one in section.questions}
    if strange:
        raise Invalid.field(f"/answers/{min(strange)}", N_("This section asks no such question. Open it anew."))
    kept = {
        one.key: found.answers.get(one.key) if one.kind is Kind.ATTACHMENT else normal(one, answers.get(one.key))
        for one in section.questions
    }
    saved = await save_sheet(work, report.id, section.key, found.sheets.get(section.key), kept, version, SHEETS)
    await _part_written(work, report, section)
    return saved


async def refill_section(work: Work, report_id: UUID, key: str) -> None:
    """Take the records again for what they answer; the rest of the section stays.

    Raises NotFound, ReportNotReady, NotYourPart.
    """
    report, found, section = await _writing(work, report_id, key)
    sheet = found.sheets.get(section.key)
    if sheet is not None:
        kept = {name: answer for name, answer in sheet.answers.items() if name not in known.KEYS}
        await save_sheet(work, report.id, section.key, sheet, kept, None, SHEETS)


async def attach_file(work: Work, report_id: UUID, key: str, document_id: UUID) -> int:
    """Answer a question with an uploaded file. Raises NotFound, Invalid, ReportNotReady, NotYourPart."""
    report, found, section = await _writing(work, report_id, await _place(work, report_id, key))
    question = _slot(found.form, key)
    files = list(found.answers.get(key) or [])
    if str(document_id) in files:
        raise Invalid.field("/document_id", N_("This file is attached here already."))
    if len(files) >= question.limit:
        sentence = S_("This takes at most %(most)s files. Remove one first.", most=question.limit)
        raise Invalid.field("/document_id", sentence)
    document = await attach(work, document_id, queries.ANSWER, report.id)
    if fault := file_fault(question, File(document.filename, document.size or 0)):
        raise Invalid.field("/document_id", fault)
    if document.label.rank > SecurityLabel(report.label).rank:
        raise Invalid.field(
            "/document_id", S_("Its label is above the project's, which is %(label)s.", label=report.label)
        )
    return await _put(work, report, found, section, key, [*files, str(document_id)])


async def remove_file(work: Work, report_id: UUID, key: str, document_id: UUID) -> int:
    """Raises NotFound, Conflict, ReportNotReady, NotYourPart."""
    report, found, section = await _writing(work, report_id, await _place(work, report_id, key))
    files = list(found.answers.get(key) or [])
    if str(document_id) not in files:
        raise Conflict(N_("This file is not attached here any more."))
    await work.execute(
        """UPDATE documents SET owner_kind = NULL, owner_id = NULL
           WHERE id = %(id)s AND owner_id = %(owner)s AND owner_kind = %(kind)s""",
        {"id": document_id, "owner": report.id, "kind": queries.ANSWER},
    )
    left = [one for one in files if one != str(document_id)]
    return await _put(work, report, found, section, key, left or None)


async def exchange_files(
    work: Work, report_id: UUID, removed: Mapping[str, list[str]], added: Mapping[str, list[UUID]]
) -> dict[str, list[str]]:
    """Take back and attach what a page sends at once. A file that is not taken keeps nothing else from being saved:
    question → why. Raises NotFound, Conflict, ReportNotReady, NotYourPart."""
    told: dict[str, list[str]] = {}
    for key, ids in removed.items():
        for id in ids:
            try:
                await remove_file(work, report_id, key, UUID(id))
            except ValueError:
                raise NotFound(N_("This file is not attached here any more.")) from None
    for key, documents in added.items():
        for document_id in documents:
            try:
                await attach_file(work, report_id, key, document_id)
            except Invalid as problem:
                told.setdefault(key, []).extend(error["detail"] for error in problem.errors)
    return told


async def submit_report(work: Work, report_id: UUID, version: int | None) -> Report:
    """Hand it in: a snapshot with its SHA-256, and a paper with a number as its receipt.

    Raises NotFound, Stale, ReportNotReady, ReportIncomplete with every entry that is missing.
    """
    _, report = await _report(work, report_id, rules.SUBMIT, version)
    rules.next_state("submit", State(report.state))
    found = await queries.working(work, await queries.report(work, report.id))
    if not found.progress.complete:
        raise rules.ReportIncomplete(
            N_("Fill in what is missing, then hand it in."),
            errors=[
                {"pointer": "/answers/" + "/".join(map(str, fault.path)), "detail": fault.sentence}
                for fault in found.progress.faults
            ],
        )
    content = queries.snapshot(found, await queries.documents(work, report.id))
    content |= {"submission": report.submissions + 1}
    text, sha256 = canonical(content)
    _emit(work, report.submit(text, sha256, work.actor.subject, local_day(work.now), work.now))
    issue_paper(
        work,
        kind="report",
        about_id=report.id,
        call_id=report.call_id,
        content=content,
        version=report.submissions,
    )
    return report


async def accept_report(work: Work, report_id: UUID, note: str, version: int | None) -> Report:
    """Raises NotFound, Stale, ReportNotReady."""
    _, report = await _report(work, report_id, rules.JUDGE, version)
    _emit(work, report.accept(note, work.now))
    return report


async def return_report(work: Work, report_id: UUID, reason: str, due_on: date, version: int | None) -> Report:
    """Ask to complete it by a day. Raises NotFound, Stale, ReportNotReady, Invalid."""
    _, report = await _report(work, report_id, rules.JUDGE, version)
    rules.next_state("return", State(report.state))
    rules.require_due(due_on, local_day(work.now))
    _emit(work, report.send_back(reason, due_on, work.now))
    return report


async def lift_report(work: Work, report_id: UUID, reason: str, version: int | None) -> Report:
    """Ask for it no more. Raises NotFound, Stale, ReportNotReady."""
    _, report = await _report(work, report_id, rules.JUDGE, version)
    _emit(work, report.lift(reason, work.now))
    return report


async def explain_delay(work: Work, report_id: UUID, text: str, version: int | None) -> Report:
    """The lead says why it is late. Raises NotFound, Stale, NotLate."""
    _, report = await _report(work, report_id, rules.SUBMIT, version)
    rules.require_late(writing=State(report.state) in rules.WRITING, grade=report.grade)
    _emit(work, report.explain(text, work.actor.subject, work.now))
    return report


async def reports_reviewed(work: Work, project_id: UUID) -> None:
    """The office has said what becomes of a project with late reports: it is asked that no more."""
    found = await work.session.execute(
        select(Report)
        .where(Report.project_id == project_id, Report.grade >= rules.REVIEW_GRADE)  # type: ignore[arg-type]
        .with_for_update()
    )
    for report in found.scalars():
        _emit(work, report.office_done())


async def _report(work: Work, report_id: UUID, policy: Policy, version: int | None) -> tuple[Project, Report]:
    """A report with its project, the project locked first. Raises NotFound, Stale."""
    policy.admits(work.actor)
    seen = await work.get(Report, report_id, lock=False)
    project = await work.get(Project, seen.project_id)
    report = await work.get(Report, report_id)
    policy.require(
        work.actor,
        owners={report.lead_id},
        parties=report.owners | project.owners,
        office=report.office_id,
        label=SecurityLabel(report.label),
        thing="report",
    )
    work.must_match(report, version)
    return project, report


async def _writing(work: Work, report_id: UUID, key: str) -> tuple[Report, queries.Written, Section]:
    """A report that is written, locked, and a section that the actor writes.

    Raises NotFound, ReportNotReady, NotYourPart.
    """
    rules.WRITE.admits(work.actor)
    report = await work.get(Report, report_id)
    rules.WRITE.require(work.actor, owners=report.owners, label=SecurityLabel(report.label), thing="report")
    if State(report.state) not in rules.WRITING:
        rules.next_state("submit", State(report.state))
    found = await queries.working(work, await queries.report(work, report_id))
    section = found.form.section(key)
    if section is None:
        raise NotFound(N_("The form has no such section any more. Open it anew."))
    if not may_write(work.actor.organisations(*(rules.WRITE.roles or ())), report.lead_id, found.writers.get(key)):
        raise rules.NotYourPart(N_("You write the part of your organisation; the lead writes the rest."))
    return report, found, section


def may_write(held: frozenset[UUID], lead_id: UUID, part_of: str | None) -> bool:
    """The lead everywhere, a partner in its own part."""
    return lead_id in held or (part_of is not None and UUID(part_of) in held)


async def _part_written(work: Work, report: Report, section: Section) -> None:
    """Who has written its part is not asked for it any more."""
    found = await queries.working(work, await queries.report(work, report.id))
    writer = found.writers.get(section.key)
    keys = {one.key for one in section.questions}
    if writer and not any(fault.key in keys for fault in found.progress.faults):
        _emit(work, report.parts_done([writer], "written"))


async def _place(work: Work, report_id: UUID, key: str) -> str:
    """The section that asks for a file."""
    row = await queries.report(work, report_id)
    form = queries.whole_form(row["form"], row["parts"], row["organisations"])
    _slot(form, key)
    return next(section.key for section in form.sections if key in [one.key for one in section.questions])


def _slot(form: Form, key: str) -> Question:
    question = form.question(key)
    if question is None or question.kind is not Kind.ATTACHMENT:
        raise NotFound(N_("The form asks for no file there any more. Open it anew."))
    return question


async def _put(work: Work, report: Report, found: queries.Written, section: Section, key: str, value: Any) -> int:
    sheet = found.sheets.get(section.key)
    answers = {**(sheet.answers if sheet else {}), key: value}
    return await save_sheet(work, report.id, section.key, sheet, answers, None, SHEETS)


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
