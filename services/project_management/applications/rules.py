"""Applications: states, who may do what, and whether an application may compete."""

from datetime import datetime
from enum import StrEnum

from shared.kernel.clock import BEIJING
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.types import Role, SecurityLabel

READ = own(
    "applications.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    supervisors=(Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR),
)
DRAFT = own("applications.draft", Role.APPLICANT)
CONSENT = own("applications.consent", Role.REPRESENTATIVE)
CHECK = office("applications.check", Role.PROGRAMME_OFFICER)


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    FUNDED = "funded"
    RESERVE = "reserve"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_UNDECIDED = frozenset({State.SUBMITTED, State.REVIEWED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "submit": (frozenset({State.DRAFT}), State.SUBMITTED),
    "check": (frozenset({State.SUBMITTED}), State.SUBMITTED),
    "review": (frozenset({State.SUBMITTED}), State.REVIEWED),
    "fund": (_UNDECIDED, State.FUNDED),
    "reserve": (_UNDECIDED, State.RESERVE),
    "decline": (_UNDECIDED, State.DECLINED),
    "withdraw": (frozenset({State.DRAFT}) | _UNDECIDED, State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in)."""
OUTCOMES = {"funded": "fund", "reserve": "reserve", "declined": "decline"}
"""Outcome of the decision → verb."""


class Answer(StrEnum):
    """What a partner has said to taking part."""

    PENDING = "pending"
    CONSENTED = "consented"
    REFUSED = "refused"


SAID = (N_("reserve"),)
"""A state as sentences say it, where no page has the word."""
DECISIONS = {"consent": Answer.CONSENTED, "refuse": Answer.REFUSED}


class ApplicationNotReady(Conflict):
    title = N_("The application's state does not allow this")


class TooLate(Conflict):
    title = N_("The call has closed")


class NotEligible(Conflict):
    """`extra["eligibility"]` is the trace, with what would help in each clause."""

    title = N_("The application cannot be submitted yet")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ApplicationNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise ApplicationNotReady(
            S_(
                "The application is %(state)s; this is possible only while it is %(wanted)s.",
                state=state.value,
                wanted=wanted,
            )
        )
    return after


def label_for(call: SecurityLabel) -> SecurityLabel:
    """An application is never public and never lower than its call."""
    return max(call, SecurityLabel.INTERNAL, key=lambda label: label.rank)


def in_time(closes_at: datetime, arrived: datetime) -> None:
    """Raises TooLate, with both times by the one clock that counts."""
    if arrived >= closes_at:
        raise TooLate(
            S_(
                "The call closed at %(closed)s. By the clock of this platform your submission came at %(arrived)s. The "
                "draft is kept as it is: you can hand its text in to another call.",
                closed=_to_the_millisecond(closes_at),
                arrived=_to_the_millisecond(arrived),
            )
        )


def _to_the_millisecond(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} (UTC+8)"
