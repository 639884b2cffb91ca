"""Appeals for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.appeals import actions, queries
from services.project_management.appeals.rules import APPEAL, DECIDE, READ, OwnDecision, State, another, possible
from services.project_management.appeals.schemas import AppealCreate, AppealDecisionCreate
from services.project_management.awards.queries import sees_ranking
from services.project_management.awards.words import STANDINGS
from services.project_management.objections.queries import parties_of
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.errors import Conflict
from shared.kernel.trace import DecisionTrace
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("appeals")

STATES = {
    State.LODGED: StateWord(lazy("To decide"), "info"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
    State.DISMISSED: StateWord(lazy("Dismissed: the decision stands"), "neutral"),
    State.GRANTED: StateWord(lazy("Granted"), "success"),
}


@pages.get("/awards/{award_id}/appeal", allow=READ)
async def award_appeal(request: Request, read: ReadDep, award_id: UUID) -> Response:
    found = await queries.appeal_against(read, award_id)
    if found["appeal"]:
        return redirect(f"/projects/appeals/{found['appeal']['id']}")
    return await _form(request, read, award_id)


@pages.post("/awards/{award_id}/appeal", allow=APPEAL)
async def lodge_appeal(request: Request, work: WorkDep, award_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "appeal",
        AppealCreate,
        lambda fields, _version: actions.lodge_appeal(work, award_id, fields),
        lambda refused: _form(request, work, award_id, refused),
        (f"/projects/awards/{award_id}/appeal", _("The appeal is lodged. Another person decides it.")),
    )


@pages.get("/appeals/{appeal_id}", allow=READ)
async def appeal_detail(request: Request, read: ReadDep, appeal_id: UUID) -> Response:
    return await _detail(request, read, appeal_id)


@pages.post("/appeals/{appeal_id}/decision", allow=DECIDE)
async def decide_appeal(request: Request, work: WorkDep, appeal_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "decision",
        AppealDecisionCreate,
        lambda fields, version: actions.decide_appeal(work, appeal_id, fields, version),
        lambda refused: _detail(request, work, appeal_id, refused),
        (f"/projects/appeals/{appeal_id}", _("The appeal is decided. A new letter goes out.")),
    )


@pages.post("/appeals/{appeal_id}/withdrawal", allow=APPEAL)
async def withdraw_appeal(request: Request, work: WorkDep, appeal_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "withdrawal",
        Pressed,
        lambda _pressed, version: actions.withdraw_appeal(work, appeal_id, version),
        lambda refused: _detail(request, work, appeal_id, refused),
        (f"/projects/appeals/{appeal_id}", _("The appeal is withdrawn.")),
    )


async def _form(request: Request, rows: Rows, award_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.appeal_against(rows, award_id)
    first, why_not = found["first_letter"], ""
    try:
        possible(
            found["outcome"],
            appealed=found["appeal"] is not None,
            letter=first["issued_at"] if first else None,
            until=found["until"],
            now=rows.now,
        )
    except Conflict as problem:
        why_not = problem.detail
    return service_of(request).pages.render(
        request,
        "appeals/form.html",
        status=refused.status if refused else 200,
        award=found,
        why_not=why_not,
        may_appeal=not why_not and APPEAL.allows(rows.actor, owners={found["lead_id"]}),
        answers=Answers(refused),
        refused=refused,
        STANDINGS=STANDINGS,
    )


async def _detail(request: Request, rows: Rows, appeal_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.appeal(rows, appeal_id)
    waits = found["state"] == State.LODGED.value
    decides = waits and DECIDE.allows(rows.actor, parties=await parties_of(rows, found["call_id"]))
    why_not = await _why_not(rows, found) if decides else ""
    return service_of(request).pages.render(
        request,
        "appeals/detail.html",
        status=refused.status if refused else 200,
        appeal=found,
        trace=DecisionTrace.model_validate(found["trace"]) if found["trace"] else None,
        why_not=why_not,
        may_decide=decides and not why_not,
        oversees=await sees_ranking(rows, found["call_id"]),
        may_withdraw=waits and APPEAL.allows(rows.actor, owners={found["lead_id"]}),
        answers=Answers(refused, found["version"]),
        refused=refused,
        options=[
            ("dismiss", _("Dismiss"), _("The decision stands.")),
            (
                "grant",
                _("Grant the appeal"),
                _("It is funded if the money that is left reaches it, else it is the first of the reserve list."),
            ),
        ],
        history=entries(await history(rows, appeal_id)),
        STATES=STATES,
    )


async def _why_not(rows: Rows, found: dict[str, Any]) -> str:
    """Why the reader may not decide; empty where nothing stands in the way."""
    hands, reviewed = await queries.hands_in(rows, found["call_id"])
    try:
        another(rows.actor.subject, hands, reviewed=reviewed)
    except OwnDecision as own:
        return own.detail
    return ""
