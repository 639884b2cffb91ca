"""The register of risks for people."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.changes.rules import REQUEST
from services.project_management.delivery.queries import parties, project
from services.project_management.delivery.rules import ProjectState
from services.project_management.lapses.rules import EXPLAIN
from services.project_management.risks import actions, queries, words
from services.project_management.risks.rules import IMPACTS, LIVE, READ, STANDARD, WRITE, State, matrix
from services.project_management.risks.schemas import RiskCreate, RiskNoteCreate, RiskReasonCreate, RiskUpdate
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.errors import Problem, Stale
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import Cell, all_at_once, exported, wanted
from shared.web.forms import FormState, Model, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_word
from shared.web.pages import redirect

pages = page_room("risks")


def _words() -> dict[str, Any]:
    return {
        "STATES": words.STATES,
        "LEVELS": words.LEVELS,
        "RESPONSES": words.RESPONSES,
        "STANDARD": STANDARD,
        "likelihoods": words.likelihoods(),
        "impacts": words.impacts(),
        "responses": [(one.value, str(word)) for one, word in words.RESPONSES.items()],
    }


def _exported_cells() -> list[Cell]:
    return [
        Cell(_("Number"), lambda row: row["number"]),
        Cell(_("Risk"), lambda row: row["title"]),
        Cell(_("Cause"), lambda row: row["cause"]),
        Cell(_("Effect"), lambda row: row["effect"]),
        Cell(_("Likelihood"), lambda row: row["likelihood"]),
        Cell(_("Impact"), lambda row: row["impact"]),
        Cell(_("Level"), lambda row: str(words.LEVELS[row["level"]])),
        Cell(_("Response to the risk"), lambda row: str(words.RESPONSES[row["response"]])),
        Cell(_("What is done"), lambda row: row["measure"]),
        Cell(_("Looked after by"), lambda row: row["owner"]),
        Cell(_("Due"), lambda row: row["due_on"]),
        Cell(_("State"), lambda row: str(words.STATES[row["state"]])),
    ]


@pages.get("/projects/{project_id}/risks", allow=READ)
async def register(request: Request, read: ReadDep, project_id: UUID) -> Response:
    found = await project(read, project_id)
    risks = await queries.risks(read, project_id)
    if wanted(request):
        return exported(request, "risks", _exported_cells(), all_at_once(risks), len(risks))
    return service_of(request).pages.render(
        request,
        "risks/list.html",
        project=found,
        risks=risks,
        matrix=matrix(risks),
        steps=list(IMPACTS),
        live=sum(one["state"] in LIVE for one in risks),
        may_write=_may_write(found["state"], read, parties(found)),
        **_words(),
    )


@pages.get("/projects/{project_id}/risks/new", allow=WRITE)
async def new_risk(request: Request, read: ReadDep, project_id: UUID) -> Response:
    return await _new(request, read, project_id, FormState())


@pages.post("/projects/{project_id}/risks/new", allow=WRITE)
async def record_risk(request: Request, work: WorkDep, project_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(RiskCreate, posted)
    if isinstance(fields, FormState):
        return await _new(request, work, project_id, fields, 422)
    try:
        await actions.record_risk(work, project_id, fields)
    except Problem as problem:
        await work.rollback()
        return await _new(request, work, project_id, FormState.refused(posted, problem), problem.status)
    return redirect(f"/projects/projects/{project_id}/risks", notice=_("The risk is recorded."))


@pages.get("/risks/{risk_id}", allow=READ)
async def risk_detail(request: Request, read: ReadDep, risk_id: UUID) -> Response:
    return await _detail(request, read, risk_id)


@pages.get("/risks/{risk_id}/edit", allow=WRITE)
async def edit_form(request: Request, read: ReadDep, risk_id: UUID) -> Response:
    risk = await queries.risk(read, risk_id)
    return _edit(request, read, risk, FormState.of(risk, version=risk["version"]))


@pages.post("/risks/{risk_id}/edit", allow=WRITE)
async def assess_risk(request: Request, work: WorkDep, risk_id: UUID) -> Response:
    posted = await read_form(request)
    risk = await queries.risk(work, risk_id)
    fields = parse(RiskUpdate, posted)
    if isinstance(fields, FormState):
        return _edit(request, work, risk, fields, 422)
    here = f"/projects/risks/{risk_id}"
    try:
        await actions.assess_risk(work, risk_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        labels = {"title": _("Risk"), "cause": _("Cause"), "effect": _("Effect"), "likelihood": _("Likelihood")}
        labels |= {"impact": _("Impact"), "measure": _("What is done"), "owner": _("Looked after by")}
        page = stale_page(
            posted,
            {name: risk[name] for name in labels},
            labels,
            version=stale.extra["current_version"],
            view_url=here,
            action_url=f"{here}/edit",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return _edit(request, work, risk, FormState.refused(posted, problem), problem.status)
    return redirect(here, notice=_("The risk is weighed anew. What it was before stays in its history."))


@pages.post("/risks/{risk_id}/watch", allow=WRITE)
async def watch_risk(request: Request, work: WorkDep, risk_id: UUID) -> Response:
    return await _go(request, work, risk_id, "watch", RiskNoteCreate, actions.watch_risk, _("The risk is watched."))


@pages.post("/risks/{risk_id}/reopening", allow=WRITE)
async def reopen_risk(request: Request, work: WorkDep, risk_id: UUID) -> Response:
    done = _("The risk is worked on again.")
    return await _go(request, work, risk_id, "reopening", RiskNoteCreate, actions.reopen_risk, done)


@pages.post("/risks/{risk_id}/occurrence", allow=WRITE)
async def tell_occurrence(request: Request, work: WorkDep, risk_id: UUID) -> Response:
    done = _("It is recorded that it occurred. Ask for a change or explain a delay from here.")
    return await _go(request, work, risk_id, "occurrence", RiskReasonCreate, actions.tell_occurrence, done)


@pages.post("/risks/{risk_id}/closing", allow=WRITE)
async def close_risk(request: Request, work: WorkDep, risk_id: UUID) -> Response:
    done = _("The risk is closed.")
    return await _go(request, work, risk_id, "closing", RiskReasonCreate, actions.close_risk, done)


async def _go(
    request: Request,
    work: WorkDep,
    risk_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[..., Awaitable[Any]],
    done: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        lambda fields, version: act(work, risk_id, fields.reason, version),  # type: ignore[attr-defined]
        lambda refused: _detail(request, work, risk_id, refused),
        (f"/projects/risks/{risk_id}", done),
    )


async def _new(request: Request, rows: Rows, project_id: UUID, form: FormState, status: int = 200) -> Response:
    found = await project(rows, project_id)
    WRITE.require(rows.actor, owners=parties(found), thing="project")
    back = f"/projects/projects/{project_id}/risks"
    return service_of(request).pages.render(
        request, "risks/form.html", status=status, risk=None, project=found, back=back, form=form, **_words()
    )


def _edit(request: Request, rows: Rows, risk: dict[str, Any], form: FormState, status: int = 200) -> Response:
    WRITE.require(rows.actor, owners={UUID(one) for one in risk["parties"]}, thing="risk")
    found = {"id": risk["project_id"], "title": risk["project_title"]}
    back = f"/projects/risks/{risk['id']}"
    return service_of(request).pages.render(
        request, "risks/form.html", status=status, risk=risk, project=found, back=back, form=form, **_words()
    )


async def _detail(request: Request, rows: Rows, risk_id: UUID, refused: Refused | None = None) -> Response:
    risk = await queries.risk(rows, risk_id)
    state = State(risk["state"])
    occurred = state is State.OCCURRED and risk["project_state"] == ProjectState.RUNNING.value
    leads = {risk["lead_id"]}
    late = await queries.late_milestones(rows, risk["project_id"]) if occurred else []
    return service_of(request).pages.render(
        request,
        "risks/detail.html",
        status=refused.status if refused else 200,
        risk=risk,
        may_write=_may_write(risk["project_state"], rows, {UUID(one) for one in risk["parties"]}),
        may_change=occurred and REQUEST.allows(rows.actor, owners=leads),
        explains=late if EXPLAIN.allows(rows.actor, owners=leads) else [],
        called=await names(rows, [one["by"] for one in risk["past"]]),
        answers=Answers(refused, risk["version"]),
        refused=refused,
        history=entries(await history(rows, risk_id)),
        chain=[
            (thing_word("project"), risk["project_title"], f"/projects/projects/{risk['project_id']}", False),
            (thing_word("risk"), risk["title"], "", True),
        ],
        chain_url=chain_url("risk", risk_id),
        live=state in LIVE,
        State=State,
        **_words(),
    )


def _may_write(project_state: str, rows: Rows, owners: Any) -> bool:
    over = project_state in (ProjectState.COMPLETED.value, ProjectState.TERMINATED.value)
    return not over and WRITE.allows(rows.actor, owners=frozenset(owners))
