"""Bookings for people."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.resource_catalog.bookings import actions, queries
from services.resource_catalog.bookings.rules import (
    BOOK,
    CANCEL,
    READ,
    State,
    cleared_to_book,
    may_cancel,
    point_in_time,
)
from services.resource_catalog.bookings.schemas import BookingCreate, CancellationCreate
from services.resource_catalog.facilities.queries import day_of_slots, hours_of
from services.resource_catalog.facilities.queries import facility as facility_of
from services.resource_catalog.facilities.rules import calendar_day
from services.resource_catalog.facilities.schemas import Day
from services.resource_catalog.projects.queries import projects_of
from shared.db.history import history
from shared.kernel.errors import Problem
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Money, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form
from shared.web.history import entries
from shared.web.i18n import N_, _, lazy
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("bookings")

STATES = {
    State.CONFIRMED: StateWord(lazy("Confirmed"), "success"),
    State.CANCELLED: StateWord(lazy("Cancelled"), "neutral"),
}
SAID = (
    N_("The facility takes bookings."),
    N_("The facility does not take bookings yet. Ask its owner to publish it."),
    N_("Your organisation is admitted until after the use."),
    N_(
        "Your organisation is not admitted to joint work for that time. "
        "Ask the coordination office to admit it or to renew the admission."
    ),
    N_("It ends after it begins."),
    N_("It ends before it begins."),
    N_("Choose a later end."),
    N_("The facility is open throughout."),
    N_("The facility is not open throughout this time."),
    N_("Both ends meet the facility's slots."),
    N_("The times do not meet the facility's slots."),
    N_("It is not longer than allowed."),
    N_("It is longer than one booking may be."),
    N_("It begins late enough to prepare for."),
    N_("It begins too soon."),
    N_("Your organisation works in the project."),
    N_("It is booked for no project."),
    N_("Your organisation works in no project with this number."),
    N_("The project has ended."),
    N_("Choose a running project of your organisation, or none."),
    N_("This time is booked already. Take one of the alternatives, or choose another time."),
    N_("Many are booking this facility right now. Try again in a moment."),
    N_("Bookings are internal. Ask the coordination office for a clearance that reaches them."),
    N_("It is cancelled already; the time is free again."),
    N_("It has begun already, so it cannot be cancelled."),
    N_("Choose a time between 2000 and 2100."),
)
"""What the rules of bookings say, here so that the catalogue of translations knows it."""
KEPT = ("facility_id", "project_id", "purpose")
"""What an alternative takes over from the refused form."""


@pages.get("/bookings", allow=READ)
async def booking_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("starts_at", _("From")),
            Column("ends_at", _("To")),
            Column("facility", _("Facility")),
            Column("organisation", _("Booked by")),
            Column("state", _("State")),
        ],
        facets=[Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()])],
        keep=["facility"],
        searchable=False,
    )
    facility_id = _uuid(view.extra.get("facility", ""))
    states = list(view.chosen("state"))
    page = await queries.bookings(read, facility_id=facility_id, states=states, cursor=view.cursor, limit=25)
    total = await queries.count_bookings(read, facility_id=facility_id, states=states)
    return service_of(request).pages.render(
        request,
        "bookings/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        facility=await facility_of(read, facility_id) if facility_id else None,
        STATES=STATES,
    )


@pages.get("/bookings/new", allow=BOOK)
async def new_booking(
    request: Request,
    read: ReadDep,
    facility_id: UUID,
    day: Day | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Response:
    facility = await facility_of(read, facility_id)
    cleared_to_book(read.actor, SecurityLabel(facility["label"]))
    state = FormState.of({"facility_id": facility_id, "starts_at": _aware(starts_at), "ends_at": _aware(ends_at)})
    return await _form(request, read, facility_id, state, day=day)


@pages.post("/bookings/new", allow=BOOK)
async def make_booking(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    facility_id = _uuid(posted.get("facility_id"))
    fields = parse(BookingCreate, posted)
    if isinstance(fields, FormState):
        if facility_id is None:
            return redirect("/catalog/facilities", notice=_("Choose a facility first."), tone="info")
        return await _form(request, work, facility_id, fields, status=422)
    try:
        booking = await actions.make_booking(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(
            request,
            work,
            fields.facility_id,
            FormState.refused(posted, problem),
            status=problem.status,
            alternatives=_offers(posted, problem.extra.get("alternatives", [])),
        )
    return redirect(f"/catalog/bookings/{booking.id}", notice=_("The booking is confirmed."))


@pages.get("/bookings/{booking_id}", allow=READ)
async def booking_detail(request: Request, read: ReadDep, booking_id: UUID) -> Response:
    return await _detail(request, read, booking_id)


@pages.post("/bookings/{booking_id}/cancellation", allow=CANCEL)
async def cancel_booking(request: Request, work: WorkDep, booking_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(CancellationCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, booking_id, cancellation=fields, status=422)
    try:
        await actions.cancel_booking(work, booking_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, booking_id, cancellation=state, status=problem.status)
    return redirect(f"/catalog/bookings/{booking_id}", notice=_("The booking is cancelled; the time is free again."))


async def _form(
    request: Request,
    rows: ReadDep | WorkDep,
    facility_id: UUID,
    state: FormState,
    *,
    status: int = 200,
    day: date | None = None,
    alternatives: list[dict[str, Any]] | None = None,
) -> Response:
    facility = await facility_of(rows, facility_id)
    hours = hours_of(facility)
    shown = day or _chosen_day(state, hours.local_day(rows.now))
    organisation = rows.actor.organisation(*(BOOK.roles or ()))
    return service_of(request).pages.render(
        request,
        "bookings/form.html",
        status=status,
        form=state,
        facility=facility,
        price=Money.model_validate(facility["price"]),
        day=shown,
        free=[slot for slot in await day_of_slots(rows, facility, shown) if slot["state"] == "free"],
        organisation=rows.actor.organisation_name(organisation),
        projects=[
            (str(row["id"]), row["title"])
            for row in await projects_of(rows, [organisation] if organisation else [], only_running=True)
        ],
        alternatives=alternatives or [],
    )


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    booking_id: UUID,
    *,
    cancellation: FormState | None = None,
    status: int = 200,
) -> Response:
    booking = await queries.booking(rows, booking_id)
    cancellable = booking["state"] == State.CONFIRMED and booking["starts_at"] > rows.now
    party = may_cancel(rows.actor, booking["organisation_id"], booking["facility_owner_id"])
    nodes = [
        (thing_word("facility"), booking["facility_name"], thing_url("facility", booking["facility_id"])),
        (thing_word("booking"), _("this booking"), "", True),
    ]
    if booking["project_id"]:
        link = thing_url("project", booking["project_id"], rows.actor)
        nodes.insert(0, (thing_word("project"), booking["project_title"], link))
    return service_of(request).pages.render(
        request,
        "bookings/detail.html",
        status=status,
        booking=booking,
        charge=Money.model_validate(booking["charge"]),
        trace=DecisionTrace.model_validate(booking["trace"]),
        history=entries(await history(rows, booking_id)),
        may_cancel=cancellable and party,
        too_late=party and booking["state"] == State.CONFIRMED and not cancellable,
        cancellation=cancellation or FormState(version=booking["version"]),
        nodes=nodes,
        chain=chain_url("booking", booking_id),
        STATES=STATES,
    )


def _offers(posted: PostedForm, alternatives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each free time with everything else as it was typed, ready to be sent."""
    kept = [(name, value) for name, value in posted.typed if name in KEPT]
    return [
        {
            **slot,
            "fields": [*kept, ("starts_at", slot["starts_at"].isoformat()), ("ends_at", slot["ends_at"].isoformat())],
        }
        for slot in alternatives
    ]


def _chosen_day(state: FormState, today: date) -> date:
    try:
        return calendar_day(max(today, datetime.fromisoformat(state.value("starts_at")).date()))
    except ValueError:
        return today  # nothing chosen yet, or not a time a calendar shows


def _aware(at: datetime | None) -> datetime | None:
    """A time from the address that a form can show; None for one that it cannot."""
    try:
        return point_in_time(at) if at and at.tzinfo else None
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None  # an old or mistyped bookmark
