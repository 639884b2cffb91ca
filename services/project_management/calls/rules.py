"""Calls: their states, what a sound call looks like, who may do what, and when it is open."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.project_management.approvals.rules import NotYourSignature, Step, approving, held_by, holds
from services.project_management.calls import portfolio as limits
from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import anyone, own, roles
from shared.kernel.types import Role, SecurityLabel

READ = anyone("calls.read")
DRAFT = own("calls.draft", Role.PROGRAMME_OFFICER)
SIGN_OFF = roles("calls.sign_off", Role.COORDINATOR, Role.PROGRAMME_OFFICER)
"""Which of them is the call's to say: its chain of offices."""
RELEASE = own("calls.release", Role.PROGRAMME_OFFICER, supervisors=(Role.COORDINATOR,))
OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
"""Who sees calls that are not released yet."""


class State(StrEnum):
    DRAFT = "draft"
    IN_SIGNOFF = "in_signoff"
    SIGNED_OFF = "signed_off"
    RELEASED = "released"
    CLOSED = "closed"
    DECIDING = "deciding"
    DECIDED = "decided"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


TRANSITIONS: dict[str, tuple[frozenset[State], State | None]] = {
    "edit": (frozenset({State.DRAFT}), State.DRAFT),
    "request_signoff": (frozenset({State.DRAFT}), State.IN_SIGNOFF),
    "sign": (frozenset({State.IN_SIGNOFF}), State.IN_SIGNOFF),
    "approve": (frozenset({State.IN_SIGNOFF}), State.SIGNED_OFF),
    "return": (frozenset({State.IN_SIGNOFF, State.SIGNED_OFF}), State.DRAFT),
    "withdraw": (frozenset({State.IN_SIGNOFF, State.SIGNED_OFF}), State.DRAFT),
    "release": (frozenset({State.SIGNED_OFF}), State.RELEASED),
    "extend": (frozenset({State.RELEASED}), State.RELEASED),
    "amend": (frozenset({State.RELEASED, State.CLOSED, State.DECIDING}), None),
    "close": (frozenset({State.RELEASED}), State.CLOSED),
    "start_deciding": (frozenset({State.CLOSED}), State.DECIDING),
    "decide": (frozenset({State.DECIDING}), State.DECIDED),
    "conclude": (frozenset({State.CLOSED, State.DECIDING}), State.DECIDED),
    "cancel": (
        frozenset(
            {State.DRAFT, State.IN_SIGNOFF, State.SIGNED_OFF, State.RELEASED, State.CLOSED, State.DECIDING},
        ),
        State.CANCELLED,
    ),
    "archive": (frozenset({State.DECIDED, State.CANCELLED}), State.ARCHIVED),
}
"""Verb → (states it may start from, state it ends in; None where it stays). The last office of the chain approves,
those before it sign. What may be amended when: `amendments`."""
COORDINATOR_ALONE: dict[str, Any] = {
    "office": N_("Coordination office"),
    "role": Role.COORDINATOR.value,
    "organisation_id": None,
}
"""Who signs a call that names no offices."""


AWARD_TERMS: dict[str, object] = {"approvals": [], "notice_days": 0, "letter_scores": "total", "appeal_days": 15}
"""Where it has `panel_required`, a panel meets before the call is decided."""
"""How a decision becomes final where the call says nothing of it: at once, by the programme office alone."""
STRAGGLERS = timedelta(seconds=2)
"""A request that came in time may still wait for the database when the call closes: the state is written so much later.
Nothing that comes in meanwhile is taken."""


class Stage(StrEnum):
    """The three stages of paper 1, section 3.1."""

    RESEARCH = "research"
    DESIGN_FINALISATION = "design_finalisation"
    PRODUCTION = "production"


class OrganisationKind(StrEnum):
    """Kinds of organisation that a call can be opened to, as the catalogue names them."""

    INSTITUTE = "institute"
    UNIVERSITY = "university"
    COMPANY = "company"
    DEPARTMENT = "department"
    OFFICE = "office"


