"""The assignment board: who may review what, who does, and how much each expert carries."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.assignments import actions, drawing, queries
from services.project_management.assignments.conflicts import WAIVABLE
from services.project_management.assignments.rules import ASSIGN, READ
from services.project_management.assignments.schemas import (
    AdjustmentCreate,
    AssignmentCreate,
    ConflictDecisionCreate,
    UndoCreate,
)
from services.project_management.people.queries import experts
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.trace import DecisionTrace
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.i18n import _, lazy, ngettext
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("assignments")

DECISIONS = {
    "waive": StateWord(lazy("Waived"), "warning"),
    "confirm": StateWord(lazy("Confirmed"), "neutral"),
    "enter": StateWord(lazy("Recorded"), "neutral"),
}
STATES = {
    "invited": StateWord(lazy("Invited"), "info"),
    "accepted": StateWord(lazy("Invitation accepted"), "progress"),
    "scored": StateWord(lazy("Writing"), "progress"),
    "completed": StateWord(lazy("Handed in"), "success"),
    "declined": StateWord(lazy("Review declined"), "warning"),
}


def _start(request: Request) -> int:
    """Where the shown part of a large board begins."""
    text = request.query_params.get("from", "0")
    return int(text) if text.isdecimal() and len(text) < 7 else 0


@pages.get("/calls/{call_id}/assignment", allow=READ)
async def assignment_board(request: Request, read: ReadDep, call_id: UUID) -> Response:
    return await _board(request, read, call_id)


@pages.post("/calls/{call_id}/assignment", allow=ASSIGN)
async def assign_reviews(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AssignmentCreate, posted)
    if isinstance(fields, FormState):
        return await _board(request, work, call_id, form=fields, status=422)
    try:
        await actions.assign_reviews(work, call_id, fields)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _board(
            request, work, call_id, form=state, status=problem.status, certificate=problem.extra.get("certificate")
        )
    return redirect(
        f"/projects/calls/{call_id}/assignment", notice=_("The reviewers are assigned and have been invited.")
    )


@pages.post("/calls/{call_id}/adjustments", allow=ASSIGN)
async def adjust_assignment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    """What was ticked and is no longer is taken back; what was not and is now is given."""
    posted = await read_form(request)
    fields = parse(AdjustmentCreate, _differences(posted))
    if isinstance(fields, FormState):
        state = FormState.posted(posted, fields.errors)
        return await _board(request, work, call_id, change=state, status=422)
    try:
        await actions.adjust_assignment(work, call_id, fields)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _board(request, work, call_id, change=state, refused=problem, status=problem.status)
    return redirect(f"/projects/calls/{call_id}/assignment", notice=_("The assignment is changed."))


@pages.post("/calls/{call_id}/adjustments/undo", allow=ASSIGN)
async def undo_assignment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(UndoCreate, posted)
    if isinstance(fields, FormState):
        return await _board(request, work, call_id, undo=fields, status=422)
    try:
        await actions.undo_assignment(work, call_id, fields)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _board(request, work, call_id, undo=state, refused=problem, status=problem.status)
    return redirect(
        f"/projects/calls/{call_id}/assignment",
        notice=_("The assignment before is back. Applicants hear nothing of it."),
    )


@pages.post("/calls/{call_id}/conflicts", allow=ASSIGN)
async def decide_conflict(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ConflictDecisionCreate, posted)
    if isinstance(fields, FormState):
        return await _board(request, work, call_id, conflict=fields, status=422)
    try:
        await actions.decide_conflict(work, call_id, fields)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _board(request, work, call_id, conflict=state, refused=problem, status=problem.status)
    return redirect(f"/projects/calls/{call_id}/assignment", notice=_("The decision is kept with your name."))


def _differences(posted: PostedForm) -> PostedForm:
    """The boxes of the board as who is given and who is taken back; a form that names both is left as it is."""
    shown, ticked = ([value for name, value in posted.fields if name == which] for which in ("shown", "pair"))
    kept = [(name, value) for name, value in posted.fields if name not in ("shown", "pair")]
    for side, pairs in (
        ("give", [one for one in ticked if one not in shown]),
        ("take", [one for one in shown if one not in ticked]),
    ):
        for n, pair in enumerate(pairs):
            application_id, _colon, expert_id = pair.partition(":")
            kept += [(f"{side}-{n}-application_id", application_id), (f"{side}-{n}-expert_id", expert_id)]
    return PostedForm(kept, posted.files)


async def _board(
    request: Request,
    rows: Rows,
    call_id: UUID,
    *,
    form: FormState | None = None,
    change: FormState | None = None,
    undo: FormState | None = None,
    conflict: FormState | None = None,
    refused: Problem | None = None,
    certificate: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    call = await queries.call_for_office(rows, call_id)
    assignment = await queries.assignment(rows, call_id)
    people = await experts(rows)
    possible = call["state"] in ("closed", "deciding")
    blank = FormState.of(
        {
            "expert_ids": [str(one["id"]) for one in people],
            "seed": assignment["seed"] if assignment else 1,
            "cap": assignment["cap"] if assignment else 4,
            "bound": assignment["bound"] if assignment else 100,
            "mode": assignment["trace"]["inputs"].get("mode", "total") if assignment else "total",
        }
    )
    may_assign = possible and ASSIGN.allows(rows.actor, office=call["organisation_id"])
    decided_by = [one["decided_by"] for one in assignment["decisions"]] if assignment else []
    matrix = drawing.matrix(assignment, _start(request), change) if assignment else None
    return service_of(request).pages.render(
        request,
        "assignments/board.html",
        status=status,
        change=change or FormState(),
        undo=undo or FormState(),
        conflict=conflict or FormState(),
        refused=refused,
        may_change=may_assign and assignment is not None and call["state"] == "deciding",
        WAIVABLE=WAIVABLE,
        DECISIONS=DECISIONS,
        call=call,
        assignment=assignment,
        called=await names(rows, [assignment["made_by"], *decided_by] if assignment else []),
        trace=DecisionTrace.model_validate(assignment["trace"]) if assignment else None,
        chance=assignment["trace"]["result"].get("chance") if assignment else None,
        matrix=matrix,
        load=drawing.load(assignment) if assignment else None,
        certificate=certificate,
        choices=[
            (
                str(one["id"]),
                one["name"],
                ngettext("at most %(n)s review", "at most %(n)s reviews", one["review_cap"])
                + (f" · {', '.join(one['fields'])}" if one["fields"] else ""),
            )
            for one in people
        ],
        form=form or blank,
        may_assign=may_assign,
        STATES=STATES,
    )
