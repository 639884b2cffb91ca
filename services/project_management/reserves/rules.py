"""The reserve list: who is offered an award that became free, until when, and what an answer means."""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.project_management.awards.rules import problem_of
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role

ANSWER = own("reserves.answer", Role.APPLICANT, Role.REPRESENTATIVE)
"""The lead takes an award or turns it down."""

RULE, VERSION = "reserves.next", 1
TIME_TO_ANSWER = timedelta(days=14)


class State(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LAPSED = "lapsed"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "accept": (frozenset({State.OFFERED}), State.ACCEPTED),
    "refuse": (frozenset({State.OFFERED}), State.REFUSED),
    "lapse": (frozenset({State.OFFERED}), State.LAPSED),
}
"""Verb → (states it may start from, state it ends in). Refused or lapsed, the next of the reserve list is asked."""
SAID = {
    State.OFFERED: N_("offered"),
    State.ACCEPTED: N_("taken"),
    State.REFUSED: N_("turned down"),
    State.LAPSED: N_("lapsed"),
}
"""States as sentences say them."""


class OfferNotReady(Conflict):
    title = N_("There is no award to answer to")


class ProjectBegun(Conflict):
    title = N_("The project is drawn up already")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises OfferNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise OfferNotReady(S_("The offer is %(state)s; it is not answered again.", state=SAID[state]))
    return after


def next_offer(inputs: dict[str, Any]) -> DecisionTrace:
    """The first of the reserve list, those whose appeal was granted before the others and then by rank, or as the list
    was ordered by hand, whom the money that is left reaches and no ceiling of the call's share limits stands
    against."""

    def order(one: dict[str, Any]) -> tuple[bool, int]:
        return not one["ahead"], one.get("place", one["rank"])

    held, waiting = inputs["held"], sorted(inputs["reserve"], key=order)
    budget = Decimal(inputs["budget"])
    left = budget - sum((Decimal(one["requested"]) for one in held), Decimal(0))
    problem = problem_of([*held, *waiting], {}, budget, inputs["portfolio"], len(held) + len(waiting))
    clauses, chosen = [], None
    for n, one in enumerate(waiting, len(held)):
        together = [*range(len(held)), n]
        if Decimal(one["requested"]) > left:
            said = S_(
                "“%(title)s”: asks for %(asked)s; %(left)s are left.",
                title=one["title"],
                asked=f"{Decimal(one['requested']):,.2f}",
                left=f"{left:,.2f}",
            )
        elif any(not limit.at_least and not problem.holds(limit, together) for limit in problem.limits):
            said = S_("“%(title)s”: a share limit of the call stands against it.", title=one["title"])
        else:
            chosen = one
            said = S_("“%(title)s”: the next whom the money reaches within the share limits.", title=one["title"])
        clauses.append(Clause(rule=RULE, outcome="yes" if chosen else "no", reason=said))
        if chosen:
            break
    return DecisionTrace(
        rule=RULE,
        version=VERSION,
        inputs=inputs,
        clauses=tuple(clauses),
        result={"application_id": chosen["id"] if chosen else None, "left": f"{left:.2f}"},
    )
