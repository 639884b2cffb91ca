"""Projects and milestones for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.awards.queries import award_of
from services.project_management.budgets.approved import approved_lines, in_years, organisations_of
from services.project_management.calls.queries import call
from services.project_management.costs.rules import MOST_YEARS
from services.project_management.delivery import actions, queries
from services.project_management.delivery.drawing import burn, gantt
from services.project_management.delivery.rules import (
    DRAFT,
    JUDGE,
    PAY,
    READ,
    SIGN,
    SPENDING,
    SUBMIT,
    MilestoneState,
    ProjectState,
    Side,
    pays,
)
from services.project_management.delivery.schemas import (
    AcceptanceCreate,
    EvidenceCreate,
    ProjectCreate,
    ReturnCreate,
    SignatureCreate,
)
from services.project_management.delivery.words import (
    CATEGORIES,
    GRADES,
    MILESTONES,
    RESPONSES,
    SIDES,
    STATES,
    WAITS,
    exported_cells,
)
from services.project_management.indicators.words import choices
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.clock import local_day
from shared.kernel.errors import Invalid, Problem
from shared.kernel.types import Role, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, exported, pages_of, wanted
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.uploads import receive_upload
from shared.web.words import bilingual

pages = page_room("delivery")


@pages.get("/projects", allow=READ)
async def project_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Project"), sort=True),
            Column("field", _("Field"), sort=True),
            Column("amount", _("Award"), align="right", sort=True),
            Column("next_due", _("Next due"), sort=True),
            Column("ends_on", _("Ends"), sort=True),
            Column("risk", _("Heaviest risk")),
            Column("state", _("State")),
        ],
        facets=[
            Facet("state", _("State"), [Option(state.value, str(word)) for state, word in STATES.items()]),
            Facet("waits", _("Waits"), [Option(what, str(word)) for what, word in WAITS.items()]),
        ],
    )
    states, waits = view.chosen("state"), view.chosen("waits")
    total = await queries.count_projects(read, search=view.q, states=states, waits=waits)

    def page_at(cursor: str | None, limit: int = BATCH) -> Any:
        return queries.projects(
            read, search=view.q, states=states, waits=waits, sort=view.sort, cursor=cursor, limit=limit
        )

    if wanted(request):
        return exported(request, "projects", exported_cells(), pages_of(page_at), total)
    page = await page_at(view.cursor, 25)
    return service_of(request).pages.render(
        request,
        "delivery/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        STATES=STATES,
        WAITS=WAITS,
    )


@pages.get("/projects/new", allow=DRAFT)
async def new_project(request: Request, read: ReadDep, application_id: UUID) -> Response:
    known = await queries.project_of(read, application_id)
    if known:
        return redirect(f"/projects/projects/{known}")
    award = await award_of(read, application_id)
    _must_draft(read, award)
    money = {"currency": award["amount_currency"]}
    year = local_day(read.now).year
    approved = await approved_lines(read, application_id, award["amount_amount"])
    lines = [one.model_dump(mode="json") for one in in_years(approved, year, year + MOST_YEARS, money["currency"])]
    called = await call(read, award["call_id"])
    promised = [{"milestone": 1, **one} for one in called["indicators"]]
    whole = {"tranche": money | {"amount": award["amount_amount"]}}
    blank = {"milestones": [whole], "budget": lines, "indicators": promised}
    return await _form(request, read, award, FormState.of(blank))


@pages.post("/projects/new", allow=DRAFT)
async def create_project(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    award = await award_of(work, application_id)
    _must_draft(work, award)
    given = PostedForm([*posted.fields, ("application_id", str(application_id))], posted.files)
    fields = parse(ProjectCreate, given)
    if isinstance(fields, FormState):
        return await _form(request, work, award, fields, status=422)
    try:
        project = await actions.create_project(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, award, FormState.refused(posted, problem), status=problem.status)
    return redirect(
        f"/projects/projects/{project.id}",
        notice=_("The task book is drawn up. Both sides have been asked to sign it."),
    )


def _must_draft(rows: Rows, award: dict[str, Any]) -> None:
    """The form is refused to whom its sending would be."""
    lead = award["lead_id"]
    parties = {lead, *award["partner_ids"]}
    DRAFT.require(rows.actor, owners={lead}, parties=parties, office=award["office_id"], thing="application")


async def _form(request: Request, rows: Rows, award: dict[str, Any], form: FormState, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "delivery/form.html",
        status=status,
        award=award,
        form=form,
        categories=CATEGORIES,
        organisations=await organisations_of(rows, award["application_id"]),
        approved=form.value("budget-0-amount-amount") and request.method == "GET",
        directions=choices(),
    )


@pages.get("/projects/{project_id}", allow=READ)
async def project_detail(request: Request, read: ReadDep, project_id: UUID) -> Response:
    return await _project(request, read, project_id)


@pages.post("/projects/{project_id}/signatures", allow=SIGN)
async def sign_project(request: Request, work: WorkDep, project_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(SignatureCreate, posted)
    if isinstance(fields, FormState):
        return await _project(request, work, project_id, refused=Invalid(_("Choose for which side you sign.")))
    try:
        project = await actions.sign_project(work, project_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _project(request, work, project_id, refused=problem)
    started = project.state == ProjectState.RUNNING.value
    notice = (
        _("Both sides have signed: the project runs.") if started else _("You have signed. The other side is next.")
    )
    return redirect(f"/projects/projects/{project_id}", notice=notice)


@pages.get("/milestones/{milestone_id}", allow=READ)
async def milestone_detail(request: Request, read: ReadDep, milestone_id: UUID) -> Response:
    return await _milestone(request, read, milestone_id)


@pages.post("/milestones/{milestone_id}/evidence", allow=SUBMIT)
async def submit_evidence(request: Request, read: ReadDep, work: WorkDep, milestone_id: UUID) -> Response:
    # `work` is not asked anything before the file is there: its transaction, and its place in the pool, would wait.
    milestone = await queries.milestone(read, milestone_id)
    SUBMIT.require(read.actor, owners={milestone["lead_id"]}, thing="milestone")
    received = await receive_upload(
        request, read.actor, organisation_id=milestone["lead_id"], label=SecurityLabel(milestone["label"])
    )
    posted, document = received.form, received.document()
    problem = received.problem or (
        Invalid.field("/file", _("Choose the file that shows it.")) if not document else None
    )
    if problem or document is None:
        await work.rollback()
        assert problem
        return await _milestone(
            request, work, milestone_id, evidence=FormState.refused(posted, problem), status=problem.status
        )
    try:
        fields = EvidenceCreate(document_id=document.id, note=posted.get("note")[:20_000])
        await actions.submit_evidence(work, milestone_id, fields, posted.version)
    except Problem as refusal:
        await work.rollback()
        return await _milestone(
            request, work, milestone_id, evidence=FormState.refused(posted, refusal), status=refusal.status
        )
    return redirect(
        f"/projects/milestones/{milestone_id}", notice=_("The evidence is handed in. The programme office judges it.")
    )


@pages.post("/milestones/{milestone_id}/acceptance", allow=JUDGE)
async def accept_milestone(request: Request, work: WorkDep, milestone_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AcceptanceCreate, posted)
    if isinstance(fields, FormState):
        return await _milestone(request, work, milestone_id, acceptance=fields, status=422)
    try:
        await actions.accept_milestone(work, milestone_id, fields, posted.version)
    except Invalid as problem:
        await work.rollback()
        again = FormState.refused(posted, problem)
        return await _milestone(request, work, milestone_id, acceptance=again, status=422)
    except Problem as problem:
        await work.rollback()
        return await _milestone(request, work, milestone_id, refused=problem)
    return redirect(
        f"/projects/milestones/{milestone_id}", notice=_("The milestone is accepted. Its tranche waits at the gate.")
    )


@pages.post("/milestones/{milestone_id}/tranche", allow=PAY)
async def release_tranche(request: Request, work: WorkDep, milestone_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.release_tranche(work, milestone_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _milestone(request, work, milestone_id, refused=problem)
    return redirect(f"/projects/milestones/{milestone_id}", notice=_("The tranche is released."))


@pages.post("/milestones/{milestone_id}/return", allow=JUDGE)
async def return_milestone(request: Request, work: WorkDep, milestone_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReturnCreate, posted)
    if isinstance(fields, FormState):
        return await _milestone(request, work, milestone_id, returning=fields, status=422)
    try:
        await actions.return_milestone(work, milestone_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _milestone(request, work, milestone_id, refused=problem)
    return redirect(f"/projects/milestones/{milestone_id}", notice=_("The evidence is returned to the lead."))


async def _project(
    request: Request,
    rows: Rows,
    project_id: UUID,
    *,
    refused: Problem | None = None,
) -> Response:
    project = await queries.project(rows, project_id)
    actor = rows.actor
    milestones = project["milestones"]
    parties = queries.parties(project)
    signed = {one["side"]: one for one in project["signatures"]}
    may = [
        side
        for side, holds in (
            (Side.OFFICE, SIGN.in_charge(actor, project["office_id"], parties)),
            (Side.LEAD, project["lead_id"] in actor.organisations(Role.REPRESENTATIVE)),
        )
        if holds and side not in signed and actor.subject not in [one["subject"] for one in signed.values()]
    ]
    agreed = bool(project["agreement"] and project["agreement"]["in_force"])
    if signed and not agreed:
        may = []  # the last signature waits for the agreement on the results, as the page says
    spending = SPENDING.allows(actor, owners=parties, office=project["office_id"])
    running = project["state"] == ProjectState.RUNNING.value
    today = local_day(rows.now)
    facts = await history(rows, project_id, *(one["id"] for one in milestones))
    asking = service_of(request).beside.get("project")
    weighing = service_of(request).beside.get("risks")
    reporting = service_of(request).beside.get("reports")
    called = await names(rows, (one["subject"] for one in signed.values()))
    return service_of(request).pages.render(
        request,
        "delivery/project.html",
        status=refused.status if refused else 200,
        project=project,
        signed=signed,
        versions=await queries.versions(rows, project_id),
        called=called,
        may_sign=may if project["state"] == ProjectState.DRAFTED.value else [],
        takes_part=running and bool(parties & actor.organisations(Role.APPLICANT)),
        beside=(await asking(rows, project_id))[0] if asking else None,
        risks=await weighing(rows, project_id) if weighing else [],
        reports=await reporting(rows, project_id) if reporting else [],
        refused=refused,
        gantt=gantt(project, today),
        burn=burn(project, await queries.spending(rows, project_id), today) if agreed and spending else None,
        spending=spending,
        history=entries(facts),
        chain=_chain(project, actor),
        chain_url=chain_url("project", project_id),
        STATES=STATES,
        MILESTONES=MILESTONES,
        GRADES=GRADES,
        SIDES=SIDES,
    )


def _chain(project: dict[str, Any], who: Actor) -> list[tuple[str, str, str, bool]]:
    return [
        (
            thing_word("call"),
            bilingual(project["call_title"], project["call_title_zh"])[0],
            f"/projects/calls/{project['call_id']}",
            False,
        ),
        (thing_word("application"), project["title"], thing_url("application", project["application_id"], who), False),
        (thing_word("project"), project["title"], "", True),
    ]


async def _milestone(
    request: Request,
    rows: Rows,
    milestone_id: UUID,
    *,
    evidence: FormState | None = None,
    acceptance: FormState | None = None,
    returning: FormState | None = None,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    milestone = await queries.milestone(rows, milestone_id)
    version, state = milestone["version"], milestone["state"]
    running = milestone["project_state"] == ProjectState.RUNNING.value
    waiting = state in (MilestoneState.PENDING.value, MilestoneState.RETURNED.value)
    return service_of(request).pages.render(
        request,
        "delivery/milestone.html",
        status=refused.status if refused else status,
        milestone=milestone,
        running=running,
        may_submit=running and waiting and SUBMIT.allows(rows.actor, owners={milestone["lead_id"]}),
        may_judge=running
        and state == MilestoneState.EVIDENCE_SUBMITTED.value
        and JUDGE.in_charge(rows.actor, milestone["office_id"], queries.parties(milestone)),
        may_release=pays(ProjectState(milestone["project_state"]))
        and state == MilestoneState.ACCEPTED.value
        and milestone["released_at"] is None
        and PAY.in_charge(rows.actor, milestone["office_id"], queries.parties(milestone)),
        RESPONSES=RESPONSES,
        evidence=evidence or FormState(version=version),
        acceptance=acceptance or FormState(version=version),
        returning=returning or FormState(version=version),
        refused=refused,
        history=entries(await history(rows, milestone_id)),
        chain=[
            *_chain({**milestone, "title": milestone["project_title"]}, rows.actor)[:2],
            (
                thing_word("project"),
                milestone["project_title"],
                f"/projects/projects/{milestone['project_id']}",
                False,
            ),
            (thing_word("milestone"), milestone["title"], "", True),
        ],
        chain_url=chain_url("milestone", milestone_id),
        MILESTONES=MILESTONES,
    )
