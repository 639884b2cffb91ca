"""Deadline rules as data, and the arithmetic of due dates.

One rule so far: the priority year of the Paris Convention.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.ip_registry.assets.rules import Kind
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_
from shared.kernel.policy import roles
from shared.kernel.types import Role

RECORD = roles("deadlines.record", Role.IP_OFFICER)


class State(StrEnum):
    OPEN = "open"
    MET = "met"
    MISSED = "missed"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "meet": (frozenset({State.OPEN}), State.MET),
    "miss": (frozenset({State.OPEN}), State.MISSED),
}
"""Verb → (states it may start from, state it ends in)."""


CLOSED = {
    State.MET: N_("It is recorded as met already."),
    State.MISSED: N_("Its day has passed: it is recorded as missed."),
}


class DeadlineClosed(Conflict):
    title = N_("The deadline is no longer open")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises DeadlineClosed."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise DeadlineClosed(CLOSED[state])
    return after


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """What is due how many months after which event, for which kinds, and by which source of law."""

    id: str
    version: int
    trigger: str
    kinds: frozenset[Kind]
    months: int
    what: str
    task: str
    source: str


RULES = (
    DeadlineRule(
        "paris-priority-12",
        1,
        "filed",
        frozenset({Kind.PATENT, Kind.UTILITY_MODEL}),
        12,
        N_("File abroad with priority"),
        N_("File abroad with priority: %(asset)s"),
        "Paris Convention, Article 4 C (1) to (3)",
    ),
    DeadlineRule(
        "paris-priority-6",
        1,
        "filed",
        frozenset({Kind.DESIGN, Kind.TRADE_MARK}),
        6,
        N_("File abroad with priority"),
        N_("File abroad with priority: %(asset)s"),
        "Paris Convention, Article 4 C (1) to (3)",
    ),
)
CALENDAR = "weekends"
"""The office calendar used: Saturdays and Sundays are closed. Named on each date, so that another can replace it."""


def task_title(rule_id: str, what: str, asset: str) -> str:
    """What somebody has to do for an asset; a deadline may be older than the rules of today, so it says what itself."""
    task = next((rule.task for rule in RULES if rule.id == rule_id), "")
    return task % {"asset": asset} if task else f"{what}: {asset}"


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has none (31 January + 1 = 28 February)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_open_day(day: date) -> date:
    """The day itself, or the first following day on which the office is open (Article 4 C (3))."""
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def due_dates(rule: DeadlineRule, trigger_on: date) -> tuple[date, date]:
    """Unshifted and shifted date. The shift is computed from the unshifted date, never from a shifted one."""
    unshifted = add_months(trigger_on, rule.months)
    return unshifted, next_open_day(unshifted)


def rules_for(kind: Kind) -> list[DeadlineRule]:
    return [rule for rule in RULES if kind in rule.kinds]


@dataclass(frozen=True, slots=True)
class DueDate:
    """A rule applied to a day."""

    rule: DeadlineRule
    unshifted: date
    due: date


def due_after(kind: Kind, filed_on: date, registered_on: date) -> list[DueDate]:
    """What the filing asks for that was not over when the asset was registered.

    An earlier date was met or missed before anybody here could know; calling it missed could be untrue.
    """
    found = [DueDate(rule, *due_dates(rule, filed_on)) for rule in rules_for(kind)]
    return [one for one in found if one.due >= registered_on]
