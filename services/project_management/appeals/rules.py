"""Appeals against a decision letter: once, by the applicant, within the call's days; decided by another person."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.project_management.awards.rules import READ
from services.project_management.decisions.rules import APPEALABLE
from shared.kernel.clock import BEIJING
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, own
from shared.kernel.types import Role

APPEAL = own("appeals.lodge", Role.APPLICANT, Role.REPRESENTATIVE)
"""For the lead of the application."""
DECIDE = Policy(
    "appeals.decide",
    roles=frozenset(),
    scope=Scope.PERSON,
    supervisors=frozenset({Role.COORDINATOR, Role.PROGRAMME_OFFICER}),
    impartial=True,
)
TIME_TO_DECIDE = timedelta(days=15)
__all__ = ["APPEAL", "DECIDE", "READ"]


class State(StrEnum):
    LODGED = "lodged"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    GRANTED = "granted"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "withdraw": (frozenset({State.LODGED}), State.WITHDRAWN),
    "dismiss": (frozenset({State.LODGED}), State.DISMISSED),
    "grant": (frozenset({State.LODGED}), State.GRANTED),
}
"""Verb → (states it may start from, state it ends in). Dismissed, the decision stands. Granted, the application is
funded if the money that is left reaches it within the share limits, else it is the first of the reserve list."""
SAID = {
    State.LODGED: N_("waiting for a decision"),
    State.WITHDRAWN: N_("withdrawn"),
    State.DISMISSED: N_("dismissed"),
    State.GRANTED: N_("granted"),
}
"""States as sentences say them."""


class AppealNotReady(Conflict):
    title = N_("The appeal's state does not allow this")


class NoAppeal(Conflict):
    title = N_("There is no appeal against this")


class AppealTooLate(Conflict):
    title = N_("The time to appeal is over")


class OwnDecision(Conflict):
    title = N_("Another person decides an appeal")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises AppealNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise AppealNotReady(S_("The appeal is %(state)s; there is nothing more to do.", state=SAID[state]))
    return after


def possible(outcome: str, *, appealed: bool, letter: datetime | None, until: datetime | None, now: datetime) -> None:
    """Whether an appeal is taken. Raises NoAppeal, AppealTooLate with the day."""
    if appealed:
        raise NoAppeal(N_("An appeal was lodged already. There is one against each decision."))
    if outcome not in APPEALABLE:
        raise NoAppeal(N_("An appeal is against a decision not to fund. This application is funded, or was withdrawn."))
    if letter is None or until is None:
        raise NoAppeal(N_("The call lets nobody appeal, as its page says."))
    if now >= until:
        last = (until - timedelta(seconds=1)).astimezone(BEIJING)
        raise AppealTooLate(
            S_("Appeals were taken until %(day)s, as the decision letter says.", day=f"{last:%Y-%m-%d}")
        )


def unsettled(settled: bool) -> None:
    """Raises NoAppeal for one that is funded, offered an award, or withdrawn meanwhile."""
    if settled:
        raise NoAppeal(
            N_(
                "It was funded, offered an award or withdrawn meanwhile, so there is nothing to grant. "
                "Dismiss the appeal."
            )
        )


def another(subject: str, hands: list[str], *, reviewed: bool) -> None:
    """Raises OwnDecision for who proposed, approved, answered an objection to, or reviewed for the decision."""
    if subject in hands:
        raise OwnDecision(N_("You had a hand in the decision. A person who had none decides the appeal."))
    if reviewed:
        raise OwnDecision(N_("You reviewed an application to this call. Another person decides the appeal."))
