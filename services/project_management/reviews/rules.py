"""Reviews: states, who may see them (the reviewer alone, and the office), and what a score sheet must hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from services.project_management.calls.terms import USUAL, CallTerms
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope
from shared.kernel.types import Role

READ = Policy(
    "reviews.read",
    roles=frozenset({Role.REVIEWER}),
    scope=Scope.PERSON,
    supervisors=frozenset({Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR}),
    impartial=True,
)
"""The reviewer reads the reviews that are theirs; to others the list is simply their own, empty one. Overseers read a
single one unless an organisation of theirs has applied to the call (`queries.review`)."""
ACT = Policy("reviews.act", roles=frozenset({Role.REVIEWER}), scope=Scope.PERSON)

LOWEST, HIGHEST = Decimal(0), Decimal(10)


class State(StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    SCORED = "scored"
    COMPLETED = "completed"
    DECLINED = "declined"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "accept": (frozenset({State.INVITED}), State.ACCEPTED),
    "decline": (frozenset({State.INVITED, State.ACCEPTED, State.SCORED}), State.DECLINED),
    "score": (frozenset({State.ACCEPTED, State.SCORED}), State.SCORED),
    "complete": (frozenset({State.SCORED}), State.COMPLETED),
    "set_aside": (
        frozenset({State.INVITED, State.ACCEPTED, State.SCORED, State.COMPLETED}),
        State.SET_ASIDE,
    ),
    "withdraw": (frozenset({State.INVITED, State.ACCEPTED, State.SCORED}), State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in). One is set aside, handed in or not, where a conflict of interest
comes to light after the assignment: it counts no more."""

OPEN = (State.INVITED, State.ACCEPTED, State.SCORED)

ANSWERED = (State.ACCEPTED, State.SCORED, State.COMPLETED)
"""States in which the reviewer may read the application, and in which a new assignment leaves the review alone."""


SAID = {
    State.INVITED: N_("invited"),
    State.ACCEPTED: N_("accepted by the reviewer"),
    State.SCORED: N_("scored"),
    State.COMPLETED: N_("completed by the reviewer"),
    State.DECLINED: N_("declined by the reviewer"),
    State.SET_ASIDE: N_("set aside"),
    State.WITHDRAWN: N_("withdrawn"),
}
"""States as sentences say them: what “accepted” and “completed” mean elsewhere has other words in Chinese."""


class ReviewNotPossible(Conflict):
    title = N_("The review's state does not allow this")


class ReviewIncomplete(Conflict):
    """`errors` leads to what is missing, by the place of each criterion."""

    title = N_("The score sheet is not complete")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ReviewNotPossible with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(SAID[one] for one in sorted(allowed))
        raise ReviewNotPossible(
            S_(
                "The review is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=wanted,
            )
        )
    return after


TOLD = frozenset({"employer", "former_employer", "acts_for", "author", "declared", "clearance"})
"""Kinds of conflict whose reason says no more than what the expert knows of themselves. The others tell who reviews the
expert, what somebody else declared in private, or what the office wrote."""


def told(state: State, reason: str, *, blind: bool, kind: str = "") -> str:
    """Why a review came to an end, as its expert reads it; `kind` is of the conflict it was set aside for. Who shall
    not know who applies is not told it by the reason either: a conflict names an organisation or a person."""
    if blind and state in (State.SET_ASIDE, State.WITHDRAWN):
        return N_("You are not told who applies, so the reason stays with the programme office. Ask there.")
    if state is State.SET_ASIDE and kind not in TOLD:
        return N_("A conflict of interest came to light. The programme office has the reason.")
    return reason


def next_reminder(
    state: State, invited_at: datetime, due_at: datetime, reminded_at: datetime | None, terms: CallTerms = USUAL
) -> datetime | None:
    """When the reviewer is reminded next; None where no reminder is left. One that comes late stands for all before."""
    if state is State.INVITED:
        moments = [invited_at + terms.answer_time - timedelta(days=terms.answer_reminder_days)]
    elif state in OPEN:
        moments = [due_at - timedelta(days=terms.review_reminder_days), due_at]
    else:
        moments = []
    return next((moment for moment in moments if reminded_at is None or reminded_at < moment), None)


def overdue_from(state: State, invited_at: datetime, due_at: datetime, terms: CallTerms = USUAL) -> datetime | None:
    """From when on an answer or a review is late; None where nobody waits for one."""
    if state is State.INVITED:
        return invited_at + terms.answer_time
    return due_at if state in OPEN else None


def unknown_criteria(scores: Mapping[str, Decimal], weights: Mapping[str, Decimal]) -> list[str]:
    """Criteria of a score sheet that the call does not have."""
    return [name for name in scores if name not in weights]


def missing(scores: Mapping[str, Decimal], weights: Mapping[str, Decimal], to_applicant: str) -> list[dict[str, str]]:
    """What a score sheet lacks before it can be completed: each place with its sentence."""
    lacking = [
        {"pointer": f"/scores/{n}/score", "detail": S_("Give a score for “%(name)s”.", name=name)}
        for n, name in enumerate(weights)
        if name not in scores
    ]
    if not to_applicant.strip():
        told = N_("Write a comment to the applicant: it is sent with the decision, without your name.")
        lacking.append({"pointer": "/to_applicant", "detail": told})
    return lacking


def beyond(scores: Mapping[str, Decimal], scales: Mapping[str, Decimal]) -> list[str]:
    """Criteria whose score lies above their scale."""
    return [name for name, score in scores.items() if score > scales.get(name, HIGHEST)]


def too_high(name: str, top: Decimal) -> str:
    return S_("Scores of “%(name)s” run from 0 to %(top)s.", name=name, top=top)


def weighted_total(
    scores: Mapping[str, Decimal], weights: Mapping[str, Decimal], scales: Mapping[str, Decimal] | None = None
) -> Decimal:
    """The weighted mean of the scores, 0 to 10 whatever their scales, to two digits. Raises ValueError when a score is
    missing."""
    if set(scores) != set(weights):
        raise ValueError("a total needs a score for every criterion")
    whole, tops = sum(weights.values(), Decimal(0)), scales or {}
    total = sum(
        (scores[name] * weight * HIGHEST / tops.get(name, HIGHEST) for name, weight in weights.items()), Decimal(0)
    )
    return (total / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)


def all_in(states: Sequence[State], demand: int) -> bool:
    """Whether an application has all its reviews: as many completed as the call asks for, and none still open."""
    completed = sum(1 for state in states if state is State.COMPLETED)
    waiting = any(state in OPEN for state in states)
    return completed >= demand and not waiting
