"""The versions of a call for people."""

import json
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response

from services.project_management.amendments import actions, queries
from services.project_management.amendments.rules import (
    ACKNOWLEDGE,
    AMEND,
    CHANGES,
    JUDGE,
    LATE,
    READ,
    SEE,
    State,
    is_amendable,
    may_answer,
)
from services.project_management.amendments.schemas import AcknowledgementCreate, AmendmentCreate, JudgementCreate
from services.project_management.amendments.words import STATES, as_text, shown, text_words, told
from services.project_management.applications import actions as applications
from services.project_management.applications.queries import application
from services.project_management.calls.queries import call, list_made, released_version
from services.project_management.calls.rules import State as CallState
from services.project_management.calls.schemas import ReasonCreate
from services.project_management.calls.words import LABELS, page_words
from services.project_management.forms.queries import read as read_form_of
from services.project_management.forms.queries import working_form
from services.project_management.organisations.queries import offices, regions
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import NotFound, Problem
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.i18n import _
from shared.web.pages import redirect
from shared.web.words import bilingual, region_word

pages = page_room("amendments")
_ANYBODY: dict[str, Any] = {
    **dict.fromkeys(("kinds", "regions", "sectors"), ()),
    **dict.fromkeys(("running_per_organisation", "running_per_person"), 0),
    "credit": "",
}
"""The conditions of a call, each as it is where nobody is kept out."""


@pages.get("/calls/{call_id}/versions", allow=READ)
async def call_versions(request: Request, read: ReadDep, call_id: UUID) -> Response:
    found = await queries.versions(read, call_id)
    if not found:
        raise NotFound(N_("The call is not released yet."))
    newest = found[0]["number"]
    since, until = (_chosen(request, name, other, newest) for name, other in (("since", newest - 1), ("until", newest)))
    return service_of(request).pages.render(
        request,
        "amendments/versions.html",
        call=await call(read, call_id),
        versions=found,
        since=since,
        until=until,
        changes=shown(await queries.changes(read, call_id, since, until, await _told(read))),
        LABELS=LABELS,
    )


@pages.get("/calls/{call_id}/versions/{number}", allow=READ)
async def released_text(
    request: Request, read: ReadDep, call_id: UUID, number: Annotated[int, Path(ge=1, le=10_000)]
) -> Response:
    """A released version word for word, for reading and for paper."""
    found = await released_version(read, call_id, number)
    known = {one["number"]: one for one in await queries.versions(read, call_id)}
    text = as_text(json.loads(found["content"]))
    return service_of(request).pages.render(
        request,
        "amendments/text.html",
        call=await call(read, call_id),
        text=text,
        number=number,
        newest=max(known),
        note=known[number]["note"],
        sha256=found["sha256"],
        released_at=found["released_at"],
        form=read_form_of(text["form"]),
        **text_words(text),
        **page_words(),
    )


@pages.get("/calls/{call_id}/amendment", allow=SEE)
async def amendment(request: Request, read: ReadDep, call_id: UUID) -> Response:
    return await _amendment(request, read, call_id)


