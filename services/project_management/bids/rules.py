"""Bids: when experts may say what they would review, what they see of it, and what they may say.

While an office prepares an assignment it may ask experts. Who works for, acts for or wrote one of the competing
applications is not asked: a rival's abstract is nothing to read. The others see titles and abstracts, at a double-blind
call without organisations, as far as they are cleared, and never an application that they have a conflict with.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from services.project_management.assignments.bidding import Bid
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, office, roles
from shared.kernel.types import Role

MANAGE = office("bids.manage", Role.PROGRAMME_OFFICER)
OVERSEE = roles("bids.oversee", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
BID = Policy("bids.place", roles=frozenset({Role.REVIEWER}), scope=Scope.PERSON)
"""What somebody bids is theirs to read; the office reads it on the assignment board."""

SHORTEST, LONGEST = timedelta(hours=24), timedelta(days=30)
REMINDER = timedelta(days=2)
"""Before the bidding ends."""
OWN_SIDE = frozenset({"employer", "acts_for", "author"})
"""Conflicts of somebody who takes part in the call: they are not asked at all."""
CONFLICT, NEUTRAL = "conflict", "neutral"
"""What may be said beside a bid: a conflict of interest, with its reason, and nothing any more."""
ANSWERS = (*(one.value for one in Bid), CONFLICT, NEUTRAL)


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "postpone": (frozenset({State.OPEN}), State.OPEN),
    "bid": (frozenset({State.OPEN}), State.OPEN),
    "finish": (frozenset({State.OPEN}), State.OPEN),
    "close": (frozenset({State.OPEN}), State.CLOSED),
    "reopen": (frozenset({State.CLOSED}), State.OPEN),
}
"""A bidding's verbs → (states they may start from, state they end in); it is reopened while nobody is assigned."""
SAID = {State.OPEN: N_("open for bids"), State.CLOSED: N_("closed to bids")}
"""States as sentences say them."""


class BiddingNotPossible(Conflict):
    title = N_("Bids are not possible now")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises BiddingNotPossible."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise BiddingNotPossible(S_("The bidding is %(state)s.", state=SAID[state]))
    return after


def require_due(due_at: datetime, now: datetime) -> None:
    """Raises ValueError for a time that is too near or too far."""
    if not now + SHORTEST <= due_at <= now + LONGEST:
        raise ValueError(N_("Choose a time 24 hours to 30 days from now."))


def reminder_due(due_at: datetime, asked_at: datetime, reminded_at: datetime | None, now: datetime) -> bool:
    """Whether who has not finished is reminded now: once, two days before the end, and not right after being asked."""
    moment = due_at - REMINDER
    return moment <= now < due_at and asked_at < moment and (reminded_at is None or reminded_at < moment)
