"""The assignment board: who may review what, who does, and how much each expert carries."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.assignments import actions, demands, drawing, queries
from services.project_management.assignments.conflicts import WAIVABLE
from services.project_management.assignments.rules import ASSIGN, READ
from services.project_management.assignments.schemas import (
    AdjustmentCreate,
    AssignmentCreate,
    ConflictDecisionCreate,
    DemandCreate,
    UndoCreate,
)
from services.project_management.assignments.words import BIDS, CONFLICTS
from services.project_management.people.queries import experts, experts_without_role
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.trace import DecisionTrace
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, Model, PostedForm
from shared.web.i18n import _, lazy, ngettext
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
    "set_aside": StateWord(lazy("Set aside"), "warning"),
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
    return await _answer(
        request,
        work,
        call_id,
        "form",
        AssignmentCreate,
        lambda fields, _version: actions.assign_reviews(work, call_id, fields),
        _("The reviewers are assigned and have been invited."),
        _exceptions,
    )


@pages.post("/calls/{call_id}/adjustments", allow=ASSIGN)
async def adjust_assignment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    """What was ticked and is no longer is taken back; what was not and is now is given."""
    return await _answer(
        request,
        work,
        call_id,
        "change",
        AdjustmentCreate,
        lambda fields, _version: actions.adjust_assignment(work, call_id, fields),
        _("The assignment is changed."),
        _differences,
    )


@pages.post("/calls/{call_id}/adjustments/undo", allow=ASSIGN)
async def undo_assignment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        call_id,
        "undo",
        UndoCreate,
        lambda fields, _version: actions.undo_assignment(work, call_id, fields),
        _("The assignment before is back. Applicants hear nothing of it."),
    )


@pages.post("/calls/{call_id}/conflicts", allow=ASSIGN)
async def decide_conflict(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        call_id,
        "conflict",
        ConflictDecisionCreate,
        lambda fields, _version: actions.decide_conflict(work, call_id, fields),
        _("The decision is kept with your name."),
    )


@pages.post("/calls/{call_id}/demands", allow=ASSIGN)
async def ask_reviewers(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        call_id,
        "demand",
        DemandCreate,
        lambda fields, _version: demands.ask_reviewers(work, call_id, fields),
        _("The number is kept with your name and reason."),
    )


async def _answer(
    request: Request,
    work: WorkDep,
    call_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
    shape: Callable[[PostedForm], PostedForm] | None = None,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _board(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/assignment", notice),
        shape,
    )


def _exceptions(posted: PostedForm) -> PostedForm:
    """Each ticked exception as what it is: application, kind, group and how many more, in one value."""
    ticked = [value for name, value in posted.fields if name == "exception"]
    kept = [(name, value) for name, value in posted.fields if name != "exception"]
    for n, value in enumerate(ticked):
        for name, part in zip(("application_id", "of", "more", "group"), value.split(":", 3), strict=False):
            kept.append((f"exceptions-{n}-{name}", part))
    return PostedForm(kept, posted.files)


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


async def _board(request: Request, rows: Rows, call_id: UUID, refused: Refused | None = None) -> Response:
    call = await queries.call_for_office(rows, call_id)
    assignment = await queries.assignment(rows, call_id)
    people = await experts(rows, reviewing=True)
    possible = call["state"] in ("closed", "deciding")
    # A run from before reviewers were spread has no limits; the first one proposes one of an organisation.
    held = assignment["trace"]["inputs"].get("spread") if assignment else {"organisation": 1, "region": None}
    limits = held or queries.NOWHERE
    blank = FormState.of(
        {
            "seed": assignment["seed"] if assignment else 1,
            "cap": assignment["cap"] if assignment else 4,
            "bound": assignment["bound"] if assignment else 100,
            "mode": assignment["trace"]["inputs"].get("mode", "total") if assignment else "total",
            "per_organisation": limits["organisation"] or 0,
            "per_region": limits["region"] or 0,
        }
    )
    may_assign = possible and ASSIGN.allows(rows.actor, office=call["organisation_id"])
    decided_by = [one["decided_by"] for one in assignment["decisions"]] if assignment else []
    decided_by += [one["asked_by"] for one in assignment["demands"]] if assignment else []
    answers = Answers(refused)
    change = answers["change"] if refused and refused.name == "change" else None
    matrix = drawing.matrix(assignment, _start(request), change) if assignment else None
    return service_of(request).pages.render(
        request,
        "assignments/board.html",
        status=refused.status if refused else 200,
        answers=answers,
        refused=refused,
        may_change=may_assign and assignment is not None and call["state"] == "deciding",
        WAIVABLE=WAIVABLE,
        decided={
            (str(one["application_id"]), str(one["expert_id"]), one["kind"]): one["decision"]
            for one in (assignment["decisions"] if assignment else ())
        },
        DECISIONS=DECISIONS,
        call=call,
        assignment=assignment,
        called=await names(rows, [assignment["made_by"], *decided_by] if assignment else []),
        trace=DecisionTrace.model_validate(assignment["trace"]) if assignment else None,
        chance=assignment["trace"]["result"].get("chance") if assignment else None,
        matrix=matrix,
        limits=limits,
        load=drawing.load(assignment) if assignment else None,
        certificate=refused.problem.extra.get("certificate") if refused and refused.problem else None,
        without_role=await experts_without_role(rows) if may_assign else [],
        choices=[
            (
                str(one["id"]),
                one["name"],
                " · ".join(
                    filter(
                        None,
                        (
                            one["name_zh"],
                            ngettext("at most %(n)s review", "at most %(n)s reviews", one["review_cap"]),
                            ", ".join(one["fields"]),
                        ),
                    )
                ),
            )
            for one in people
        ],
        form=answers["form"] if refused and refused.name == "form" else blank,
        may_assign=may_assign,
        just_closed=call["state"] == "released" and call["closes_at"] <= rows.now,
        STATES=STATES,
        BIDS=BIDS,
        CONFLICTS=CONFLICTS,
    )
