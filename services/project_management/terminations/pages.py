"""The early end of a project, for people."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.delivery.queries import parties, project
from services.project_management.delivery.rules import ProjectState, Side
from services.project_management.terminations import actions, queries
from services.project_management.terminations.rules import ANSWER, FROM, PROPOSE, READ, RUN, SETTLE, Rights, State, Way
from services.project_management.terminations.schemas import (
    ClearanceCreate,
    TerminationCreate,
    TerminationReasonCreate,
)
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, Model, PostedForm, parse
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.uploads import receive_upload
from shared.web.words import StateWord

pages = page_room("terminations")

STATES = {
    State.PROPOSED: StateWord(lazy("Put forward"), "warning"),
    State.REFUSED: StateWord(lazy("Refused"), "neutral"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
    State.KEPT: StateWord(lazy("The project goes on"), "success"),
    State.ENDED: StateWord(lazy("To settle"), "warning"),
    State.SETTLED: StateWord(lazy("Balance open"), "warning"),
    State.CLOSED: StateWord(lazy("Closed for good"), "neutral"),
}
WAYS = {Way.OFFICE: lazy("By the programme office"), Way.AGREEMENT: lazy("By agreement of both sides")}
RIGHTS = {
    Rights.STAYS: lazy("It holds for what was reached until then"),
    Rights.ENDS: lazy("It ends: each keeps its own"),
}


@pages.get("/projects/{project_id}/termination", allow=READ)
async def termination_detail(request: Request, read: ReadDep, project_id: UUID) -> Response:
    return await _page(request, read, project_id)


@pages.post("/projects/{project_id}/terminations", allow=PROPOSE)
async def propose_termination(request: Request, read: ReadDep, work: WorkDep, project_id: UUID) -> Response:
    # `work` is not asked anything before the files are there: its transaction, and its place in the pool, would wait.
    found = await project(read, project_id)
    PROPOSE.require(
        read.actor, owners={found["lead_id"]}, parties=parties(found), office=found["office_id"], thing="project"
    )
    mine = found["lead_id"] if found["lead_id"] in read.actor.organisations() else found["office_id"]
    received = await receive_upload(request, read.actor, organisation_id=mine, label=SecurityLabel(found["label"]))
    posted = received.form
    files = [("document_ids", str(one.id)) for one in received.documents.get("file", [])]
    fields = parse(TerminationCreate, PostedForm([*posted.fields, *files], {}))
    problem = received.problem
    if isinstance(fields, FormState):
        await work.rollback()
        return await _page(request, work, project_id, Refused("proposal", fields))
    if problem is None:
        try:
            await actions.propose_termination(work, project_id, fields)
        except Problem as refusal:
            problem = refusal
    if problem:
        await work.rollback()
        refused = Refused("proposal", FormState.refused(posted, problem), problem)
        return await _page(request, work, project_id, refused)
    notice = _("The end of the project is put forward. The other side is asked.")
    return redirect(f"/projects/projects/{project_id}/termination", notice=notice)


@pages.post("/projects/{project_id}/continuation", allow=RUN)
async def keep_project(request: Request, work: WorkDep, project_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "continuation",
        TerminationReasonCreate,
        lambda fields, _version: actions.keep_project(work, project_id, fields.reason),
        lambda refused: _page(request, work, project_id, refused),
        (f"/projects/projects/{project_id}/termination", _("The project goes on. The reason is kept with it.")),
    )


@pages.post("/terminations/{termination_id}/answer", allow=ANSWER)
async def answer_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _reasoned(
        request,
        work,
        termination_id,
        "answer",
        actions.answer_termination,
        _("The programme office reads your answer."),
    )


@pages.post("/terminations/{termination_id}/decision", allow=RUN)
async def decide_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _reasoned(
        request, work, termination_id, "decision", actions.decide_termination, _("The project is ended early.")
    )


@pages.post("/terminations/{termination_id}/agreement", allow=PROPOSE)
async def agree_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _reasoned(
        request, work, termination_id, "agreement", actions.agree_termination, _("The project is ended early.")
    )


@pages.post("/terminations/{termination_id}/refusal", allow=PROPOSE)
async def refuse_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _reasoned(
        request, work, termination_id, "refusal", actions.refuse_termination, _("The project goes on.")
    )


@pages.post("/terminations/{termination_id}/withdrawal", allow=PROPOSE)
async def withdraw_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _reasoned(
        request, work, termination_id, "withdrawal", actions.withdraw_termination, _("The project goes on.")
    )


@pages.post("/terminations/{termination_id}/settlement", allow=SETTLE)
async def settle_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        termination_id,
        "settlement",
        Pressed,
        lambda _pressed, version: actions.settle_termination(work, termination_id, version),
        _("The money is settled by rule."),
    )


@pages.post("/terminations/{termination_id}/clearance", allow=SETTLE)
async def clear_termination(request: Request, work: WorkDep, termination_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        termination_id,
        "clearance",
        ClearanceCreate,
        lambda fields, version: actions.clear_termination(work, termination_id, fields.reference, version),
        _("The balance is paid, and the end of the project is closed."),
    )


async def _reasoned(
    request: Request,
    work: WorkDep,
    termination_id: UUID,
    name: str,
    act: Callable[..., Awaitable[Any]],
    notice: str,
) -> Response:
    return await _answer(
        request,
        work,
        termination_id,
        name,
        TerminationReasonCreate,
        lambda fields, version: act(work, termination_id, fields.reason, version),
        notice,
    )


async def _answer(
    request: Request,
    work: WorkDep,
    termination_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
) -> Response:
    found = await work.row("SELECT project_id FROM terminations WHERE id = %(id)s", {"id": termination_id})
    project_id = found["project_id"] if found else termination_id  # of none there is, the action says so
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _page(request, work, project_id, refused),
        (f"/projects/projects/{project_id}/termination", notice),
    )


async def _page(request: Request, rows: Rows, project_id: UUID, refused: Refused | None = None) -> Response:
    found = await project(rows, project_id)
    known = await queries.terminations(rows, project_id)
    newest = known[0] if known else None
    state = State(newest["state"]) if newest else None
    late = await queries.late(rows, project_id)
    actor, sides = rows.actor, parties(found)
    office = RUN.in_charge(actor, found["office_id"], sides)
    lead = found["lead_id"] in actor.organisations(Role.REPRESENTATIVE)
    running = found["state"] == ProjectState.RUNNING.value
    free = state in (None, State.REFUSED, State.WITHDRAWN, State.KEPT) and ProjectState(found["state"]) in FROM
    open_one = newest if state is State.PROPOSED else None
    mine = open_one is not None and (office if open_one["side"] == Side.OFFICE.value else lead)
    to_clear = state is State.SETTLED and SETTLE.in_charge(actor, found["office_id"], sides)
    settled_by_me = newest is not None and newest["settled_by"] == actor.subject
    together = open_one is not None and open_one["way"] == Way.AGREEMENT.value
    return service_of(request).pages.render(
        request,
        "terminations/detail.html",
        status=refused.status if refused else 200,
        project=found,
        terminations=known,
        newest=newest,
        trace=DecisionTrace.model_validate(newest["trace"]) if newest and newest["trace"] else None,
        late=late,
        may_propose=free and (office or lead),
        ways=[(Way.AGREEMENT.value, str(WAYS[Way.AGREEMENT]))]
        + ([(Way.OFFICE.value, str(WAYS[Way.OFFICE]))] if office and late and running else []),
        rights=[(one.value, str(word)) for one, word in RIGHTS.items()],
        may_keep=free and office and bool(late) and running,
        may_answer=open_one is not None and not together and lead,
        may_decide=open_one is not None and not together and office,
        may_agree=together and not mine and (office or lead),
        may_withdraw=mine,
        may_settle=state is State.ENDED and SETTLE.in_charge(actor, found["office_id"], sides),
        may_clear=to_clear and not settled_by_me,
        settled_by_me=to_clear and settled_by_me,
        answers=Answers(refused, newest["version"] if newest else None),
        refused=refused,
        STATES=STATES,
        WAYS=WAYS,
        RIGHTS=RIGHTS,
    )
