"""A partner that leaves after the submission: until when that is possible, who answers, by when, and what follows."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.project_management.applications.eligibility import findings
from services.project_management.applications.rules import State as ApplicationState
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own
from shared.kernel.trace import Clause, DecisionTrace, combined
from shared.kernel.types import Role

LEAVE = own("departures.leave", Role.REPRESENTATIVE)
"""Whoever may consent for the partner may say that it leaves."""
ANSWER = own("departures.answer", Role.APPLICANT)
"""The lead: it names another, or takes the part over."""
CONSENT = own("departures.consent", Role.REPRESENTATIVE)
"""The organisation that is asked to take the part."""

TIME_TO_ANSWER = timedelta(days=14)
"""As long as for an award from the reserve list: another organisation has to be found and has to decide."""
RULE, VERSION = "departures.anew", 1
JUDGED_ANEW = frozenset({"organisation.admitted", "organisation.standing", "partner.consent", "amount.ceiling"})
"""Clauses of eligibility that depend on who takes part, or for how much. The others were met at the submission by what
has not changed: the lead, the writer, the text, the time."""


class State(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    REPLACED = "replaced"
    TAKEN_OVER = "taken_over"
    LAPSED = "lapsed"
    ENDED = "ended"


WAITING = frozenset({State.OPEN, State.ASKED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "ask": (WAITING, State.ASKED),
    "refuse": (frozenset({State.ASKED}), State.OPEN),
    "replace": (frozenset({State.ASKED}), State.REPLACED),
    "take_over": (WAITING, State.TAKEN_OVER),
    "lapse": (WAITING, State.LAPSED),
    "end": (WAITING, State.ENDED),
}
"""Verb → (states it may start from, state it ends in). One that nobody answers in time lapses, and the application is
withdrawn with it: nobody has promised the part. One whose application is over for another reason ends with it."""
SAID = {
    State.OPEN: N_("waiting for the lead"),
    State.ASKED: N_("waiting for the organisation that is asked"),
    State.REPLACED: N_("settled: another organisation took the part"),
    State.TAKEN_OVER: N_("settled: the lead took the part over"),
    State.LAPSED: N_("over: nobody answered in time"),
    State.ENDED: N_("over with the application"),
}
"""States as sentences say them."""
LEAVABLE = frozenset({ApplicationState.SUBMITTED, ApplicationState.RETURNED, ApplicationState.REVIEWED})
INSTEAD = {
    ApplicationState.DRAFT: N_(
        "It is not handed in yet. Refuse to consent instead; the lead then takes your organisation off."
    ),
    ApplicationState.FUNDED: N_(
        "It is decided and funded. Once the task book is signed, the lead asks for a change of partners in the "
        "project. Before, do not sign the agreement on results and tell the lead, who can turn the award down."
    ),
    ApplicationState.RESERVE: N_(
        "It is decided and on the reserve list. Tell the lead: an award that is offered need not be taken, and in a "
        "project the lead asks for a change of partners."
    ),
    ApplicationState.DECLINED: N_("It was declined: nothing binds your organisation any more."),
    ApplicationState.WITHDRAWN: N_("It is withdrawn: nothing binds your organisation any more."),
}
"""Why nobody leaves in such a state, and what to do instead."""


class NobodyLeaves(Conflict):
    title = N_("Nobody leaves this application now")


class DepartureNotReady(Conflict):
    title = N_("The departure's state does not allow this")


class NotEligibleSo(Conflict):
    title = N_("It would not be eligible so")


class DepartureOpen(Conflict):
    title = N_("A partner has left, and its part is open")


def leaving(state: ApplicationState) -> None:
    """Raises NobodyLeaves with what to do instead."""
    if state not in LEAVABLE:
        raise NobodyLeaves(INSTEAD[state])


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises DepartureNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise DepartureNotReady(S_("The departure is %(state)s; this is not possible any more.", state=SAID[state]))
    return after


def due(now: datetime) -> datetime:
    return now + TIME_TO_ANSWER


def anew(inputs: dict[str, Any]) -> DecisionTrace:
    """Whether the application may still compete as it now stands. The trace repeats from its inputs.

    `inputs`: `eligibility` (what that rule is given, without who left), `submitted` and `requested` (what was asked for
    at the submission, and is now: the part of who left can only make it less).
    """
    clauses = [
        finding.clause(lambda text, **params: text % params)
        for finding in findings(inputs["eligibility"])
        if finding.rule in JUDGED_ANEW
    ]
    before, now = Decimal(inputs["submitted"]), Decimal(inputs["requested"])
    currency = inputs["eligibility"]["requested"]["currency"]
    shown = {"before": f"{before:,.2f} {currency}", "now": f"{now:,.2f} {currency}"}
    if now > before:
        said = S_("%(now)s is asked for, more than the %(before)s that competed.", **shown)
    elif now < before:
        said = S_("%(now)s is asked for, less than the %(before)s that competed.", **shown)
    else:
        said = S_("%(now)s is asked for, as when it was handed in.", **shown)
    clauses.append(
        Clause(
            rule="budget.not_more",
            outcome="no" if now > before else "yes",
            reason=said,
            remedy=N_("Ask for at most as much as before.") if now > before else "",
        )
    )
    return DecisionTrace(
        rule=RULE, version=VERSION, inputs=inputs, clauses=tuple(clauses), result={"eligible": combined(clauses)}
    )