class Phase(StrEnum):
    """The state as the clock shows it: a released call is upcoming, open, or closed though the timer has yet to run."""

    DRAFT = "draft"
    IN_SIGNOFF = "in_signoff"
    SIGNED_OFF = "signed_off"
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"
    DECIDING = "deciding"
    DECIDED = "decided"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


SAID = (N_("in signoff"), N_("deciding"), N_("archived"))
"""States as sentences say them, where no page has the word."""


class CallNotReady(Conflict):
    title = N_("The call's state does not allow this")


class OwnSignoff(Conflict):
    title = N_("Nobody signs off their own call")


class OwnRelease(Conflict):
    title = N_("Nobody releases a call that they signed off")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises CallNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(s.value.replace("_", " ") for s in allowed))
        raise CallNotReady(
            S_(
                "The call is %(state)s; this is possible only while it is %(wanted)s.",
                state=state.value.replace("_", " "),
                wanted=wanted,
            )
        )
    return after or state


def phase(state: State, opens_at: datetime, closes_at: datetime, now: datetime) -> Phase:
    """Applications are taken from the opening until, not including, the closing time."""
    if state is not State.RELEASED:
        return Phase(state.value)
    if now < opens_at:
        return Phase.UPCOMING
    return Phase.OPEN if now < closes_at else Phase.CLOSED


