"""Answers to awards, for people."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.awards.rules import READ
from services.project_management.awards.words import STANDINGS
from services.project_management.reserves import actions, queries
from services.project_management.reserves.rules import ANSWER, State
from services.project_management.reserves.schemas import AwardRefusalCreate
from shared.db.work import Rows
from shared.kernel.trace import DecisionTrace
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.i18n import _, lazy
from shared.web.words import StateWord

pages = page_room("reserves")

STATES = {
    State.OFFERED: StateWord(lazy("Offered"), "info"),
    State.ACCEPTED: StateWord(lazy("Taken up"), "success"),
    State.REFUSED: StateWord(lazy("Turned down"), "neutral"),
    State.LAPSED: StateWord(lazy("Lapsed"), "warning"),
}


@pages.get("/awards/{award_id}/offer", allow=READ)
async def award_answer(request: Request, read: ReadDep, award_id: UUID) -> Response:
    return await _detail(request, read, award_id)


@pages.post("/awards/{award_id}/acceptance", allow=ANSWER)
async def accept_award(request: Request, work: WorkDep, award_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "acceptance",
        Pressed,
        lambda _pressed, version: actions.accept_award(work, award_id, version),
        lambda refused: _detail(request, work, award_id, refused),
        (f"/projects/awards/{award_id}", _("The award is yours. The task book can be drawn up.")),
    )


@pages.post("/awards/{award_id}/refusal", allow=ANSWER)
async def refuse_award(request: Request, work: WorkDep, award_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "refusal",
        AwardRefusalCreate,
        lambda fields, version: actions.refuse_award(work, award_id, fields.reason, version),
        lambda refused: _detail(request, work, award_id, refused),
        (f"/projects/awards/{award_id}", _("The award is turned down. The next of the reserve list is asked.")),
    )


async def _detail(request: Request, rows: Rows, award_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.answer_to(rows, award_id)
    lead = ANSWER.allows(rows.actor, owners={found["lead_id"]})
    offered = found["offer"] is not None and found["offer"]["state"] == State.OFFERED.value
    return service_of(request).pages.render(
        request,
        "reserves/detail.html",
        status=refused.status if refused else 200,
        award=found,
        offer=found["offer"],
        trace=DecisionTrace.model_validate(found["offer"]["trace"]) if found["offer"] else None,
        offered=offered,
        may_accept=lead and offered,
        may_refuse=lead and (offered or (found["outcome"] == "funded" and not found["project_id"])),
        answers=Answers(refused, found["version"]),
        refused=refused,
        STATES=STATES,
        STANDINGS=STANDINGS,
    )
