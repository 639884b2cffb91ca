"""Facilities for people."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.resource_catalog.facilities import actions, queries
from services.resource_catalog.facilities.rules import (
    DEFAULT_HORIZON,
    KEEP,
    OVERSEERS,
    READ,
    TRANSITIONS,
    Kind,
    State,
    calendar_day,
)
from services.resource_catalog.facilities.schemas import FacilityCreate
from shared.db.history import history
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import Money, Role, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import N_, Lazy, _, lazy
from shared.web.links import chain_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, label_word

pages = page_room("facilities")

STATES = {
    State.DRAFT: StateWord(lazy("Draft"), "neutral"),
    State.PUBLISHED: StateWord(lazy("Open for booking"), "success"),
}
KINDS = {
    Kind.LABORATORY: lazy("Laboratory"),
    Kind.INSTRUMENT: lazy("Instrument"),
    Kind.TEST_CENTRE: lazy("Test centre"),
    Kind.COMPUTING: lazy("Computing centre"),
    Kind.PILOT_LINE: lazy("Pilot line"),
}
SLOTS = {
    "free": StateWord(lazy("Free"), "success"),
    "taken": StateWord(lazy("Taken"), "warning"),
    "past": StateWord(lazy("Too late to book"), "neutral"),
    "later": StateWord(lazy("Not yet open for booking"), "neutral"),
}
ENTRIES: dict[str, Lazy] = {
    "name": lazy("Name"),
    "name_zh": lazy("Name in Chinese"),
    "kind": lazy("Kind"),
    "technique": lazy("Technique"),
    "region": lazy("Region"),
    "summary": lazy("Description"),
    "opens_at": lazy("Opens at"),
    "closes_at": lazy("Closes at"),
    "slot_minutes": lazy("Slot"),
    "max_hours": lazy("Longest booking"),
    "lead_minutes": lazy("Booked at least so long before"),
    "horizon_days": lazy("Booked at most so long ahead"),
    "price": lazy("Price an hour"),
    "label": lazy("Security label"),
}
SAID = (
    N_("It closes before it opens: give a later time of the same day."),
    N_("The longest booking is shorter than one slot."),
    N_("Write a time of day such as 08:00, in the facility's own zone."),
    N_("A price is zero or more."),
    N_("The catalogue does not know this organisation. Register it first."),
    N_("It is published already; bookings can be made."),
)
"""What the rules of facilities say, here so that the catalogue of translations knows it."""


def _words() -> dict[str, Any]:
    return {"STATES": STATES, "KINDS": KINDS, "SLOTS": SLOTS, "price_of": _price_of}


def _price_of(facility: dict[str, Any]) -> Money:
    return Money.model_validate(facility["price"])


@pages.get("/facilities", allow=READ)
async def facility_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("name", _("Facility")),
            Column("kind", _("Kind")),
            Column("owner", _("Owner")),
            Column("region", _("Region")),
            Column("price", _("Price an hour"), align="right"),
        ],
        facets=[Facet("kind", _("Kind"), [Option(kind.value, str(word)) for kind, word in KINDS.items()])],
        default_sort="name",
    )
    kinds = list(view.chosen("kind"))
    page = await queries.facilities(read, search=view.q, kinds=kinds, cursor=view.cursor, limit=25)
    total = await queries.count_facilities(read, search=view.q, kinds=kinds)
    return service_of(request).pages.render(
        request,
        "facilities/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_register=KEEP.allows(read.actor, owners=read.actor.organisations(Role.FACILITY_OWNER)),
        **_words(),
    )


@pages.get("/facilities/new", allow=KEEP)
async def new_facility(request: Request) -> Response:
    return _form(
        request,
        FormState.of(
            {"opens_at": "08:00", "closes_at": "20:00", "slot_minutes": 60, "max_hours": 8, "lead_minutes": 60}
            | {"horizon_days": DEFAULT_HORIZON}
            | {"label": SecurityLabel.PUBLIC}
        ),
    )


@pages.post("/facilities/new", allow=KEEP)
async def register_facility(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(FacilityCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, fields, status=422)
    try:
        facility = await actions.register_facility(work, fields)
    except Problem as problem:
        await work.rollback()
        return _form(request, FormState.refused(posted, problem), status=problem.status)
    return redirect(
        f"/catalog/facilities/{facility.id}", notice=_("The draft is saved. Publish it to open it for booking.")
    )


@pages.get("/facilities/{facility_id}", allow=READ)
async def facility_detail(request: Request, read: ReadDep, facility_id: UUID, day: str = "") -> Response:
    facility = await queries.facility(read, facility_id)
    today = queries.hours_of(facility).local_day(read.now)
    shown = _day(day, today)
    owned = facility["organisation_id"] in read.actor.organisations()
    return service_of(request).pages.render(
        request,
        "facilities/detail.html",
        facility=facility,
        day=shown,
        before=shown - timedelta(days=1) if shown > today else None,
        after=shown + timedelta(days=1),
        slots=await queries.day_of_slots(read, facility, shown) if facility["state"] == State.PUBLISHED else [],
        history=entries(await history(read, facility_id)) if owned or read.actor.has(*OVERSEERS) else [],
        may_keep=KEEP.allows(read.actor, owners={facility["organisation_id"]}),
        # A booking is never public.
        may_book=read.actor.has(Role.APPLICANT, Role.REPRESENTATIVE)
        and SecurityLabel.INTERNAL.readable_with(read.actor.clearance),
        chain=chain_url("facility", facility_id),
        **_words(),
    )


@pages.get("/facilities/{facility_id}/edit", allow=KEEP)
async def edit_form(request: Request, read: ReadDep, facility_id: UUID) -> Response:
    row = await queries.facility(read, facility_id)
    KEEP.require(read.actor, owners={row["organisation_id"]}, thing="facility")
    if State(row["state"]) not in TRANSITIONS["edit"][0]:
        return redirect(
            f"/catalog/facilities/{facility_id}",
            notice=_("It is published already, and bookings rely on its terms. Only a draft is edited."),
            tone="warning",
        )
    return _form(request, FormState.of(_entries(row), version=row["version"]), facility=row)


@pages.post("/facilities/{facility_id}/edit", allow=KEEP)
async def edit_facility(request: Request, work: WorkDep, facility_id: UUID) -> Response:
    posted = await read_form(request)
    row = await queries.facility(work, facility_id)
    KEEP.require(work.actor, owners={row["organisation_id"]}, thing="facility")
    fields = parse(FacilityCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, fields, status=422, facility=row)
    try:
        await actions.edit_facility(work, facility_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            _entries(row),
            ENTRIES,
            version=stale.extra["current_version"],
            view_url=f"/catalog/facilities/{facility_id}",
            action_url=f"/catalog/facilities/{facility_id}/edit",
            words={
                **{str(kind): word for kind, word in KINDS.items()},
                **{one.value: label_word(one).label for one in SecurityLabel},
            },
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return _form(request, FormState.refused(posted, problem), status=problem.status, facility=row)
    return redirect(f"/catalog/facilities/{facility_id}", notice=_("The draft is saved."))


@pages.post("/facilities/{facility_id}/publication", allow=KEEP)
async def publish_facility(request: Request, work: WorkDep, facility_id: UUID) -> Response:
    posted = await read_form(request)
    await actions.publish_facility(work, facility_id, posted.version)
    return redirect(f"/catalog/facilities/{facility_id}", notice=_("The facility is open for booking."))


def _day(text: str, today: date) -> date:
    """The day in the address, or today when it is no day a calendar shows."""
    try:
        return calendar_day(date.fromisoformat(text)) if text else today
    except ValueError:
        return today


def _entries(row: dict[str, Any]) -> dict[str, Any]:
    """A row as its form holds it."""
    return {name: f"{row[name]:%H:%M}" if name.endswith("s_at") else row[name] for name in ENTRIES}


def _form(request: Request, state: FormState, status: int = 200, facility: dict[str, Any] | None = None) -> Response:
    """`facility`: the draft to be changed; None for a new one."""
    return service_of(request).pages.render(
        request,
        "facilities/form.html",
        status=status,
        form=state,
        facility=facility,
        kinds=[(kind.value, str(word)) for kind, word in KINDS.items()],
        labels=[(label.value, str(label_word(label))) for label in SecurityLabel],
    )