def chain_of(offices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The offices that sign, in order."""
    return offices or [COORDINATOR_ALONE]


def signing(step: Step, actor: Actor, drafted_by: str, signers: Collection[str]) -> None:
    """Whether this person may sign, or return, in the step whose turn it is. Raises OwnSignoff, NotYourSignature."""
    if actor.subject == drafted_by:
        raise OwnSignoff(N_("You drafted this call. Another person has to sign it off."))
    approving(step, held_by(actor), actor.subject, signers)


def returning(
    state: State, chain: Sequence[Step], signatures: Sequence[Mapping[str, str]], actor: Actor, drafted_by: str
) -> None:
    """Whether this person may send it back to draft: while it is being signed the office whose turn it is, and until
    the release any office of the chain, for it may think better of what it signed. Raises as `signing`."""
    if state is State.IN_SIGNOFF:
        signing(chain[len(signatures)], actor, drafted_by, [one["subject"] for one in signatures])
        return
    mine = next((step for step in chain if holds(step, held_by(actor))), chain[-1])
    signing(mine, actor, drafted_by, ())


def all_can_sign(chain: Sequence[Step], holders: Sequence[Collection[str]]) -> None:
    """Whether each step can have a person of its own; `holders` are those who may sign it, without who wrote it. Raises
    CallNotReady with the first office for which nobody is left."""
    placed: dict[str, int] = {}

    def place(number: int, tried: set[str]) -> bool:
        for who in holders[number]:
            if who in tried:
                continue
            tried.add(who)
            if who not in placed or place(placed[who], tried):
                placed[who] = number
                return True
        return False

    for number, step in enumerate(chain):
        if not place(number, set()):
            raise CallNotReady(
                S_(
                    "Nobody is left who could sign for “%(office)s”: it takes a person with the role who may read the "
                    "call, did not write what is to be signed and signs for no office before. Name another office, or "
                    "ask for the role.",
                    office=step["office"],
                )
            )


def may_sign(
    state: State, chain: Sequence[Step], signatures: Sequence[Mapping[str, str]], actor: Actor, drafted_by: str
) -> bool:
    """Whether the page offers this person to sign or to return."""
    if state not in (State.IN_SIGNOFF, State.SIGNED_OFF):
        return False
    try:
        returning(state, chain, signatures, actor, drafted_by)
    except (OwnSignoff, NotYourSignature):
        return False
    return True


def released_by_another(subject: str, signers: Collection[str | None]) -> None:
    """Raises OwnRelease for who signed it off: a call becomes public by two people's hands."""
    if subject in signers:
        raise OwnRelease(N_("You signed this call off. Its programme office or another coordinator has to release it."))


def nobody_left(waiting: int) -> None:
    """A call is closed without an award only when there is nothing to decide. Raises CallNotReady."""
    if waiting:
        raise CallNotReady(
            S_("%(n)s applications wait for their decision. Assign reviewers, or cancel the call.", n=waiting)
        )


def undecided(decided: bool) -> None:
    """Raises CallNotReady once a decision list is made: then the ways are to decide again, object or appeal."""
    if decided:
        raise CallNotReady(N_("A decision list is made already; the call cannot be cancelled any more."))


def not_over_yet(closes_at: datetime, now: datetime) -> list[tuple[str, str]]:
    """What is wrong with a closing time that is typed now, as `faults` gives it."""
    return [] if closes_at > now else [("closes_at", N_("This time has passed already. Choose a later closing time."))]


def not_too_late(closes_at: datetime, now: datetime) -> None:
    """Raises CallNotReady when the closing time has passed."""
    if closes_at <= now:
        raise CallNotReady(N_("The closing time has passed. Return the call to draft and choose a later one."))


def asks_something(form: dict[str, Any] | None) -> None:
    """Raises CallNotReady for an application form without a question."""
    if form and not form.get("properties"):
        raise CallNotReady(N_("The application form asks nothing. Add a question, or remove its sections."))


def faults(
    *,
    opens_at: datetime,
    closes_at: datetime,
    budget: Decimal,
    ceiling: Decimal,
    same_currency: bool,
    weights: list[Decimal],
    criteria: list[str],
    portfolio: list[dict[str, str]],
) -> list[tuple[str, str]]:
    """What is wrong with a call, as (field, sentence)."""
    found = []
    if closes_at <= opens_at:
        found.append(("closes_at", N_("The closing time must lie after the opening time.")))
    if budget <= 0:
        found.append(("budget", N_("The budget must be more than nothing.")))
    if ceiling <= 0:
        found.append(("ceiling", N_("The ceiling must be more than nothing.")))
    if not same_currency:
        found.append(("ceiling", N_("Give the budget and the ceiling in the same currency.")))
    elif ceiling > budget:
        found.append(("ceiling", N_("The ceiling of one award cannot be more than the whole budget.")))
    if sum(weights) != 100:
        found.append(("criteria", N_("The weights of the criteria must add up to 100.")))
    if len({name.casefold() for name in criteria}) != len(criteria):
        found.append(("criteria", N_("Two criteria have the same name.")))
    found += [("portfolio", sentence) for sentence in limits.faults(portfolio)]
    return found


def draft_label(label: SecurityLabel) -> SecurityLabel:
    """Before its release a call is at least internal."""
    return max(label, SecurityLabel.INTERNAL, key=lambda one: one.rank)


# -- how calls are looked for -----------------------------------------------------------------------------------------

_MILLION = Decimal(1_000_000)
CEILING_RANGES: dict[str, tuple[Decimal | None, Decimal | None]] = {
    "small": (None, _MILLION),
    "middle": (_MILLION, 5 * _MILLION),
    "large": (5 * _MILLION, None),
}
"""Of the ceiling of one award, in the call's own currency."""


def ceilings(chosen: Collection[str]) -> tuple[Decimal | None, Decimal | None]:
    """The one range that spans those chosen: from the least of them to below the most; None is without end."""
    ranges = [CEILING_RANGES[one] for one in chosen]
    lows, highs = [low for low, _high in ranges], [high for _low, high in ranges]
    least = None if not lows or None in lows else min(low for low in lows if low is not None)
    most = None if not highs or None in highs else max(high for high in highs if high is not None)
    return least, most


def ceilings_within(least: Decimal | None, most: Decimal | None) -> list[str]:
    """The ranges that lie within; none where there is no bound."""
    if least is None and most is None:
        return []
    return [
        name
        for name, (low, high) in CEILING_RANGES.items()
        if (least is None or (low is not None and low >= least))
        and (most is None or (high is not None and high <= most))
    ]
