"""Bookings: the terms under which a use is confirmed at once, what else is free, and how one is cancelled."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.resource_catalog.facilities.rules import FIRST_DAY, KEEP, LAST_DAY, OVERSEERS, Hours
from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, own
from shared.kernel.trace import Clause, DecisionTrace, combined, said_of
from shared.kernel.types import Role, SecurityLabel

READ = Policy("bookings.read", scope=Scope.OWN, supervisors=frozenset(OVERSEERS))
"""The parties of a booking (whoever acts for them) and the overseers; a list shows each their own."""
BOOK = own("bookings.make", Role.APPLICANT, Role.REPRESENTATIVE)
CANCEL = own("bookings.cancel", Role.APPLICANT, Role.REPRESENTATIVE, Role.FACILITY_OWNER)
"""Who comes near a cancellation at all; `may_cancel` then asks for which side."""
FEED = KEEP
"""The calendar of a facility names who comes and why, so it is its owner's."""

TERMS = "booking.terms"
TERMS_VERSION = 2
"""The first knew no horizon; its traces are judged again without one."""
ALTERNATIVES = 5
NEAR_DAYS = (2, 14, 60)
"""Alternatives are looked for in a window this many days to either side, wider only when too few are free."""


class State(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "cancel": (frozenset({State.CONFIRMED}), State.CANCELLED),
}
"""Verb → (states it may start from, state it ends in)."""


class SlotTaken(Conflict):
    """Somebody else has the time; `extra["alternatives"]` lists what is free nearby, the nearest first."""

    title = N_("This time is taken")


class TermsNotMet(Conflict):
    title = N_("The facility's sharing terms do not allow this booking")


