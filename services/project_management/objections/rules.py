"""Objections to a decision in public notice: who may object, until when, and who answers."""

from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.clock import BEIJING
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, roles, signed_in
from shared.kernel.types import Role

LODGE = signed_in("objections.lodge")
LIST = roles("objections.list", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
READ = Policy(
    "objections.read",
    roles=frozenset(),
    scope=Scope.PERSON,
    supervisors=frozenset({Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR}),
    person_too=True,
    impartial=True,
)
"""Who objected, and overseers of no organisation that applied: nobody else learns who said what."""
ANSWER = Policy(
    "objections.answer",
    roles=frozenset(),
    scope=Scope.PERSON,
    supervisors=frozenset({Role.PROGRAMME_OFFICER, Role.COORDINATOR}),
    impartial=True,
)
NOTE = roles("objections.note", Role.APPLICANT, Role.REPRESENTATIVE)
"""Who applied says that the notice is read; the task of their organisation is done then."""
WITHDRAW = Policy("objections.withdraw", roles=frozenset(), scope=Scope.PERSON, person_too=True)

TIME_TO_ANSWER = timedelta(days=7)


class State(StrEnum):
    LODGED = "lodged"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    UPHELD = "upheld"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "withdraw": (frozenset({State.LODGED}), State.WITHDRAWN),
    "reject": (frozenset({State.LODGED}), State.REJECTED),
    "uphold": (frozenset({State.LODGED}), State.UPHELD),
}
"""Verb → (states it may start from, state it ends in). One that is upheld opens the decision again, and ends the public
notice; others lodged against the same list stay to be answered."""
SAID = {
    State.LODGED: N_("waiting for an answer"),
    State.WITHDRAWN: N_("withdrawn"),
    State.REJECTED: N_("answered: the list stays"),
    State.UPHELD: N_("answered: upheld"),
}
"""States as sentences say them."""


class ObjectionNotReady(Conflict):
    title = N_("The objection's state does not allow this")


class NoNotice(Conflict):
    title = N_("This decision takes no objections")


class LodgedAlready(Conflict):
    title = N_("You have objected to this already")


class NoticeOver(Conflict):
    title = N_("The public notice is over")


class Concerned(Conflict):
    title = N_("Somebody who is not concerned has to answer")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ObjectionNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise ObjectionNotReady(S_("The objection is %(state)s; there is nothing more to do.", state=SAID[state]))
    return after


def in_time(begun: datetime | None, until: datetime | None, state: str, appeal_days: int, now: datetime) -> None:
    """Raises NoNotice before a list is shown or where none ever is, NoticeOver with the dates and the other ways."""
    if begun is None or until is None:
        raise NoNotice(
            N_("Nothing of this call is in public notice. Objections are taken from the day on which a list is shown.")
        )
    if state == "returned":
        raise NoNotice(N_("The list is being decided again. Objections are taken when the new one is shown."))
    if now < until and state == "in_notice":
        return
    dates = {"since": _day(begun), "until": _day(until - timedelta(seconds=1))}
    if appeal_days:
        raise NoticeOver(
            S_(
                "Objections were taken from %(since)s to %(until)s. An applicant may still appeal within %(days)s days "
                "of the decision letter; anybody else may write to the programme office.",
                days=appeal_days,
                **dates,
            )
        )
    raise NoticeOver(
        S_(
            "Objections were taken from %(since)s to %(until)s. Write to the programme office if you know of a fault.",
            **dates,
        )
    )


def unconcerned(subject: str, objector: str, hands: list[str], *, reviewed: bool) -> None:
    """Whether this person may answer. Raises Concerned with the reason."""
    if subject == objector:
        raise Concerned(N_("You lodged this objection. Another person answers it."))
    if subject in hands:
        raise Concerned(
            N_("You proposed or approved the decision that this is about. A person who did neither answers it.")
        )
    if reviewed:
        raise Concerned(N_("You reviewed an application to this call. Another person answers it."))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d}"
