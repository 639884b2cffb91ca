"""The assignment board: who may review what, who does, and how much each expert carries."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.assignments import actions, queries
from services.project_management.assignments.rules import ASSIGN, READ
from services.project_management.assignments.schemas import AssignmentCreate
from services.project_management.people.queries import experts
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.trace import DecisionTrace
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _, lazy, ngettext
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("assignments")

STATES = {
    "invited": StateWord(lazy("Invited"), "info"),
    "accepted": StateWord(lazy("Invitation accepted"), "progress"),
    "scored": StateWord(lazy("Writing"), "progress"),
    "completed": StateWord(lazy("Handed in"), "success"),
    "declined": StateWord(lazy("Review declined"), "warning"),
}


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


async def _board(
    request: Request,
    rows: Rows,
    call_id: UUID,
    *,
    form: FormState | None = None,
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
    return service_of(request).pages.render(
        request,
        "assignments/board.html",
        status=status,
        call=call,
        assignment=assignment,
        called=await names(rows, [assignment["made_by"]] if assignment else []),
        trace=DecisionTrace.model_validate(assignment["trace"]) if assignment else None,
        chance=assignment["trace"]["result"].get("chance") if assignment else None,
        matrix=_matrix(assignment) if assignment else None,
        load=_load(assignment) if assignment else None,
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
        may_assign=possible and ASSIGN.allows(rows.actor, office=call["organisation_id"]),
        STATES=STATES,
    )


def _matrix(assignment: dict[str, Any]) -> dict[str, Any]:
    """Applications down, experts across: the review, the conflict, or nothing."""
    inputs = assignment["trace"]["inputs"]
    names = {one["id"]: one["name"] for one in inputs["experts"]}
    reviews = {(str(one["application_id"]), str(one["expert_id"])): one for one in assignment["assignments"]}
    names |= {str(one["expert_id"]): one["expert"] for one in assignment["assignments"]}
    barred = {(one["application_id"], one["expert_id"]): one for one in assignment["conflicts"]}
    return {
        "experts": list(names.values()),
        "rows": [
            (
                application["title"],
                application["id"],
                [
                    (reviews.get((application["id"], expert_id)), barred.get((application["id"], expert_id)))
                    for expert_id in names
                ],
            )
            for application in inputs["applications"]
        ],
    }


def _load(assignment: dict[str, Any]) -> dict[str, Any]:
    """Reviews and cap of each expert, as a plot."""
    rows = [
        [one["name"], sum(str(r["expert_id"]) == one["id"] for r in _live(assignment)), one["cap"]]
        for one in assignment["trace"]["inputs"]["experts"]
    ]
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": [row[0] for row in rows]},
        "series": [
            {"type": "bar", "name": _("Reviews"), "data": [row[1] for row in rows]},
            {"type": "bar", "name": _("Most reviews of one expert"), "data": [row[2] for row in rows]},
        ],
    }
    return {"option": option, "rows": rows, "reviews": len(_live(assignment)), "experts": sum(1 for r in rows if r[1])}


def _live(assignment: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in assignment["assignments"] if one["state"] != "declined"]
