"""Budgets and claims for people."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.budgets.queries import budget
from services.project_management.claims import actions, queries
from services.project_management.claims.rules import CLAIM, JUDGE, READ, OverBudget, State
from services.project_management.claims.schemas import ApprovalCreate, ClaimCreate, ClaimReasonCreate, ClaimUpdate
from services.project_management.costs.words import CATEGORIES
from services.project_management.delivery.queries import parties, project
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.types import SecurityLabel
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import Cell, all_at_once, exported, wanted
from shared.web.forms import FormState, Model, PostedForm, parse
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url, thing_word
from shared.web.pages import redirect
from shared.web.uploads import ReceivedForm, receive_upload
from shared.web.words import StateWord

pages = page_room("claims")

STATES = {
    State.SUBMITTED: StateWord(lazy("To judge"), "info"),
    State.RETURNED: StateWord(lazy("Returned"), "warning"),
    State.APPROVED: StateWord(lazy("Approved"), "success"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}


@pages.get("/money", allow=READ)
async def money_page(request: Request, read: ReadDep) -> Response:
    """Where finance officers begin: what waits, and how much of each award is used."""
    return service_of(request).pages.render(
        request, "claims/money.html", money=await queries.money(read), STATES=STATES
    )


@pages.get("/projects/{project_id}/budget", allow=READ)
async def budget_page(request: Request, read: ReadDep, project_id: UUID) -> Response:
    """The lines, what was claimed against each, and the claims."""
    found = await project(read, project_id, READ)
    claims = await queries.claims(read, project_id)
    if wanted(request):
        return exported(request, "claims", _exported_cells(), all_at_once(claims), len(claims))
    lines = await budget(read, project_id, found["amount_currency"])
    return service_of(request).pages.render(
        request,
        "claims/budget.html",
        project=found,
        lines=lines,
        claims=claims,
        may_claim=found["state"] == "running" and CLAIM.allows(read.actor, owners=parties(found)),
        plot=_plot(lines),
        STATES=STATES,
        CATEGORIES=CATEGORIES,
    )


def _exported_cells() -> list[Cell]:
    return [
        Cell(_("Number"), lambda row: row["number"]),
        Cell(_("Project"), lambda row: row["project_title"]),
        Cell(_("Claimed by"), lambda row: row["organisation_name"]),
        Cell(_("Amount"), lambda row: row["total_amount"]),
        Cell(_("Currency"), lambda row: row["total_currency"]),
        Cell(_("Handed in at"), lambda row: row["submitted_at"]),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Note"), lambda row: row["note"]),
    ]


def _plot(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Budget and claims a year."""
    years = sorted({one["year"] for one in lines})

    def sums(name: str) -> list[float]:
        return [float(sum(one[name]["amount"] for one in lines if one["year"] == year)) for year in years]

    columns = {_("Budgeted"): sums("amount"), _("Claimed"): sums("claimed"), _("Approved"): sums("approved")}
    return {
        "option": {
            "legend": {"top": 0},
            "grid": {"left": 8, "right": 16, "top": 40, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "category", "data": [str(year) for year in years]},
            "yAxis": {"type": "value"},
            "series": [{"type": "bar", "name": name, "data": values} for name, values in columns.items()],
        },
        "heads": [_("Year"), *columns],
        "rows": [[str(year), *(f"{values[n]:,.2f}" for values in columns.values())] for n, year in enumerate(years)],
    }


@pages.get("/projects/{project_id}/claims/new", allow=CLAIM)
async def new_claim(request: Request, read: ReadDep, project_id: UUID) -> Response:
    found = await project(read, project_id, READ)
    CLAIM.require(read.actor, owners=parties(found), thing="project")
    return _form(request, found, FormState())


@pages.post("/projects/{project_id}/claims/new", allow=CLAIM)
async def submit_claim(request: Request, read: ReadDep, work: WorkDep, project_id: UUID) -> Response:
    # `work` is not asked anything before the file is there: its transaction, and its place in the pool, would wait.
    found = await project(read, project_id, READ)
    CLAIM.require(read.actor, owners=parties(found), thing="project")
    mine = read.actor.organisations(*(CLAIM.roles or ())) & parties(found)
    received = await receive_upload(
        request, read.actor, organisation_id=sorted(mine)[0], label=SecurityLabel(found["label"])
    )
    posted = received.form
    if received.problem:
        await work.rollback()
        return _form(request, found, FormState.refused(posted, received.problem), received.problem.status)
    fields = parse(ClaimCreate, _with_receipts(received))
    if isinstance(fields, FormState):
        return _form(request, found, fields, 422)
    try:
        claim = await actions.submit_claim(work, project_id, fields)
    except Problem as problem:
        await work.rollback()
        return _form(request, found, _refused(posted, problem), problem.status, refused=problem)
    return redirect(f"/projects/claims/{claim.id}", notice=_("The claim is handed in. The programme office judges it."))


@pages.get("/claims/{claim_id}", allow=READ)
async def claim_detail(request: Request, read: ReadDep, claim_id: UUID) -> Response:
    return await _detail(request, read, claim_id)