@pages.post("/calls/{call_id}/amendment", allow=AMEND)
async def request_amendment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AmendmentCreate, posted)
    if isinstance(fields, FormState):
        return await _amendment(request, work, call_id, asking=fields, status=422)
    fields = await _untouched(work, call_id, fields)
    if posted.get("conditions"):  # a page says by a blank entry that everybody may apply; an absent one is no change
        opened = {name: value for name, value in _ANYBODY.items() if getattr(fields, name) is None}
        fields = fields.model_copy(update=opened)
    if posted.get("later"):  # and by no row that there are none
        none: dict[str, Any] = {
            name: [] for name in ("indicators", "offices", "approvals") if getattr(fields, name) is None
        }
        fields = fields.model_copy(update=none)
    try:
        await actions.request_amendment(work, call_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _amendment(request, work, call_id, asking=state, status=problem.status)
    notice = _("The offices that sign are asked one after the other. Until then the call stays as it is.")
    return redirect(f"/projects/calls/{call_id}/amendment", notice=notice)


@pages.post("/calls/{call_id}/amendment/judgement", allow=JUDGE)
async def judge_amendment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(JudgementCreate, posted)
    if isinstance(fields, FormState):
        return await _amendment(request, work, call_id, judging=fields, status=422)
    try:
        amendment = await actions.judge_amendment(work, call_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _amendment(request, work, call_id, judging=state, status=problem.status)
    if amendment.state == State.APPROVED.value:
        notice = _("The call is amended. Whoever has begun an application is told what changed.")
        return redirect(f"/projects/calls/{call_id}/versions", notice=notice)
    signed = amendment.state == State.REQUESTED.value
    notice = _("You signed. The next office is asked.") if signed else _("The office reads your answer.")
    return redirect(f"/projects/calls/{call_id}/amendment", notice=notice)


@pages.post("/calls/{call_id}/amendment/withdrawal", allow=AMEND)
async def withdraw_amendment(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReasonCreate, posted)
    if isinstance(fields, FormState):
        return await _amendment(request, work, call_id, taking_back=fields, status=422)
    try:
        await actions.withdraw_amendment(work, call_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _amendment(request, work, call_id, taking_back=state, status=problem.status)
    return redirect(f"/projects/calls/{call_id}/amendment", notice=_("The amendment is withdrawn."))


async def _told(rows: Rows) -> queries.Outline:
    """Versions in words, with the offices that may sign by their names."""
    names = {str(one["id"]): one["name"] for one in await offices(rows)}
    return partial(told, names=names)


async def _untouched(rows: Rows, call_id: UUID, fields: AmendmentCreate) -> AmendmentCreate:
    """The page shows the closing time to the minute: what comes back so was not touched, and its seconds stay."""
    stands = (await call(rows, call_id))["closes_at"]
    same = fields.closes_at in (stands.replace(second=0, microsecond=0), stands.replace(microsecond=0))
    return fields.model_copy(update={"closes_at": None}) if same else fields


def _named(shown_call: dict[str, Any]) -> list[str]:
    """The organisations that its chains name, so that each can be chosen again."""
    steps = [*shown_call["offices"], *shown_call["award_terms"]["approvals"]]
    return [str(one["organisation_id"]) for one in steps if one["organisation_id"]]


async def _amendment(
    request: Request,
    rows: Rows,
    call_id: UUID,
    *,
    asking: FormState | None = None,
    judging: FormState | None = None,
    taking_back: FormState | None = None,
    status: int = 200,
) -> Response:
    shown_call = await call(rows, call_id)
    found = await queries.latest(rows, call_id, await _told(rows))
    waits = found is not None and found["state"] == State.REQUESTED.value
    made = await list_made(rows, call_id)
    now = (CallState(shown_call["state"]), shown_call["closes_at"], rows.now)
    possible = is_amendable(*now)
    later = is_amendable(*now, LATE, list_made=made)
    signable = found is not None and is_amendable(*now, found["columns"], list_made=made)
    ours = AMEND.allows(rows.actor, owners={shown_call["organisation_id"]})
    hands = [found["chain"], found["signatures"], rows.actor, found["requested_by"]] if found else []
    choices = [one for one in ("approve", "decline") if waits and may_answer(one, *hands)]
    form = await working_form(rows, call_id)
    return service_of(request).pages.render(
        request,
        "amendments/amendment.html",
        status=status,
        call=shown_call,
        amendment=found | {"changes": shown(found["changes"])} if found else None,
        waits=waits,
        possible=possible,
        later=later,
        signable=signable,
        may_ask=ours and not waits and later,
        may_judge=[one for one in choices if signable or one == "decline"],
        last_signature=found is not None and len(found["signatures"]) + 1 >= len(found["chain"]),
        called=await names(rows, [one["subject"] for one in found["signatures"]]) if found else {},
        may_withdraw=ours and waits,
        form_waits=form["waits"],
        asking=asking
        or FormState.of(
            shown_call | {"approvals": shown_call["award_terms"]["approvals"]}, version=shown_call["version"]
        ),
        organisations=[
            (str(one["id"]), *bilingual(one["name"], one["name_zh"])) for one in await offices(rows, _named(shown_call))
        ],
        judging=judging or FormState(version=found["version"] if found else None),
        taking_back=taking_back or FormState(version=found["version"] if found else None),
        **page_words(),
        regions=[(one, region_word(one)) for one in sorted({*await regions(rows), *shown_call["regions"]})],
        STATES=STATES,
    )


@pages.get("/applications/{application_id}/call-changes", allow=CHANGES)
async def call_changes(request: Request, read: ReadDep, application_id: UUID) -> Response:
    mine = await application(read, application_id)
    news = await queries.news_for(read, application_id, await _told(read))
    return service_of(request).pages.render(
        request,
        "amendments/news.html",
        application=mine,
        news=news | {"changes": shown(news["changes"])},
        may_acknowledge=ACKNOWLEDGE.allows(read.actor, owners={mine["lead_id"]}),
        LABELS=LABELS,
    )


@pages.post("/applications/{application_id}/acknowledgement", allow=ACKNOWLEDGE)
async def acknowledge(request: Request, work: WorkDep, application_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(AcknowledgementCreate, posted)
    if not isinstance(fields, FormState):
        await applications.acknowledge_call(work, application_id, fields.call_version)
        notice = _("Noted. You will be told when the call changes again.")
        return redirect(f"/projects/applications/{application_id}", notice=notice)
    return redirect(f"/projects/applications/{application_id}/call-changes")


def _chosen(request: Request, name: str, other: int, newest: int) -> int:
    given = request.query_params.get(name, "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 5 else other
    return min(max(number, 1), newest)
