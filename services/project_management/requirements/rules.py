"""Requirements: what an organisation asks research to solve; their states, who may do what, what makes one complete."""

from enum import StrEnum
from uuid import UUID

from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own, roles
from shared.kernel.types import Role, SecurityLabel

MEMBERS = (
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.REVIEWER,
    Role.FACILITY_OWNER,
    Role.IP_OFFICER,
    Role.FINANCE_PARTNER,
    Role.CREDIT_OFFICER,
    Role.FINANCE_OFFICER,
    Role.LEGAL_OFFICER,
)
"""What somebody may be for an organisation outside the programme's own offices."""
AUTHORS = (*MEMBERS, Role.PROGRAMME_OFFICER)
"""Who may write and put forward for their organisation; departments speak through their programme officers."""
OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)

READ = own("requirements.read", *AUTHORS, supervisors=OVERSEERS)
"""An organisation reads its own, overseers what is put forward, an invited expert what they are asked about."""
DRAFT = own("requirements.draft", *AUTHORS)
DECIDE = roles("requirements.decide", Role.PROGRAMME_OFFICER)


class State(StrEnum):
    DRAFT = "draft"
    RETURNED = "returned"
    PUT_FORWARD = "put_forward"
    IN_CONSULTATION = "in_consultation"
    PRIORITISED = "prioritised"
    ADOPTED = "adopted"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


WRITING = frozenset({State.DRAFT, State.RETURNED})
"""Only its organisation knows of it, or, once returned, of what it says now."""
HIDDEN = WRITING | {State.DISCARDED}
"""Not for anybody outside its organisation."""
OPEN = frozenset({State.PUT_FORWARD, State.IN_CONSULTATION, State.PRIORITISED})
"""The programme office has still to answer."""
CONSULTED = frozenset(set(State) - HIDDEN - {State.PUT_FORWARD, State.IN_CONSULTATION})
"""The consultation is over, so its organisation reads what was said. Before, the hour would tell who said it."""

TRANSITIONS: dict[str, tuple[frozenset[State], State | None]] = {
    "edit": (WRITING, None),
    "discard": (WRITING, State.DISCARDED),
    "put_forward": (WRITING, State.PUT_FORWARD),
    "return": (frozenset({State.PUT_FORWARD}), State.RETURNED),
    "consult": (frozenset({State.PUT_FORWARD, State.IN_CONSULTATION}), State.IN_CONSULTATION),
    "opine": (frozenset({State.IN_CONSULTATION}), None),
    "prioritise": (frozenset({State.IN_CONSULTATION, State.PRIORITISED}), State.PRIORITISED),
    "adopt": (frozenset({State.PRIORITISED, State.ADOPTED}), State.ADOPTED),
    "decline": (OPEN, State.DECLINED),
    "merge": (OPEN, State.MERGED),
    "widen": (OPEN, None),
    "withdraw": (OPEN, State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in; None: it stays). A requirement is adopted a second time only
when every call drafted from it was cancelled."""

SAID = {
    State.DRAFT: "draft",
    State.RETURNED: "returned for completion",
    State.PUT_FORWARD: "put forward",
    State.IN_CONSULTATION: "in consultation",
    State.PRIORITISED: "prioritised",
    State.ADOPTED: "adopted",
    State.DECLINED: "not adopted",
    State.MERGED: "merged",
    State.WITHDRAWN: "withdrawn",
    State.DISCARDED: N_("discarded"),
}
"""States as sentences say them; where pages have the word with a capital, the catalogue needs it once."""


class Urgency(StrEnum):
    """How soon a solution is wanted."""

    LONG_TERM = "long_term"
    MEDIUM_TERM = "medium_term"
    SHORT_TERM = "short_term"
    IMMEDIATE = "immediate"


class Priority(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class OpinionState(StrEnum):
    """Of one expert's opinion on one requirement."""

    INVITED = "invited"
    GIVEN = "given"
    RECUSED = "recused"
    LAPSED = "lapsed"


READING = (OpinionState.INVITED, OpinionState.GIVEN)
"""The expert may read the requirement."""


class RequirementNotReady(Conflict):
    title = N_("The requirement's state does not allow this")


class RequirementIncomplete(Conflict):
    title = N_("The requirement is not complete")


class NotAdmitted(Conflict):
    title = N_("Your organisation is not admitted")


class OthersMerged(Conflict):
    title = N_("Others were merged into this requirement")


class OwnRequirement(Conflict):
    title = N_("You belong to an organisation that asks for this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises RequirementNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(SAID[one] for one in State if one in allowed)
        raise RequirementNotReady(
            S_(
                "The requirement is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=wanted,
            )
        )
    return after or state


def lacking(problem: str, indicators: int) -> list[str]:
    """What a requirement needs before it can be put forward, as sentences."""
    found = []
    if not problem.strip():
        found.append(N_("Describe the problem: what cannot be done today, and what that costs."))
    if not indicators:
        found.append(N_("Name at least one indicator, so that a result can be measured."))
    return found


def require_admitted(admitted: bool, office: bool) -> None:
    """Raises NotAdmitted unless the organisation takes part in joint work. The programme's own offices need no
    admission."""
    if not admitted and not office:
        raise NotAdmitted(
            N_("Only admitted organisations put requirements forward. Ask the coordination office to admit yours.")
        )


def involved(actor: Actor, organisations: set[UUID]) -> bool:
    """Whether the actor also belongs to one of the organisations that ask, other than as its programme officer."""
    return not actor.organisations(*MEMBERS).isdisjoint(organisations)


def require_uninvolved(actor: Actor, organisations: set[UUID]) -> None:
    """Nobody judges what an organisation of theirs asks for. Raises OwnRequirement."""
    if involved(actor, organisations):
        raise OwnRequirement(N_("An organisation you act for asks for this. Somebody else of the office has to do it."))


def highest(labels: list[SecurityLabel]) -> SecurityLabel:
    """The label of what is written from several: none of them may be read by fewer than before."""
    return max(labels, key=lambda one: one.rank)
