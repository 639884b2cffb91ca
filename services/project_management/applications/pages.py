"""Applications for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications import actions, queries, rules
from services.project_management.applications.consents import consenting
from services.project_management.applications.rules import CHECK, CONSENT, DRAFT, READ, WRITE, State
from services.project_management.applications.schemas import (
    ApplicationChange,
    ApplicationCreate,
    ApplicationForm,
    CheckCreate,
    ChecksCreate,
    ConsentCreate,
    TextForm,
    WithdrawalCreate,
)
from services.project_management.applications.words import LABELS, STATES, exported_cells
from services.project_management.applications.words import saved as said_saved
from services.project_management.applications.workspace import detail
from services.project_management.calls import queries as call_queries
from services.project_management.calls.rules import OVERSEERS
from services.project_management.organisations.queries import choices
from shared.db.work import Rows
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import Role
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, exported, pages_of, wanted
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.i18n import _
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import bilingual

pages = page_room("applications")


def _checkable(rows: Rows, items: list[dict[str, Any]]) -> set[UUID]:
    """Which of the listed the officer may check here and now, several at once."""
    return {
        one["id"]
        for one in items
        if one["state"] == State.SUBMITTED.value
        and not one["checked"]
        and CHECK.in_charge(rows.actor, one["office_id"], {one["lead_id"], *one["partner_ids"]})
    }


def _call_asked(text: str | None) -> UUID | None:
    """The call that the list is cut to; an address that was typed wrong lists what fits no call: nothing."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


@pages.get("/applications", allow=READ)
async def application_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Application"), sort=True),
            Column("lead_name", _("Lead"), sort=True),
            Column("call_title", _("Call"), sort=True),
            Column("requested", _("Amount asked for"), align="right", sort=True),
            Column("state", _("State")),
        ],
        facets=[
            Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()]),
            Facet("checked", _("Check"), [Option("no", _("To be checked")), Option("yes", _("Checked"))]),
        ],
        keep=("call",),
    )
    call_id = _call_asked(view.extra.get("call"))
    checks = set(view.chosen("checked"))
    asked: dict[str, Any] = {
        "search": view.q,
        "states": list(view.chosen("state")),
        "call_id": call_id,
        "checked": None if len(checks) != 1 else checks == {"yes"},
    }
    total = await queries.count_applications(read, **asked)
    if wanted(request):
        rows = pages_of(lambda at: queries.applications(read, **asked, sort=view.sort, cursor=at, limit=BATCH))
        return exported(request, "applications", exported_cells(), rows, total)
    page = await queries.applications(read, **asked, sort=view.sort, cursor=view.cursor, limit=25)
    known = await call_queries.calls_among(read, [call_id]) if call_id else []
    return service_of(request).pages.render(
        request,
        "applications/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        call=known[0] if known else None,
        oversees=read.actor.has(*OVERSEERS),
        may_check=_checkable(read, page.items),
        may_draft=read.actor.has(Role.APPLICANT),
        STATES=STATES,
    )


