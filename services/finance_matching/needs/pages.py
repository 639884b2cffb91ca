"""Financing needs for people: the form, and the page with ranked offers, why and why not."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.finance_matching.matching.queries import matches_of_need
from services.finance_matching.matching.rules import State as MatchState
from services.finance_matching.matching.rules import worded
from services.finance_matching.needs import actions, queries
from services.finance_matching.needs.rules import APPLICANTS, READ, TRANSITIONS, WRITE, State
from services.finance_matching.needs.schemas import NeedCreate, NeedWithdrawal
from services.finance_matching.projects.queries import projects_of
from services.finance_matching.words import SECURITIES, STAGES, with_money
from shared.db.history import history
from shared.kernel.errors import NotFound, Problem, Stale
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.words import StateWord, label_word

pages = page_room("needs")

STATES = {
    State.DRAFT: StateWord(lazy("Draft"), "neutral"),
    State.OPEN: StateWord(lazy("Put forward"), "success"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "warning"),
}


def _words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "STAGES": {value: _(word) for value, word in STAGES.items()},
        "SECURITIES": {value: _(word) for value, word in SECURITIES.items()},
        "stages": [(value, _(word)) for value, word in STAGES.items()],
        "securities": [(value, _(word)) for value, word in SECURITIES.items()],
        "labels": [(label.value, label_word(label)) for label in SecurityLabel if label is not SecurityLabel.PUBLIC],
    }


@pages.get("/needs", allow=READ)
async def need_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Financing need")),
            Column("stage", _("Stage")),
            Column("amount", _("Amount"), align="right"),
            Column("state", _("State")),
        ],
        facets=[Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()])],
        default_sort="-created",
    )
    states = list(view.chosen("state"))
    page = await queries.needs(read, search=view.q, states=states, cursor=view.cursor, limit=25)
    total = await queries.count_needs(read, search=view.q, states=states)
    return service_of(request).pages.render(
        request,
        "needs/list.html",
        fragment="results",
        view=view.filled([with_money(row, "amount") for row in page.items], total=total, next_cursor=page.next_cursor),
        may_write=read.actor.has(*APPLICANTS),
        **_words(),
    )


@pages.get("/needs/new", allow=WRITE)
async def new_need(request: Request, read: ReadDep, project: UUID | None = None) -> Response:
    """With `?project=`, filled in from what is known of it."""
    values: dict[str, Any] = {"label": SecurityLabel.INTERNAL.value}
    if project is not None:
        try:
            values = await queries.prefill(read, project)
            values["title"] = said(values["title"])
        except NotFound:
            return await _form(request, read, FormState.of(values), missing=True)
    return await _form(request, read, FormState.of(values), prefilled=project is not None)


@pages.post("/needs/new", allow=WRITE)
async def draft_need(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(NeedCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        need = await actions.draft_need(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(
        f"/finance/needs/{need.id}", notice=_("The need is saved. Put it forward to see which products fit.")
    )


@pages.get("/needs/{need_id}", allow=READ)
async def need_detail(request: Request, read: ReadDep, need_id: UUID) -> Response:
    return await _detail(request, read, need_id)


@pages.get("/needs/{need_id}/edit", allow=WRITE)
async def edit_form(request: Request, read: ReadDep, need_id: UUID) -> Response:
    need = await queries.need(read, need_id)
    WRITE.require(read.actor, owners={need["organisation_id"]}, thing="need")
    if State(need["state"]) not in TRANSITIONS["change"][0]:
        return redirect(
            f"/finance/needs/{need_id}",
            notice=_("A withdrawn need is not changed. State a new one."),
            tone="warning",
        )
    return await _form(request, read, FormState.of(_texts(need), version=need["version"]), need_id=need_id)


@pages.post("/needs/{need_id}/edit", allow=WRITE)
async def change_need(request: Request, work: WorkDep, need_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(NeedCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, need_id=need_id, status=422)
    try:
        await actions.change_need(work, need_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        need = await queries.need(work, need_id)
        page = stale_page(
            posted,
            _texts(need),
            _labels(),
            version=stale.extra["current_version"],
            view_url=f"/finance/needs/{need_id}",
            action_url=f"/finance/needs/{need_id}/edit",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _form(request, work, state, need_id=need_id, status=problem.status)
    return redirect(f"/finance/needs/{need_id}", notice=_("The need is changed."))


@pages.post("/needs/{need_id}/opening", allow=WRITE)
async def open_need(request: Request, work: WorkDep, need_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.open_need(work, need_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, need_id, refusal=said(problem.detail), status=problem.status)
    return redirect(f"/finance/needs/{need_id}", notice=_("The need is put forward; the products are matched below."))


@pages.post("/needs/{need_id}/withdrawal", allow=WRITE)
async def withdraw_need(request: Request, work: WorkDep, need_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(NeedWithdrawal, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, need_id, withdrawal=fields, status=422)
    try:
        await actions.withdraw_need(work, need_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, need_id, withdrawal=state, status=problem.status)
    return redirect(f"/finance/needs/{need_id}", notice=_("The need is withdrawn."))


def _labels() -> dict[str, str]:
    return {
        "title": _("Title"),
        "purpose": _("What the money is for"),
        "project_id": _("Project"),
        "stage": _("Stage"),
        "amount": _("Amount"),
        "term_months": _("Term"),
        "security_offered": _("Security offered"),
        "field": _("Field of work"),
        "region": _("Region"),
        "label": _("Security label"),
    }


def _texts(need: dict[str, Any]) -> dict[str, Any]:
    return {name: need[name] for name in _labels()}


async def _form(
    request: Request,
    rows: ReadDep | WorkDep,
    state: FormState,
    *,
    need_id: UUID | None = None,
    prefilled: bool = False,
    missing: bool = False,
    status: int = 200,
) -> Response:
    found = await projects_of(rows, rows.actor.organisations(*APPLICANTS))
    return service_of(request).pages.render(
        request,
        "needs/form.html",
        status=status,
        form=state,
        need_id=need_id,
        prefilled=prefilled,
        missing=missing,
        projects=[(str(row["id"]), row["title"]) for row in found],
        organisation=rows.actor.organisation_name(rows.actor.organisation(*APPLICANTS)),
        **_words(),
    )


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    need_id: UUID,
    *,
    withdrawal: FormState | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    need = await queries.need(rows, need_id)
    mine = WRITE.allows(rows.actor, owners={need["organisation_id"]}, label=SecurityLabel(need["label"]))
    cursor = request.query_params.get("cursor") or None
    page = await matches_of_need(rows, need_id, cursor=cursor, limit=25)
    offers = [{**match, "clauses": worded(DecisionTrace.model_validate(match["trace"]), _)} for match in page.items]
    project = need["project_id"]
    chain = [(_("Project"), need["project_title"], f"/projects/projects/{project}", False)] if project else []
    return service_of(request).pages.render(
        request,
        "needs/detail.html",
        status=status,
        need=with_money(need, "amount"),
        offers=[offer for offer in offers if offer["outcome"] != "no"],
        others=[offer for offer in offers if offer["outcome"] == "no"],
        next_cursor=page.next_cursor,
        chain=[*chain, (_("Financing need"), need["title"], "", True)],
        whole_chain=chain_url("need", need_id),
        history=entries(await history(rows, need_id)),
        may_open=mine and need["state"] == State.DRAFT,
        may_change=mine and need["state"] != State.WITHDRAWN,
        refusal=refusal,
        withdrawal=withdrawal or FormState(version=need["version"]),
        MatchState=MatchState,
        **_words(),
    )
