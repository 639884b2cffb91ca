"""Writes about bookings."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from psycopg import errors as pg
from sqlalchemy.exc import IntegrityError

from services.resource_catalog.bookings import queries, rules
from services.resource_catalog.bookings.model import Booking
from services.resource_catalog.bookings.schemas import BookingCreate, CancellationCreate
from services.resource_catalog.facilities.model import Facility
from services.resource_catalog.facilities.queries import facility as facility_of
from services.resource_catalog.facilities.queries import hours_of
from services.resource_catalog.projects.queries import project as project_of
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import MINOR_UNITS, OrgRef, SecurityLabel


async def make_booking(work: Work, fields: BookingCreate) -> Booking:
    """Book a facility; within its sharing terms the booking is confirmed at once.

    Raises NotFound, Forbidden, Invalid, TermsNotMet, SlotTaken with alternatives.
    """
    organisation_id = work.actor.organisation(*(rules.BOOK.roles or ()))
    rules.BOOK.require(work.actor, owners={organisation_id} if organisation_id else set(), thing="organisation")
    facility = await facility_of(work, fields.facility_id)
    label = rules.cleared_to_book(work.actor, SecurityLabel(facility["label"]))
    organisation = await queries.organisation(work, organisation_id) if organisation_id else None
    if organisation is None:
        raise rules.TermsNotMet(N_("The catalogue does not know your organisation. Ask the coordination office."))
    project = await project_of(work, fields.project_id)
    if project and organisation_id not in project["organisation_ids"]:
        project = None  # another's project reads like one that never was
    trace = rules.terms(_inputs(work.now, facility, organisation, project, fields))
    _refuse(trace)
    await _must_be_free(work, facility, fields)
    # Waiting here, one facility at a time, costs milliseconds. Without it the losers of a race would wait for each
    # other inside the exclusion constraint, where PostgreSQL may find a deadlock among them.
    try:
        await work.row(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"book:{fields.facility_id}"}
        )
    except pg.LockNotAvailable:
        raise rules.SlotTaken(
            N_("Many are booking this facility right now. Try again in a moment."), alternatives=[]
        ) from None
    await _must_be_free(work, facility, fields)
    booking = Booking.model_validate(
        {
            **fields.model_dump(),
            "organisation_id": organisation["id"],
            "project_title": project["title"] if project else "",
            "label": label.value,
            "charge_amount": _charge(facility["price"], fields.ends_at - fields.starts_at),
            "charge_currency": facility["price"]["currency"],
            "booked_by": work.actor.subject,
            "created_at": work.now,
            "trace": trace.model_dump(mode="json"),
        }
    )
    try:
        async with work.session.begin_nested():
            work.add(booking)
    except IntegrityError as error:
        if isinstance(error.orig, pg.ExclusionViolation):
            raise await _slot_taken(work, facility, fields) from None
        raise
    reference = OrgRef(id=str(organisation["id"]), name=organisation["name"])
    work.emit(booking.confirmed(_title(facility["name"]), facility["name"], facility["organisation_id"], reference))
    return booking


async def cancel_booking(work: Work, booking_id: UUID, fields: CancellationCreate, version: int | None) -> Booking:
    """Give the time back. Raises NotFound, Stale, CancellationNotPossible."""
    rules.CANCEL.admits(work.actor)
    booking = await work.get(Booking, booking_id)
    facility = await work.get(Facility, booking.facility_id, lock=False)
    if not SecurityLabel(booking.label).readable_with(work.actor.clearance) or not rules.may_cancel(
        work.actor, booking.organisation_id, facility.organisation_id
    ):
        raise NotFound(N_("There is no booking here that you may see."))
    work.must_match(booking, version)
    work.emit(booking.cancel(_title(facility.name), facility.organisation_id, fields.reason, work.now))
    return booking


def _title(facility_name: str) -> str:
    return S_("Booking of %(facility)s", facility=facility_name)


def _charge(price: dict[str, str], length: timedelta) -> Decimal:
    hours = Decimal(length // timedelta(minutes=1)) / 60
    unit = Decimal(1).scaleb(-MINOR_UNITS[price["currency"]])
    return (Decimal(price["amount"]) * hours).quantize(unit, ROUND_HALF_UP)


def _inputs(
    now: datetime,
    facility: dict[str, Any],
    organisation: dict[str, Any],
    project: dict[str, Any] | None,
    fields: BookingCreate,
) -> dict[str, Any]:
    until = organisation["admitted_until"]
    return {
        "now": now.isoformat(),
        "starts_at": fields.starts_at.astimezone(UTC).isoformat(),
        "ends_at": fields.ends_at.astimezone(UTC).isoformat(),
        "facility": {
            **{
                name: facility[name]
                for name in ("state", "zone", "slot_minutes", "max_hours", "lead_minutes", "horizon_days")
            },
            "opens_at": f"{facility['opens_at']:%H:%M}",
            "closes_at": f"{facility['closes_at']:%H:%M}",
        },
        "organisation_id": str(organisation["id"]),
        "organisation_state": organisation["state"],
        "organisation_admitted_until": until.isoformat() if until else None,
        "project_id": str(fields.project_id) if fields.project_id else None,
        "project": (
            {"state": project["state"], "organisation_ids": [str(one) for one in project["organisation_ids"]]}
            if project
            else None
        ),
    }


def _refuse(trace: DecisionTrace) -> None:
    """Raise what the terms refuse: Invalid where an entry can be corrected, else TermsNotMet."""
    against = [clause for clause in trace.clauses if clause.outcome == "no"]
    errors = [
        {"pointer": rules.FIELDS[clause.rule], "detail": sentence}
        for clause in against
        if clause.rule in rules.FIELDS
        for sentence in (clause.reason, clause.remedy)
    ]
    for clause in against:
        if clause.rule not in rules.FIELDS:
            raise rules.TermsNotMet(" ".join((clause.reason, clause.remedy)))
    if errors:
        raise Invalid(N_("The facility's terms do not allow this time. Correct the marked entries."), errors=errors)


async def _must_be_free(work: Work, facility: dict[str, Any], fields: BookingCreate) -> None:
    if await queries.taken(work, fields.facility_id, fields.starts_at, fields.ends_at):
        raise await _slot_taken(work, facility, fields)


async def _slot_taken(work: Work, facility: dict[str, Any], fields: BookingCreate) -> rules.SlotTaken:
    hours = hours_of(facility)
    starts_at = fields.starts_at.astimezone(UTC)
    earliest = work.now + timedelta(minutes=facility["lead_minutes"])
    free: list[tuple[datetime, datetime]] = []
    for days in rules.NEAR_DAYS:
        margin = timedelta(days=days + 1)
        busy = await queries.taken(work, fields.facility_id, starts_at - margin, starts_at + margin)
        free = rules.alternatives(hours, starts_at, fields.ends_at - fields.starts_at, busy, earliest, days)
        if len(free) == rules.ALTERNATIVES:
            break
    return rules.SlotTaken(
        N_("This time is booked already. Take one of the alternatives, or choose another time."),
        alternatives=[{"starts_at": start, "ends_at": end} for start, end in free],
    )
