"""Partners that leave after the submission, for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.rules import READ, State
from services.project_management.departures import actions, queries, rules
from services.project_management.departures.rules import ANSWER, CONSENT, LEAVE
from services.project_management.departures.schemas import (
    LeavingCreate,
    SuccessorAnswerCreate,
    SuccessorCreate,
    TakeoverCreate,
)
from services.project_management.departures.words import STATES
from services.project_management.organisations.queries import choices
from shared.db.work import Rows
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import PostedForm
from shared.web.i18n import _
from shared.web.words import bilingual

pages = page_room("departures")


@pages.get("/applications/{application_id}/departures", allow=READ)
async def departure_list(request: Request, read: ReadDep, application_id: UUID) -> Response:
    return await _page(request, read, application_id)


@pages.post("/applications/{application_id}/departures", allow=LEAVE)
async def leave_application(request: Request, work: WorkDep, application_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "leaving",
        LeavingCreate,
        lambda fields, version: actions.leave_application(work, application_id, fields, version),
        lambda refused: _page(request, work, application_id, refused),
        (_here(application_id), _("Your organisation has left. The lead is asked who does its part.")),
    )


@pages.post("/departures/{departure_id}/successor", allow=ANSWER)
async def ask_successor(request: Request, work: WorkDep, departure_id: UUID) -> Response:
    application_id = await _application_of(work, departure_id)
    return await answer(
        request,
        work,
        f"successor-{departure_id}",
        SuccessorCreate,
        lambda fields, version: actions.ask_successor(work, departure_id, fields, version),
        lambda refused: _page(request, work, application_id, refused),
        (_here(application_id), _("The organisation is asked. It answers by the day that was set for you.")),
    )


@pages.post("/departures/{departure_id}/takeover", allow=ANSWER)
async def take_over(request: Request, work: WorkDep, departure_id: UUID) -> Response:
    application_id = await _application_of(work, departure_id)
    return await answer(
        request,
        work,
        f"takeover-{departure_id}",
        TakeoverCreate,
        lambda fields, version: actions.take_over(work, departure_id, fields, version),
        lambda refused: _page(request, work, application_id, refused),
        (_here(application_id), _("It is recorded: you do the part yourselves.")),
        shape=_without_blank_amount,
    )


@pages.post("/departures/{departure_id}/consent", allow=CONSENT)
async def answer_for_successor(request: Request, work: WorkDep, departure_id: UUID) -> Response:
    application_id = await _application_of(work, departure_id)
    return await answer(
        request,
        work,
        f"consent-{departure_id}",
        SuccessorAnswerCreate,
        lambda fields, version: actions.answer_for_successor(work, departure_id, fields, version),
        lambda refused: _page(request, work, application_id, refused),
        ("/projects/applications", _("Your answer is sent to the lead.")),
    )


def _here(application_id: UUID) -> str:
    return f"/projects/applications/{application_id}/departures"


async def _application_of(rows: Rows, departure_id: UUID) -> UUID:
    return UUID(str((await queries.departure(rows, departure_id))["application_id"]))


def _without_blank_amount(posted: PostedForm) -> PostedForm:
    """An amount that is left empty stays as it is."""
    named = dict(posted.fields)
    if named.get("requested-amount", "").strip():
        return posted
    return PostedForm([one for one in posted.fields if not one[0].startswith("requested")], posted.files)


async def _page(request: Request, rows: Rows, application_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.departures(rows, application_id)
    actor, state = rows.actor, State(found["state"])
    inside = {one["organisation_id"] for one in found["partners"] if one["left_at"] is None}
    present = {found["lead_id"], *inside}
    consented = {
        one["organisation_id"] for one in found["partners"] if one["left_at"] is None and one["answer"] == "consented"
    }
    leads = ANSWER.allows(actor, owners={found["lead_id"]})
    a_partner = LEAVE.allows(actor, owners=consented)
    return service_of(request).pages.render(
        request,
        "departures/detail.html",
        status=refused.status if refused else 200,
        application=found,
        items=[_shown(one) for one in found["items"]],
        standing=_standing([one["state"] for one in found["items"] if one["state"]]),
        may_leave=a_partner and state in rules.LEAVABLE,
        instead=rules.INSTEAD.get(state, "") if a_partner else "",
        leads=leads,
        waiting=rules.WAITING,
        represents=actor.organisations(Role.REPRESENTATIVE),
        candidates=[
            (one["id"], *bilingual(one["name"], one["name_zh"]))
            for one in (await choices(rows) if leads else ())
            if one["id"] not in present
        ],
        days=rules.TIME_TO_ANSWER.days,
        answers=_forms(refused, found),
        refused=refused,
        STATES=STATES,
    )


def _standing(states: list[str]) -> str:
    """What the page says at its head: what waits, else what came last. Empty for who reads its own statement alone."""
    return next((one for one in states if one in rules.WAITING), states[-1] if states else "")


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "clauses": DecisionTrace.model_validate(one["trace"]).clauses if one["trace"] else ()}


def _forms(refused: Refused | None, found: dict[str, Any]) -> dict[str, Any]:
    """Each form with the version of what it changes: the application, or one departure."""
    named = {"leaving": found["version"]}
    for one in found["items"]:
        named |= {f"{kind}-{one['id']}": one["version"] for kind in ("successor", "takeover", "consent")}
    return {
        name: Answers(refused if refused and refused.name == name else None, version)[name]
        for name, version in named.items()
    }
