"""Bids for people: the office's page of a call's bidding, and each expert's own."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.assignments.queries import call_for_office
from services.project_management.assignments.words import BIDS
from services.project_management.bids import actions, queries
from services.project_management.bids.rules import BID, CONFLICT, MANAGE, NEUTRAL, OVERSEE, State
from services.project_management.bids.schemas import BiddingCreate, BidsUpdate, DueTimeUpdate
from services.project_management.people.queries import experts
from shared.db.history import names
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.i18n import _, lazy
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("bids")

STATES = {
    State.OPEN: StateWord(lazy("Open for bids"), "progress"),
    State.CLOSED: StateWord(lazy("Bidding closed"), "neutral"),
}
MOST_QUERY = 200


@pages.get("/calls/{call_id}/bidding", allow=OVERSEE)
async def bidding(request: Request, read: ReadDep, call_id: UUID) -> Response:
    return await _office(request, read, call_id)


@pages.post("/calls/{call_id}/bidding", allow=MANAGE)
async def open_bidding(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "open",
        BiddingCreate,
        lambda fields, _version: actions.open_bidding(work, call_id, fields),
        lambda refused: _office(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/bidding", _("The experts are asked. Applicants hear nothing of it.")),
    )


@pages.post("/calls/{call_id}/bidding/due-time", allow=MANAGE)
async def postpone_bidding(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "due",
        DueTimeUpdate,
        lambda fields, version: actions.postpone_bidding(work, call_id, fields, version),
        lambda refused: _office(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/bidding", _("The new time is set. Who has not finished sees it.")),
    )


@pages.post("/calls/{call_id}/bidding/closure", allow=MANAGE)
async def close_bidding(request: Request, work: WorkDep, call_id: UUID) -> Response:
    return await answer(
        request,
        work,
        "closure",
        Pressed,
        lambda _pressed, version: actions.close_bidding(work, call_id, version),
        lambda refused: _office(request, work, call_id, refused),
        (f"/projects/calls/{call_id}/bidding", _("The bidding is closed. The bids stand on the assignment board.")),
    )


@pages.get("/biddings", allow=BID)
async def my_biddings(request: Request, read: ReadDep) -> Response:
    return service_of(request).pages.render(request, "bids/list.html", biddings=await queries.mine(read), STATES=STATES)


@pages.get("/biddings/{bidding_id}", allow=BID)
async def my_bidding(request: Request, read: ReadDep, bidding_id: UUID) -> Response:
    return await _mine(request, read, bidding_id)


@pages.post("/biddings/{bidding_id}/bids", allow=BID)
async def place_bids(request: Request, work: WorkDep, bidding_id: UUID) -> Response:
    """Save what the page shows; without `draft` say as well that one is done."""
    posted = await read_form(request)
    fields = parse(BidsUpdate, _with_answers(posted))
    if isinstance(fields, FormState):
        errors = {f"{name}-reason" if name.count("-") == 1 else name: told for name, told in fields.errors.items()}
        return await _mine(request, work, bidding_id, FormState.posted(posted, errors), status=422)
    try:
        await actions.place_bids(work, bidding_id, fields)
        if not posted.wants_draft:
            await actions.finish_bidding(work, bidding_id)
    except Problem as problem:
        await work.rollback()
        return await _mine(request, work, bidding_id, FormState.posted(posted), refused=problem)
    if posted.wants_draft:
        here = posted.get("here") if posted.get("here").startswith("?") else ""
        return redirect(f"/projects/biddings/{bidding_id}{here}", notice=_("Your bids are saved."))
    return redirect("/projects/biddings", notice=_("Thank you. You can change your bids until the bidding closes."))


@pages.post("/biddings/{bidding_id}/completion", allow=BID)
async def finish_bidding(request: Request, work: WorkDep, bidding_id: UUID) -> Response:
    await actions.finish_bidding(work, bidding_id)
    return redirect("/projects/biddings", notice=_("Thank you. You can change your bids until the bidding closes."))


def _with_answers(posted: PostedForm) -> PostedForm:
    """Without the reasons of rows that declare no conflict: the field stands below every application."""
    declared = {
        name.removesuffix("bid")
        for name, value in posted.fields
        if name.startswith("bids-") and name.endswith("-bid") and value == CONFLICT
    }
    kept = [
        (name, value)
        for name, value in posted.fields
        if not name.endswith("-reason") or name.removesuffix("reason") in declared
    ]
    return PostedForm(kept, posted.files)


async def _office(request: Request, rows: Rows, call_id: UUID, refused: Refused | None = None) -> Response:
    call = await call_for_office(rows, call_id)
    found = await queries.bidding_of(rows, call_id)
    people = await experts(rows, reviewing=True)
    manages = call["state"] == "closed" and MANAGE.allows(rows.actor, office=call["organisation_id"])
    return service_of(request).pages.render(
        request,
        "bids/office.html",
        status=refused.status if refused else 200,
        call=call,
        bidding=found,
        called=await names(rows, [found["opened_by"]] if found else []),
        may_open=manages and (found is None or found["state"] == State.CLOSED.value),
        may_close=manages and found is not None and found["state"] == State.OPEN.value,
        choices=[
            (str(one["id"]), one["name"], " · ".join(filter(None, (one["name_zh"], ", ".join(one["fields"])))))
            for one in people
        ],
        answers=Answers(refused, found["version"] if found else None),
        refused=refused,
        STATES=STATES,
    )


async def _mine(
    request: Request,
    rows: Rows,
    bidding_id: UUID,
    form: FormState | None = None,
    *,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    search = request.query_params.get("q", "").replace("\x00", "").strip()[:MOST_QUERY]
    cursor = request.query_params.get("cursor")
    found = await queries.my_bidding(rows, bidding_id, search=search, cursor=cursor)
    return service_of(request).pages.render(
        request,
        "bids/detail.html",
        status=refused.status if refused else status,
        bidding=found,
        search=search,
        here=f"?{request.url.query}" if request.url.query else "",
        form=form or _sheet(found["items"]),
        refused=refused,
        open=found["state"] == State.OPEN.value,
        BIDS=BIDS,
        CONFLICT=CONFLICT,
        NEUTRAL=NEUTRAL,
        STATES=STATES,
    )


def _sheet(items: list[dict[str, Any]]) -> FormState:
    values = {}
    for n, one in enumerate(items):
        values[f"bids-{n}-bid"] = [one["bid"]]
        values[f"bids-{n}-reason"] = [one["reason"]]
    return FormState(values=values)
