"""How a call's decision becomes final: states, who approves, how long it is shown in public, what applicants read."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from shared.kernel.clock import BEIJING
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import anyone, roles
from shared.kernel.types import Role, SecurityLabel

READ = roles("decisions.read", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
APPROVE = roles("decisions.approve", Role.COORDINATOR, Role.PROGRAMME_OFFICER)
NOTICE = anyone("decisions.notice")


class State(StrEnum):
    IN_APPROVAL = "in_approval"
    RETURNED = "returned"
    IN_NOTICE = "in_notice"
    FINAL = "final"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "propose": (frozenset({State.RETURNED}), State.IN_APPROVAL),
    "approve": (frozenset({State.IN_APPROVAL}), State.IN_APPROVAL),
    "return": (frozenset({State.IN_APPROVAL}), State.RETURNED),
    "publish": (frozenset({State.IN_APPROVAL}), State.IN_NOTICE),
    "reopen": (frozenset({State.IN_APPROVAL, State.IN_NOTICE}), State.RETURNED),
    "finalise": (frozenset({State.IN_APPROVAL, State.IN_NOTICE}), State.FINAL),
}
"""Verb → (states it may start from, state it ends in). The first proposal begins the decision; without offices that
approve and without public notice it is final in the same moment. An objection that is upheld opens it again."""
SAID = {
    State.IN_APPROVAL: N_("waiting for approval"),
    State.RETURNED: N_("returned to the programme office"),
    State.IN_NOTICE: N_("in public notice"),
    State.FINAL: N_("final"),
}
"""States as sentences say them."""
_TOLD = {
    "funded": N_("It belongs to the best set of applications that the budget allows."),
    "reserve": N_("It is good enough, but the budget does not reach it now."),
    "declined": N_("In the comparison of all applications it did not reach far enough."),
}
"""Reasons where the call tells applicants no scores."""
SHOWN = ("funded", "reserve")
"""Outcomes that public notice names; who was declined is nobody's business but theirs."""


APPEALABLE = ("reserve", "declined")
"""Outcomes against which the applicant may appeal."""


class DecisionNotReady(Conflict):
    title = N_("The decision's state does not allow this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises DecisionNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(SAID[one] for one in sorted(allowed))
        raise DecisionNotReady(
            S_(
                "The decision is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=wanted,
            )
        )
    return after


def end_of(begun: datetime, days: int) -> datetime:
    """The end of the last of so many full days after the one on which it begins, by the calendar here."""
    last = begun.astimezone(BEIJING).date() + timedelta(days=days + 1)
    return datetime.combine(last, time(0), BEIJING)


def told(outcome: str, reason: str, scores: str, own_choice: bool) -> str:
    """The reason as the applicant may read it. That of an officer's own choice is written for the applicant."""
    return reason if scores != "none" or own_choice else _TOLD[outcome]


def noticed(item: dict[str, Any], label: SecurityLabel, call: SecurityLabel) -> dict[str, Any]:
    """A line of the public notice. What is labelled higher than its call asks for stays unnamed."""
    floor = max(call, SecurityLabel.INTERNAL, key=lambda one: one.rank)
    named = label.rank <= floor.rank
    return {
        "application_id": item["id"] if named else None,
        "title": item["title"] if named else "",
        "lead": item["lead"] if named else "",
        "outcome": item["outcome"],
        "requested": item["requested"] if named and item["outcome"] == "funded" else None,
    }
