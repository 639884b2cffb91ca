"""The panel that meets over a ranking: states, who sits, in which order, and what a recommendation needs."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, office
from shared.kernel.types import Role

READ = Policy(
    "panels.read",
    roles=frozenset({Role.REVIEWER}),
    scope=Scope.PERSON,
    supervisors=frozenset({Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR}),
    impartial=True,
)
"""A meeting exists for its members and the offices; to who has a part in the call there is none."""
RUN = office("panels.run", Role.PROGRAMME_OFFICER)
SIT = Policy("panels.sit", roles=frozenset({Role.REVIEWER}), scope=Scope.PERSON)

LEAST, MOST = 3, 15
"""Members of a panel."""
QUORUM = 2
"""Fewer than two who are not recused cannot judge an application: it is left to the office."""


class State(StrEnum):
    CONVENED = "convened"
    IN_SESSION = "in_session"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Recommendation(StrEnum):
    FUND = "fund"
    CONDITIONS = "conditions"
    RESERVE = "reserve"
    DECLINE = "decline"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "open": (frozenset({State.CONVENED}), State.IN_SESSION),
    "recuse": (frozenset({State.CONVENED}), State.CONVENED),
    "step_back": (frozenset({State.IN_SESSION}), State.IN_SESSION),
    "record": (frozenset({State.IN_SESSION}), State.IN_SESSION),
    "close": (frozenset({State.IN_SESSION}), State.CLOSED),
    "confirm": (frozenset({State.CLOSED}), State.CLOSED),
    "cancel": (frozenset({State.CONVENED, State.IN_SESSION}), State.CANCELLED),
}
"""Verb → (states it may start from, state it ends in). A member is recused by declaring a conflict before the meeting,
and steps back during it; what was recorded of the item is then recorded anew."""
SAID = {
    State.CONVENED: N_("convened"),
    State.IN_SESSION: N_("in session"),
    State.CLOSED: N_("closed by its minutes"),
    State.CANCELLED: N_("called off"),
}
"""States as sentences say them."""
OUTCOMES = {
    Recommendation.FUND: "funded",
    Recommendation.CONDITIONS: "funded",
    Recommendation.RESERVE: "reserve",
    Recommendation.DECLINE: "declined",
}
"""What each would come to in the decision."""


class PanelNotReady(Conflict):
    title = N_("The panel meeting's state does not allow this")


class PanelExists(Conflict):
    title = N_("A panel meeting is convened already")


class NotTheChair(Conflict):
    title = N_("The chair does this")


class Recused(Conflict):
    title = N_("You are recused from this application")


class MinutesIncomplete(Conflict):
    title = N_("The minutes are not complete")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises PanelNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise PanelNotReady(S_("The meeting is %(state)s; this is not possible now.", state=SAID[state]))
    return after


def agenda(items: Sequence[dict[str, Any]], first: Sequence[str] = ()) -> list[dict[str, Any]]:
    """In which order they are discussed: what the officer puts first, then the nearest to the funding line, where an
    argument changes most. `items` have id, rank and the outcome that the rule proposes."""
    line = max((one["rank"] for one in items if one["outcome"] == "funded"), default=0) + 0.5
    wanted = {id: n for n, id in enumerate(first)}
    return sorted(items, key=lambda one: (wanted.get(one["id"], len(wanted)), abs(one["rank"] - line), one["rank"]))


def quorum(eligible: int) -> int:
    """How many votes a recommendation needs, abstentions counted: more than half of who is not recused."""
    return max(QUORUM, eligible // 2 + 1)


def fault(
    recommendation: Recommendation,
    proposed: str | None,
    *,
    votes: tuple[int, int, int],
    eligible: int,
    reason: str,
    conditions: str,
) -> tuple[str, str] | None:
    """What is wrong with a recommendation, as field and sentence; `votes` are for it, against it, and abstentions."""
    for_it, against, _abstained = votes
    if eligible < QUORUM:
        return "recommendation", N_("Too few members are not recused. This application is left to the office.")
    if sum(votes) > eligible:
        return "in_favour", S_("%(number)s members may vote on it, no more.", number=eligible)
    if sum(votes) < quorum(eligible):
        return "in_favour", S_("At least %(number)s of them have to vote or abstain.", number=quorum(eligible))
    if for_it <= against:
        return "in_favour", N_("More members have to be for it than against it. Record what the majority is for.")
    if recommendation is Recommendation.CONDITIONS and not conditions:
        return "conditions", N_("Say on which conditions.")
    if OUTCOMES[recommendation] != proposed and not reason:
        return "reason", N_("This moves the application against the ranking. Say why.")
    return None
