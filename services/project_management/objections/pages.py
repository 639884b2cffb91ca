"""Public notice and objections for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.awards.queries import notice
from services.project_management.awards.words import OUTCOMES
from services.project_management.decisions.rules import NOTICE
from services.project_management.objections import actions, queries
from services.project_management.objections.rules import (
    ANSWER,
    LIST,
    LODGE,
    NOTE,
    READ,
    WITHDRAW,
    Concerned,
    State,
    unconcerned,
)
from services.project_management.objections.schemas import ObjectionAnswerCreate, ObjectionCreate
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.types import Role
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import read_form
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("objections")

STATES = {
    State.LODGED: StateWord(lazy("To answer"), "info"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
    State.REJECTED: StateWord(lazy("Answered: the list stays"), "success"),
    State.UPHELD: StateWord(lazy("Upheld"), "warning"),
}


@pages.get("/calls/{call_id}/notice", allow=NOTICE)
async def public_notice(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """The list as everybody may read it, and the form to object."""
    return await _notice(request, read, call_id)


@pages.post("/calls/{call_id}/notice/reading", allow=NOTE)
async def note_notice(request: Request, work: WorkDep, call_id: UUID) -> Response:
    await read_form(request)
    await actions.note_notice(work, call_id)
    return redirect(f"/projects/calls/{call_id}/notice", notice=_("Noted. You can object as long as the notice lasts."))


@pages.get("/calls/{call_id}/objections", allow=LIST)
async def objection_list(request: Request, read: ReadDep, call_id: UUID) -> Response:
    found = await queries.objections_to(read, call_id)
    return service_of(request).pages.render(
        request, "objections/list.html", call_id=call_id, objections=found, STATES=STATES
    )


@pages.post("/calls/{call_id}/objections", allow=LODGE)
async def lodge_objection(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "objection",
        ObjectionCreate,
        lambda fields, _version: actions.lodge_objection(work, call_id, fields),
        lambda refused: _notice(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/notice", _("Your objection is lodged. It is answered before the list is final.")),
    )


@pages.get("/objections/{objection_id}", allow=READ)
async def objection_detail(request: Request, read: ReadDep, objection_id: UUID) -> Response:
    return await _detail(request, read, objection_id)


@pages.post("/objections/{objection_id}/answer", allow=ANSWER)
async def answer_objection(request: Request, work: WorkDep, objection_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "answering",
        ObjectionAnswerCreate,
        lambda fields, version: actions.answer_objection(work, objection_id, fields, version),
        lambda refused: _detail(request, work, objection_id, refused),
        (f"/projects/objections/{objection_id}", _("The objection is answered.")),
    )


@pages.post("/objections/{objection_id}/withdrawal", allow=WITHDRAW)
async def withdraw_objection(request: Request, work: WorkDep, objection_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "withdrawal",
        Pressed,
        lambda _pressed, version: actions.withdraw_objection(work, objection_id, version),
        lambda refused: _detail(request, work, objection_id, refused),
        (f"/projects/objections/{objection_id}", _("The objection is withdrawn.")),
    )


async def _notice(request: Request, rows: Rows, call_id: UUID, refused: Refused | None = None) -> Response:
    try:
        found = await notice(rows, call_id)
    except NotFound:
        if refused is None:
            raise
        # The list went back while somebody wrote: what they typed must not go with it.
        call = await queries.call_title(rows, call_id)
        return service_of(request).pages.render(
            request, "objections/kept.html", status=refused.status, call_id=call_id, call_title=call, refused=refused
        )
    signed_in = bool(rows.actor.subject)
    return service_of(request).pages.render(
        request,
        "objections/notice.html",
        status=refused.status if refused else 200,
        shown=found,
        signed_in=signed_in,
        to_note=signed_in and await queries.to_note(rows, found["id"]),
        mine=await queries.mine(rows, call_id) if signed_in else [],
        oversees=rows.actor.has(*(LIST.roles or ())),
        named=[(str(one["application_id"]), one["title"]) for one in found["items"] if one["application_id"]],
        answers=Answers(refused),
        refused=refused,
        OUTCOMES=OUTCOMES,
        STATES=STATES,
    )


async def _detail(request: Request, rows: Rows, objection_id: UUID, refused: Refused | None = None) -> Response:
    found = await queries.objection(rows, objection_id)
    waits = found["state"] == State.LODGED.value
    why_not = await _why_not(rows, found) if waits and not found["mine"] else ""
    return service_of(request).pages.render(
        request,
        "objections/detail.html",
        status=refused.status if refused else 200,
        objection=found,
        why_not=why_not,
        may_answer=waits and not found["mine"] and rows.actor.has(*ANSWER.supervisors) and not why_not,
        may_withdraw=waits and found["mine"],
        oversees=not found["mine"] and rows.actor.has(Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR),
        called=await names(rows, [found["answered_by"]] if found["answered_by"] else []),
        answers=Answers(refused, found["version"]),
        refused=refused,
        options=[
            ("reject", _("The list stays"), _("The objection is not followed; the reasons say why.")),
            ("uphold", _("Follow the objection"), _("The list goes back: it is decided, approved and shown anew.")),
        ],
        STATES=STATES,
    )


async def _why_not(rows: Rows, found: dict[str, Any]) -> str:
    """Why the reader may not answer; empty where nothing stands in the way."""
    hands = await queries.hands(rows, found["decision_id"], found["list_number"])
    reviewed = await queries.has_reviewed(rows, found["call_id"])
    try:
        unconcerned(rows.actor.subject, found["subject"], hands, reviewed=reviewed)
    except Concerned as concerned:
        return concerned.detail
    return ""