@pages.post("/applications/checks", allow=CHECK)
async def check_applications(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    call = _call_asked(posted.get("call"))
    back = f"/projects/applications?call={call}" if call else "/projects/applications"
    fields = parse(ChecksCreate, posted)
    if isinstance(fields, FormState):
        return redirect(back, notice=_("Choose at least one application, and at most a hundred."), tone="warning")
    checked, already = await actions.check_applications(work, fields)
    notice = _("%(n)s checked.", n=checked)
    if already:
        notice = _("%(n)s checked. %(m)s had been checked or taken back meanwhile.", n=checked, m=already)
    return redirect(back, notice=notice)


@pages.get("/applications/new", allow=DRAFT)
async def new_application(request: Request, read: ReadDep) -> Response:
    return await _form(request, read, FormState.of({"call_id": request.query_params.get("call", "")[:36]}))


@pages.post("/applications/new", allow=DRAFT)
async def draft_application(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(ApplicationCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        application = await actions.draft_application(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(
        f"/projects/applications/{application.id}",
        notice=_("The draft is saved. Below stands what is still needed before you can submit it."),
    )


@pages.get("/applications/{application_id}", allow=READ)
async def applicationdetail(request: Request, read: ReadDep, application_id: UUID) -> Response:
    return await detail(request, read, application_id)


@pages.get("/applications/{application_id}/edit", allow=WRITE)
async def edit_form(request: Request, read: ReadDep, application_id: UUID) -> Response:
    application = await queries.application(read, application_id)
    WRITE.require(read.actor, owners=queries.writers(application), thing="application")
    if application["state"] not in (State.DRAFT, State.RETURNED):
        return redirect(
            f"/projects/applications/{application_id}",
            notice=_("It was submitted as it stands, and is edited no more. Withdraw it if it must not be judged so.")
            if State(application["state"]) in rules.TRANSITIONS["withdraw"][0]
            else _("Only the draft of an application can be edited."),
            tone="warning",
        )
    state = FormState.of(_typed(application), version=application["version"])
    return await _form(request, read, state, application=application)


@pages.post("/applications/{application_id}/edit", allow=WRITE)
async def edit_application(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    application = await queries.application(work, application_id)
    before = await consenting(work, application_id)
    leads = _writes_all(work, application)
    fields: Any = parse(ApplicationForm if leads else TextForm, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, application=application, status=422)
    try:
        change = ApplicationChange(**fields.model_dump()) if isinstance(fields, TextForm) else fields
        await actions.edit_application(work, application_id, change, posted.version)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            _typed(application),
            {name: LABELS[name] for name in ("title", "abstract", "field", "requested", "partner_ids")},
            version=stale.extra["current_version"],
            view_url=f"/projects/applications/{application_id}",
            action_url=f"/projects/applications/{application_id}/edit",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        refused = FormState.refused(posted, problem)
        return await _form(request, work, refused, application=application, status=problem.status)
    notice = said_saved(_("The draft is saved."), before, await consenting(work, application_id))
    return redirect(f"/projects/applications/{application_id}", notice=notice)


@pages.post("/applications/{application_id}/consent", allow=CONSENT)
async def answer_for_partner(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ConsentCreate, posted)
    if isinstance(fields, FormState):
        return await detail(request, work, application_id, consent=fields, status=422)
    try:
        await actions.answer_for_partner(work, application_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await detail(request, work, application_id, consent=state, status=problem.status)
    said = _("You consented.") if fields.decision == "consent" else _("You refused. The lead reads your reason.")
    return redirect(f"/projects/applications/{application_id}", notice=said)


@pages.post("/applications/{application_id}/submission", allow=DRAFT)
async def submit_application(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.submit_application(work, application_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await detail(request, work, application_id, refused=problem, status=problem.status)
    return redirect(f"/projects/applications/{application_id}", notice=_("The application is submitted."))


@pages.post("/applications/{application_id}/withdrawal", allow=DRAFT)
async def withdraw_application(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(WithdrawalCreate, posted)
    if isinstance(fields, FormState):
        return await detail(request, work, application_id, withdrawal=fields, status=422)
    try:
        await actions.withdraw_application(work, application_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await detail(request, work, application_id, withdrawal=state, status=problem.status)
    return redirect(f"/projects/applications/{application_id}", notice=_("The application is withdrawn."))


@pages.post("/applications/{application_id}/check", allow=CHECK)
async def check_application(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(CheckCreate, posted)
    if isinstance(fields, FormState):
        return await detail(request, work, application_id, check=fields, status=422)
    try:
        await actions.check_application(work, application_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await detail(request, work, application_id, check=state, status=problem.status)
    return redirect(f"/projects/applications/{application_id}", notice=_("The check is recorded."))


def _writes_all(rows: Rows, application: dict[str, Any]) -> bool:
    """Amount and partners are the lead's, and stay as they were handed in while it is completed."""
    return application["state"] == State.DRAFT and DRAFT.allows(rows.actor, owners={application["lead_id"]})


def _typed(application: dict[str, Any]) -> dict[str, Any]:
    """A row as its form holds it."""
    return {**application, "partner_ids": [partner["id"] for partner in application["partners"]]}


async def _form(
    request: Request, rows: Rows, state: FormState, *, application: dict[str, Any] | None = None, status: int = 200
) -> Response:
    lead = application["lead_id"] if application else rows.actor.organisation(Role.APPLICANT)
    partners = [
        (one["id"], *bilingual(one["name"], one["name_zh"])) for one in await choices(rows) if one["id"] != lead
    ]
    known = {one[0] for one in partners}
    # A partner suspended since stays in the form, or saving would silently take it off.
    partners += [(p["id"], p["name"], "") for p in (application or {}).get("partners", []) if p["id"] not in known]
    taking = await call_queries.taking(rows)
    return service_of(request).pages.render(
        request,
        "applications/form.html",
        status=status,
        form=state,
        application=application,
        leads=application is None or _writes_all(rows, application),
        completing=application is not None and application["state"] == State.RETURNED,
        calls=[(call["id"], bilingual(call["title"], call["title_zh"])[0]) for call in taking],
        partners=partners,
        currencies=await _currencies(rows, application, state, taking),
        lead_name=application["lead_name"] if application else rows.actor.organisation_name(lead),
        LABELS=LABELS,
    )


async def _currencies(
    rows: Rows, application: dict[str, Any] | None, state: FormState, taking: list[dict[str, Any]]
) -> list[str]:
    """The currency of the call; of all that take applications while none is chosen."""
    if application:
        return [(await call_queries.call(rows, application["call_id"]))["ceiling"]["currency"]]
    chosen = [call for call in taking if str(call["id"]) == state.value("call_id")]
    return sorted({call["ceiling"]["currency"] for call in chosen or taking}) or ["CNY"]
