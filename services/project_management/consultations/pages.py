"""Consultations for people: whom the office asks, what an expert says, what priority follows."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.consultations import actions, queries, rules
from services.project_management.consultations.rules import ANSWER, CONSULT, READ
from services.project_management.consultations.schemas import (
    ConsultationCreate,
    OpinionUpdate,
    PriorityCreate,
    RecusalCreate,
)
from services.project_management.requirements.rules import OpinionState, State
from services.project_management.requirements.words import PRIORITIES, words
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.types import Role
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("consultations")
ROOT = "/projects/requirements"
OPINIONS = {
    OpinionState.INVITED: StateWord(lazy("Asked"), "progress"),
    OpinionState.GIVEN: StateWord(lazy("Answered"), "success"),
    OpinionState.RECUSED: StateWord(lazy("Stepped aside"), "neutral"),
    OpinionState.LAPSED: StateWord(lazy("Not answered"), "neutral"),
}
RATINGS = {
    "importance": (
        lazy("1 – hardly matters"),
        lazy("2 – matters to few"),
        lazy("3 – matters"),
        lazy("4 – matters much"),
        lazy("5 – decides over a whole field"),
    ),
    "feasibility": (
        lazy("1 – out of reach"),
        lazy("2 – doubtful"),
        lazy("3 – possible"),
        lazy("4 – likely"),
        lazy("5 – within reach"),
    ),
}


@pages.get("/requirements/{requirement_id}/consultation", allow=READ)
async def consultation(request: Request, read: ReadDep, requirement_id: UUID) -> Response:
    return await _consultation(request, read, requirement_id)


@pages.post("/requirements/{requirement_id}/consultation", allow=CONSULT)
async def consult(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ConsultationCreate, posted)
    if isinstance(fields, FormState):
        return await _consultation(request, work, requirement_id, invitation=fields, status=422)
    try:
        await actions.consult(work, requirement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        for name in [name for name in state.errors if name.startswith("expert_ids-")]:
            state.with_errors({"expert_ids": state.errors.pop(name)})
        return await _consultation(request, work, requirement_id, invitation=state, status=problem.status)
    return redirect(f"{ROOT}/{requirement_id}/consultation", notice=_("The experts are invited."))


@pages.get("/requirements/{requirement_id}/opinion", allow=ANSWER)
async def opinion_form(request: Request, read: ReadDep, requirement_id: UUID) -> Response:
    return await _opinion(request, read, requirement_id)


@pages.post("/requirements/{requirement_id}/opinion", allow=ANSWER)
async def give_opinion(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(OpinionUpdate, posted)
    if isinstance(fields, FormState):
        return await _opinion(request, work, requirement_id, form=fields, status=422)
    try:
        await actions.give_opinion(work, requirement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _opinion(request, work, requirement_id, form=state, status=problem.status)
    return redirect(
        f"{ROOT}/{requirement_id}/opinion",
        notice=_("Your opinion is saved. You can change it while the consultation lasts."),
    )


@pages.post("/requirements/{requirement_id}/recusal", allow=ANSWER)
async def recuse(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(RecusalCreate, posted)
    if isinstance(fields, FormState):
        return await _opinion(request, work, requirement_id, recusal=fields, status=422)
    try:
        await actions.recuse(work, requirement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _opinion(request, work, requirement_id, recusal=state, status=problem.status)
    return redirect(ROOT, notice=_("You have stepped aside. The programme office reads your reason."))


@pages.post("/requirements/{requirement_id}/priority", allow=CONSULT)
async def prioritise(request: Request, work: WorkDep, requirement_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(PriorityCreate, posted)
    if isinstance(fields, FormState):
        return await _consultation(request, work, requirement_id, priority=fields, status=422)
    try:
        await actions.prioritise(work, requirement_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _consultation(request, work, requirement_id, priority=state, status=problem.status)
    return redirect(f"{ROOT}/{requirement_id}", notice=_("The priority is fixed, with what it was decided on."))


async def _consultation(
    request: Request,
    rows: Rows,
    requirement_id: UUID,
    *,
    invitation: FormState | None = None,
    priority: FormState | None = None,
    status: int = 200,
) -> Response:
    requirement = await queries.for_office(rows, requirement_id)
    state = State(requirement["state"])
    officer = rows.actor.has(Role.PROGRAMME_OFFICER)
    experts = await queries.candidates(rows, requirement_id) if officer else []
    return service_of(request).pages.render(
        request,
        "consultations/consultation.html",
        status=status,
        requirement=requirement,
        invited=await queries.invited(rows, requirement_id),
        trace=rules.prioritise(await queries.priority_inputs(rows, requirement_id)),
        may_invite=officer and state in (State.PUT_FORWARD, State.IN_CONSULTATION),
        may_prioritise=officer and state in (State.IN_CONSULTATION, State.PRIORITISED),
        free=[
            (str(one["id"]), one["name"], " · ".join(filter(None, (one["name_zh"], ", ".join(one["fields"])))))
            for one in experts
            if not one["barred"] and one["opinion"] is None
        ],
        barred=[one for one in experts if one["barred"]],
        invitation=invitation or FormState(version=requirement["version"]),
        priority=priority or FormState(version=requirement["version"]),
        priorities=[(one.value, str(word)) for one, word in PRIORITIES.items()],
        OPINIONS=OPINIONS,
        **words(),
    )


async def _opinion(
    request: Request,
    rows: Rows,
    requirement_id: UUID,
    *,
    form: FormState | None = None,
    recusal: FormState | None = None,
    status: int = 200,
) -> Response:
    opinion = await queries.own_opinion(rows, requirement_id)
    choices: dict[str, Any] = {
        name: [(str(n), str(word)) for n, word in enumerate(said, 1)] for name, said in RATINGS.items()
    }
    typed = {name: opinion[name] for name in ("importance", "feasibility", "comment")}
    return service_of(request).pages.render(
        request,
        "consultations/opinion.html",
        status=status,
        opinion=opinion,
        open=opinion["requirement_state"] == State.IN_CONSULTATION.value,
        choices=choices,
        form=form or FormState.of(typed, version=opinion["version"]),
        recusal=recusal or FormState(version=opinion["version"]),
        OPINIONS=OPINIONS,
        **words(),
    )