@pages.get("/claims/{claim_id}/edit", allow=CLAIM)
async def edit_claim(request: Request, read: ReadDep, claim_id: UUID) -> Response:
    claim = await queries.claim(read, claim_id)
    CLAIM.require(read.actor, owners={claim["organisation_id"]}, thing="claim")
    if claim["state"] != State.RETURNED.value:
        return redirect(f"/projects/claims/{claim_id}", notice=_("Only a returned claim is corrected."), tone="warning")
    money = [
        {**one, "amount": {"amount": one["amount"], "currency": claim["total_currency"]}} for one in claim["items"]
    ]
    state = FormState.of({"items": money, "note": claim["note"]}, version=claim["version"])
    return _form(request, await project(read, claim["project_id"]), state, claim=claim)


@pages.post("/claims/{claim_id}/edit", allow=CLAIM)
async def resubmit_claim(request: Request, read: ReadDep, work: WorkDep, claim_id: UUID) -> Response:
    claim = await queries.claim(read, claim_id)
    CLAIM.require(read.actor, owners={claim["organisation_id"]}, thing="claim")
    found = await project(read, claim["project_id"])
    received = await receive_upload(
        request, read.actor, organisation_id=claim["organisation_id"], label=SecurityLabel(claim["label"])
    )
    posted = received.form
    if received.problem:
        await work.rollback()
        again = FormState.refused(posted, received.problem)
        return _form(request, found, again, received.problem.status, claim=claim)
    fields = parse(ClaimUpdate, _with_receipts(received))
    if isinstance(fields, FormState):
        return _form(request, found, fields, 422, claim=claim)
    try:
        await actions.resubmit_claim(work, claim_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        again = _refused(posted, problem)
        return _form(request, found, again, problem.status, claim=claim, refused=problem)
    return redirect(f"/projects/claims/{claim_id}", notice=_("The claim is handed in again."))


@pages.post("/claims/{claim_id}/approval", allow=JUDGE)
async def approve_claim(request: Request, work: WorkDep, claim_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        claim_id,
        "approval",
        ApprovalCreate,
        lambda fields, version: actions.approve_claim(work, claim_id, fields.note, version),
        _("The claim is approved."),
    )


@pages.post("/claims/{claim_id}/return", allow=JUDGE)
async def return_claim(request: Request, work: WorkDep, claim_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        claim_id,
        "returning",
        ClaimReasonCreate,
        lambda fields, version: actions.return_claim(work, claim_id, fields.reason, version),
        _("The claim is returned."),
    )


@pages.post("/claims/{claim_id}/withdrawal", allow=CLAIM)
async def withdraw_claim(request: Request, work: WorkDep, claim_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        claim_id,
        "withdrawal",
        ClaimReasonCreate,
        lambda fields, version: actions.withdraw_claim(work, claim_id, fields.reason, version),
        _("The claim is withdrawn."),
    )


async def _answer(
    request: Request,
    work: WorkDep,
    claim_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _detail(request, work, claim_id, refused),
        (f"/projects/claims/{claim_id}", notice),
    )


def _with_receipts(received: ReceivedForm) -> PostedForm:
    files = [("document_ids", str(one.id)) for one in received.documents.get("file", [])]
    return PostedForm([*received.form.fields, *files], {})


def _refused(posted: PostedForm, problem: Problem) -> FormState:
    """As it was typed; what is over budget stands clause by clause above the form and not a second time in it."""
    return FormState.posted(posted) if isinstance(problem, OverBudget) else FormState.refused(posted, problem)


def _form(
    request: Request,
    found: dict[str, Any],
    form: FormState,
    status: int = 200,
    *,
    claim: dict[str, Any] | None = None,
    refused: Problem | None = None,
) -> Response:
    return service_of(request).pages.render(
        request,
        "claims/form.html",
        status=status,
        project=found,
        claim=claim,
        form=form,
        refused=refused if isinstance(refused, OverBudget) else None,
        years=[(str(one), str(one)) for one in range(found["starts_on"].year, found["ends_on"].year + 1)],
        categories=[(one.value, str(word)) for one, word in CATEGORIES.items()],
    )


async def _detail(request: Request, rows: Rows, claim_id: UUID, refused: Refused | None = None) -> Response:
    claim = await queries.claim(rows, claim_id)
    state, version = State(claim["state"]), claim["version"]
    mine = CLAIM.allows(rows.actor, owners={claim["organisation_id"]})
    taking_part = frozenset(UUID(one) for one in claim["parties"])
    return service_of(request).pages.render(
        request,
        "claims/detail.html",
        status=refused.status if refused else 200,
        claim=claim,
        items=[{**one, "amount": Decimal(one["amount"])} for one in claim["items"]],
        may_judge=state is State.SUBMITTED and JUDGE.in_charge(rows.actor, claim["office_id"], taking_part),
        may_correct=mine and state is State.RETURNED,
        may_withdraw=mine and state in (State.SUBMITTED, State.RETURNED),
        refused=refused,
        answers=Answers(refused, version),
        history=entries(await history(rows, claim_id)),
        chain=[
            (thing_word("project"), claim["project_title"], f"/projects/projects/{claim['project_id']}", False),
            (thing_word("claim"), str(claim["number"]), "", True),
        ],
        chain_url=chain_url("claim", claim_id),
        STATES=STATES,
        CATEGORIES=CATEGORIES,
    )
