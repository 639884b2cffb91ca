"""Applications: states, who may do what, and whether an application may compete."""

from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.clock import BEIJING
from shared.kernel.errors import Conflict, Forbidden
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
WRITE = own("applications.write", Role.APPLICANT)
"""The lead's and the partners' applicants write text and documents; what is asked for, and with whom, is the lead's."""
TEXT = frozenset({"title", "abstract", "field"})
CONSENT = own("applications.consent", Role.REPRESENTATIVE)
CHECK = office("applications.check", Role.PROGRAMME_OFFICER)


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REVIEWED = "reviewed"
    FUNDED = "funded"
    RESERVE = "reserve"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_UNDECIDED = frozenset({State.SUBMITTED, State.REVIEWED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "complete": (frozenset({State.RETURNED}), State.RETURNED),
    "submit": (frozenset({State.DRAFT, State.RETURNED}), State.SUBMITTED),
    "return": (frozenset({State.SUBMITTED}), State.RETURNED),
    "stand": (frozenset({State.RETURNED}), State.SUBMITTED),
    "check": (frozenset({State.SUBMITTED}), State.SUBMITTED),
    "review": (frozenset({State.SUBMITTED}), State.REVIEWED),
    "fund": (_UNDECIDED | {State.RESERVE, State.DECLINED}, State.FUNDED),
    "reserve": (_UNDECIDED | {State.DECLINED}, State.RESERVE),
    "decline": (_UNDECIDED, State.DECLINED),
    "turn_down": (frozenset({State.FUNDED, State.RESERVE}), State.WITHDRAWN),
    "withdraw": (frozenset({State.DRAFT, State.RETURNED}) | _UNDECIDED, State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in). One held in reserve is funded when an award becomes free, one
that was declined when an appeal is granted."""
COMPLETABLE = frozenset({"abstract", "field"})
"""What may change, beside documents, in one that was returned: title, amount and partners were competed with."""
OVER = frozenset({State.DECLINED, State.WITHDRAWN, State.RESERVE})
"""Whose text may be handed in again to another call."""
OUTCOMES = {"funded": "fund", "reserve": "reserve", "declined": "decline"}
"""Outcome of the decision → verb."""


REMIND_BEFORE = (timedelta(days=3), timedelta(days=1))
"""Before the call closes: whoever could hand in and has not is reminded."""


def next_reminder(due_at: datetime, now: datetime, before: tuple[timedelta, ...] = REMIND_BEFORE) -> datetime | None:
    """When somebody is reminded next of what is due; None where no reminder is left."""
    return next((moment for one in before if (moment := due_at - one) > now), None)


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


class AboveClearance(Forbidden):
    title = N_("A colleague has to hand it in")


class NotYours(Conflict):
    title = N_("This document stays")


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


def writing(state: State) -> None:
    """Whether its lead may change it now, as a draft or to complete it. Raises ApplicationNotReady."""
    next_state("complete" if state is State.RETURNED else "edit", state)


def label_for(call: SecurityLabel) -> SecurityLabel:
    """An application is never public and never lower than its call."""
    return max(call, SecurityLabel.INTERNAL, key=lambda label: label.rank)


def completed_in_time(due_at: datetime, arrived: datetime) -> None:
    """Raises TooLate for an application that was returned."""
    if arrived >= due_at:
        raise TooLate(
            S_(
                "It was to be completed by %(closed)s. By the clock of this platform your submission came at "
                "%(arrived)s. What was handed in before stands.",
                closed=_to_the_millisecond(due_at),
                arrived=_to_the_millisecond(arrived),
            )
        )


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