class CancellationNotPossible(Conflict):
    title = N_("The booking's state does not allow this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises CancellationNotPossible."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise CancellationNotPossible(N_("It is cancelled already; the time is free again."))
    return after


def may_cancel_at(starts_at: datetime, now: datetime) -> None:
    """A use that has begun is not cancelled any more. Raises CancellationNotPossible."""
    if starts_at <= now:
        raise CancellationNotPossible(N_("It has begun already, so it cannot be cancelled."))


def label_of(facility_label: SecurityLabel) -> SecurityLabel:
    """Who works where and when is never public, and never less protected than the facility."""
    return max(SecurityLabel.INTERNAL, facility_label, key=lambda label: label.rank)


def cleared_to_book(actor: Actor, facility_label: SecurityLabel) -> SecurityLabel:
    """The label a booking there will carry. Raises Forbidden when it lies above the actor's clearance."""
    label = label_of(facility_label)
    if not label.readable_with(actor.clearance):
        raise Forbidden(N_("Bookings are internal. Ask the coordination office for a clearance that reaches them."))
    return label


def point_in_time(at: datetime) -> datetime:
    """A time a calendar can show. Raises ValueError."""
    if not FIRST_DAY.year <= at.year < LAST_DAY.year:
        raise ValueError("choose a time between 2000 and 2100")
    return at


FIELDS = {
    "booking.order": "/ends_at",
    "booking.opening_hours": "/starts_at",
    "booking.grid": "/starts_at",
    "booking.length": "/ends_at",
    "booking.lead_time": "/starts_at",
    "booking.horizon": "/starts_at",
    "booking.project": "/project_id",
}
"""Clauses that speak of one entry of the form."""


def terms(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether a wished use is within the sharing terms. Pure: the same inputs give the same trace."""
    starts_at, ends_at, now = (datetime.fromisoformat(inputs[name]) for name in ("starts_at", "ends_at", "now"))
    facility = inputs["facility"]
    opens_at, closes_at = (datetime.strptime(facility[name], "%H:%M").time() for name in ("opens_at", "closes_at"))  # noqa: DTZ007
    hours = Hours(opens_at, closes_at, facility["slot_minutes"], facility["zone"])
    clauses = [
        said_of(
            "booking.facility_published",
            facility["state"] == "published",
            N_("The facility takes bookings."),
            N_("The facility does not take bookings yet."),
            N_("Ask its owner to publish it."),
        ),
        said_of(
            "booking.organisation_admitted",
            inputs["organisation_state"] == "admitted" and _ahead(inputs["organisation_admitted_until"], ends_at),
            N_("Your organisation is admitted until after the use."),
            N_("Your organisation is not admitted to joint work for that time."),
            N_("Ask the coordination office to admit it or to renew the admission."),
        ),
        said_of(
            "booking.order",
            starts_at < ends_at,
            N_("It ends after it begins."),
            N_("It ends before it begins."),
            N_("Choose a later end."),
        ),
        said_of(
            "booking.opening_hours",
            starts_at < ends_at and hours.inside(starts_at, ends_at),
            N_("The facility is open throughout."),
            N_("The facility is not open throughout this time."),
            S_(
                "It opens at %(opens)s and closes at %(closes)s, Beijing time.",
                opens=facility["opens_at"],
                closes=facility["closes_at"],
            ),
        ),
        said_of(
            "booking.grid",
            hours.on_grid(starts_at, ends_at),
            N_("Both ends meet the facility's slots."),
            N_("The times do not meet the facility's slots."),
            S_(
                "Slots take %(minutes)s minutes and begin at %(opens)s.",
                minutes=facility["slot_minutes"],
                opens=facility["opens_at"],
            ),
        ),
        said_of(
            "booking.length",
            ends_at - starts_at <= timedelta(hours=facility["max_hours"]),
            N_("It is not longer than allowed."),
            N_("It is longer than one booking may be."),
            S_("Book at most %(hours)s hours at a time.", hours=facility["max_hours"]),
        ),
        said_of(
            "booking.lead_time",
            starts_at >= now + timedelta(minutes=facility["lead_minutes"]) and starts_at > now,
            N_("It begins late enough to prepare for."),
            N_("It begins too soon."),
            S_("Book at least %(minutes)s minutes ahead.", minutes=facility["lead_minutes"]),
        ),
        _project_clause(inputs),
    ]
    version = TERMS_VERSION if "horizon_days" in facility else 1
    if version > 1:
        clauses.append(_horizon_clause(starts_at, now, facility["horizon_days"]))
    return DecisionTrace(rule=TERMS, version=version, inputs=inputs, clauses=tuple(clauses), result=combined(clauses))


def _horizon_clause(starts_at: datetime, now: datetime, days: int) -> Clause:
    return said_of(
        "booking.horizon",
        starts_at <= now + timedelta(days=days),
        N_("It is not farther ahead than the facility is booked."),
        N_("It lies farther ahead than the facility takes bookings for."),
        S_("Book at most %(days)s days ahead.", days=days),
    )


def _ahead(until: str | None, ends_at: datetime) -> bool:
    return until is None or datetime.fromisoformat(until) >= ends_at


def _project_clause(inputs: dict[str, Any]) -> Clause:
    project = inputs["project"]
    good = N_("Your organisation works in the project.") if project else N_("It is booked for no project.")
    if inputs["project_id"] and (not project or inputs["organisation_id"] not in project["organisation_ids"]):
        bad = N_("Your organisation works in no project with this number.")
    elif project and project["state"] != "running":
        bad = N_("The project has ended.")
    else:
        bad = ""
    return said_of("booking.project", not bad, good, bad, N_("Choose a running project of your organisation, or none."))


def alternatives(
    hours: Hours,
    starts_at: datetime,
    length: timedelta,
    taken: Sequence[tuple[datetime, datetime]],
    earliest: datetime,
    days: int,
) -> list[tuple[datetime, datetime]]:
    """The nearest free times of the same length, the earlier of two equally near ones first."""
    middle = hours.local_day(starts_at)
    free = []
    for offset in range(-days, days + 1):
        day = middle + timedelta(days=offset)
        busy = _of_day(hours, day, taken)
        for start in hours.starts(day, length):
            end = start + length
            if start >= earliest and start != starts_at and not any(b < end and start < e for b, e in busy):
                free.append((start, end))
    free.sort(key=lambda slot: (abs(slot[0] - starts_at), slot[0]))
    return free[:ALTERNATIVES]


def _of_day(hours: Hours, day: date, taken: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    opening, closing = hours.bounds(day)
    return [(begin, end) for begin, end in taken if begin < closing and opening < end]


def may_cancel(actor: Actor, organisation_id: UUID, owner_id: UUID) -> bool:
    """The booking organisation's own people, or the owner of the facility."""
    return BOOK.allows(actor, owners={organisation_id}) or KEEP.allows(actor, owners={owner_id})
