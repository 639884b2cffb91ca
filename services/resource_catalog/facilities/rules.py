"""Facilities: what they are, when they open, how their day divides into slots, and when they are shared."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own, signed_in
from shared.kernel.types import Role

READ = signed_in("facilities.read")
KEEP = own("facilities.keep", Role.FACILITY_OWNER)
"""Enter and publish: the facility owner of the organisation it belongs to."""

OVERSEERS = (Role.COORDINATOR, Role.AUDITOR)
"""They see drafts too, and who booked what."""

DEFAULT_ZONE = "Asia/Shanghai"
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 1, 1)
"""Days outside make no sense for a calendar, and the largest ones cannot be moved between time zones at all."""


DEFAULT_HORIZON = 180
"""Days ahead that a facility takes bookings for, unless its owner says otherwise."""


class Kind(StrEnum):
    LABORATORY = "laboratory"
    INSTRUMENT = "instrument"
    TEST_CENTRE = "test_centre"
    COMPUTING = "computing"
    PILOT_LINE = "pilot_line"


class State(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "publish": (frozenset({State.DRAFT}), State.PUBLISHED),
}
"""Verb → (states it may start from, state it ends in)."""


class PublicationNotPossible(Conflict):
    title = N_("The facility's state does not allow this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises PublicationNotPossible."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise PublicationNotPossible(
            N_("It is published already; bookings can be made.")
            if verb == "publish"
            else N_("It is published already, and bookings rely on its terms. Only a draft is edited.")
        )
    return after


def open_minutes(opens_at: time, closes_at: time) -> int:
    """How long a day is. Raises ValueError when it closes before it opens."""
    minutes = _minutes(closes_at) - _minutes(opens_at)
    if minutes <= 0:
        raise ValueError("it closes before it opens: give a later time of the same day")
    return minutes


def fits_day(slot_minutes: int, opens_at: time, closes_at: time) -> None:
    """A day divides into whole slots. Raises ValueError."""
    minutes = open_minutes(opens_at, closes_at)
    if minutes % slot_minutes:
        raise ValueError(
            S_(
                "the opening hours (%(minutes)s minutes) do not divide into slots of %(slot)s minutes",
                minutes=minutes,
                slot=slot_minutes,
            )
        )


def fits_slot(max_hours: int, slot_minutes: int) -> None:
    """The longest booking holds at least one slot. Raises ValueError."""
    if max_hours * 60 < slot_minutes:
        raise ValueError("the longest booking is shorter than one slot")


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


@dataclass(frozen=True, slots=True)
class Hours:
    """When a facility can be used: opening hours in its own zone, on a grid of slots."""

    opens_at: time
    closes_at: time
    slot_minutes: int
    zone: str = DEFAULT_ZONE

    @property
    def step(self) -> timedelta:
        return timedelta(minutes=self.slot_minutes)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """Opening and closing of a day as points in time (UTC)."""
        zone = ZoneInfo(self.zone)
        opening, closing = (datetime.combine(day, at, zone) for at in (self.opens_at, self.closes_at))
        return opening.astimezone(UTC), closing.astimezone(UTC)

    def starts(self, day: date, length: timedelta) -> list[datetime]:
        """Every start on the grid from which a use of this length ends before closing."""
        opening, closing = self.bounds(day)
        found = []
        start = opening
        while start + length <= closing:
            found.append(start)
            start += self.step
        return found

    def local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def inside(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the facility is open throughout."""
        opening, closing = self.bounds(self.local_day(starts_at))
        return opening <= starts_at and ends_at <= closing

    def on_grid(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether both ends meet slots."""
        opening, _ = self.bounds(self.local_day(starts_at))
        return all((at - opening) % self.step == timedelta() for at in (starts_at, ends_at))


def calendar_day(day: date) -> date:
    """A day a calendar can show. Raises ValueError."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(N_("choose a day between 2000 and 2100"))
    return day
