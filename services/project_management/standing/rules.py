"""The reward and punishment ledger: states of an entry, who may do what, what each kind brings, and the effects that
follow from all entries in force. Nobody types an effect; it is derived, with a trace.

What is public of the ledger is one thing: that an organisation is excluded, by which rule and until when. Others would
build a consortium on it and have to know; why it was excluded stays between it and the offices, and so does every
reward, cooling-off and notice. Nothing about a person is public.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, anyone, office, roles
from shared.kernel.trace import Clause, DecisionTrace, Outcome
from shared.kernel.types import Role

OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
READ = Policy(
    "standing.read",
    roles=frozenset({Role.APPLICANT, Role.REPRESENTATIVE}),
    scope=Scope.OWN,
    supervisors=frozenset(OVERSEERS),
    person_too=True,
)
"""An organisation and the leader of a team read of themselves, from the notice on; offices read all."""
PROPOSE = roles("standing.propose", Role.PROGRAMME_OFFICER)
KEEP = office("standing.keep", Role.PROGRAMME_OFFICER)
ANSWER = Policy("standing.answer", roles=frozenset({Role.REPRESENTATIVE}), scope=Scope.OWN, person_too=True)
DECIDE = Policy(
    "standing.decide", roles=frozenset(), scope=Scope.OWN, supervisors=frozenset({Role.COORDINATOR}), impartial=True
)
"""Appeals go to the coordination office, and there to somebody without a hand in the entry."""
EXCLUSIONS = anyone("standing.exclusions")
OWN_EFFECTS = roles("standing.effects", Role.APPLICANT, Role.REPRESENTATIVE)

ANSWER_DAYS = (5, 60)
"""Fewest and most days that a notice leaves for the answer."""
USUAL_DAYS = 15
APPEAL_DAYS = 30
"""From the day an entry comes into force; after it the entry stands."""
DECISION_DAYS = 30


class State(StrEnum):
    PROPOSED = "proposed"
    NOTICED = "noticed"
    IN_FORCE = "in_force"
    APPEALED = "appealed"
    UPHELD = "upheld"
    LIFTED = "lifted"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Sort(StrEnum):
    REWARD = "reward"
    PUNISHMENT = "punishment"


class Of(StrEnum):
    """Whom an entry is about: an organisation, or the leader of a project with the team."""

    ORGANISATION = "organisation"
    TEAM = "team"


class Kind(StrEnum):
    EXCELLENT_COMPLETION = "excellent_completion"
    RESULT_IN_USE = "result_in_use"
    MISSED_MILESTONE = "missed_milestone"
    LONG_DELAY = "long_delay"
    FAILED_COMPLETION = "failed_completion"
    PROJECT_ENDED = "project_ended"
    MISUSED_FUNDS = "misused_funds"
    FALSE_STATEMENT = "false_statement"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "notice": (frozenset({State.PROPOSED}), State.NOTICED),
    "answer": (frozenset({State.NOTICED}), State.NOTICED),
    "enforce": (frozenset({State.NOTICED}), State.IN_FORCE),
    "withdraw": (frozenset({State.PROPOSED, State.NOTICED}), State.WITHDRAWN),
    "appeal": (frozenset({State.IN_FORCE}), State.APPEALED),
    "uphold": (frozenset({State.APPEALED}), State.UPHELD),
    "lift": (frozenset({State.APPEALED}), State.LIFTED),
    "annul": (frozenset({State.IN_FORCE, State.APPEALED, State.UPHELD}), State.LIFTED),
    "expire": (frozenset({State.IN_FORCE, State.UPHELD}), State.EXPIRED),
}
"""Verb → (states it may start from, state it ends in). An appeal comes from `in_force` alone, so there is one. What is
appealed does not expire before it is decided: whoever was wronged has a right to hear so. One is annulled where what it
rests on was decided anew."""
COUNTING = frozenset({State.IN_FORCE, State.APPEALED, State.UPHELD})
"""Effects last while an appeal is decided, as in administrative reconsideration; the decision is due within a month."""
SAID = {
    State.PROPOSED: N_("proposed"),
    State.NOTICED: N_("noticed"),
    State.IN_FORCE: N_("in force"),
    State.APPEALED: N_("appealed"),
    State.UPHELD: N_("upheld"),
    State.LIFTED: N_("lifted"),
    State.EXPIRED: N_("expired"),
    State.WITHDRAWN: N_("withdrawn"),
}
WHAT = {
    Kind.EXCELLENT_COMPLETION: N_("project completed with the grade excellent"),
    Kind.RESULT_IN_USE: N_("result of a project put to use"),
    Kind.MISSED_MILESTONE: N_("milestone late by a month"),
    Kind.LONG_DELAY: N_("milestone late by three months"),
    Kind.FAILED_COMPLETION: N_("project completed with the grade fail"),
    Kind.PROJECT_ENDED: N_("project ended by its office before it was delivered"),
    Kind.MISUSED_FUNDS: N_("money of a project misused"),
    Kind.FALSE_STATEMENT: N_("false statement in an application or report"),
}


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one kind of entry brings, and for how long."""

    section: int
    sort: Sort
    of: Of
    months: int
    points: Decimal = Decimal(0)
    """Added to the mean of expert scores, of 10, when applications are ranked."""
    more: int = 0
    """So many more running projects than the call's limit allows."""
    bar: str = ""
    """`lead`: may not lead an application (cooling-off); `out`: may take no part in one (exclusion)."""


TARIFF = 1
TARIFFS: dict[int, dict[Kind, Tariff]] = {
    1: {
        Kind.EXCELLENT_COMPLETION: Tariff(1, Sort.REWARD, Of.TEAM, 24, Decimal("0.30"), 2),
        Kind.RESULT_IN_USE: Tariff(2, Sort.REWARD, Of.TEAM, 24, Decimal("0.20"), 1),
        Kind.MISSED_MILESTONE: Tariff(3, Sort.PUNISHMENT, Of.TEAM, 12, Decimal("-0.20")),
        Kind.LONG_DELAY: Tariff(4, Sort.PUNISHMENT, Of.ORGANISATION, 6, Decimal("-0.20"), bar="lead"),
        Kind.FAILED_COMPLETION: Tariff(5, Sort.PUNISHMENT, Of.TEAM, 12, Decimal("-0.30"), bar="lead"),
        Kind.MISUSED_FUNDS: Tariff(6, Sort.PUNISHMENT, Of.ORGANISATION, 36, bar="out"),
        Kind.FALSE_STATEMENT: Tariff(7, Sort.PUNISHMENT, Of.ORGANISATION, 36, bar="out"),
        Kind.PROJECT_ENDED: Tariff(8, Sort.PUNISHMENT, Of.TEAM, 12, Decimal("-0.30"), bar="lead"),
    }
}
"""By version: an entry keeps the tariff that it was made under."""
MOST_POINTS = Decimal("0.50")
"""Standing tips what is nearly equal; it never outweighs half a point of quality."""
MOST_MORE = 2
LAPSES = {3: Kind.MISSED_MILESTONE, 4: Kind.LONG_DELAY}
"""Grade of the response to a missed milestone → the entry that it proposes."""
GRADES = {"excellent": Kind.EXCELLENT_COMPLETION, "fail": Kind.FAILED_COMPLETION}
"""Grade of a completed project → the entry that it proposes."""


class EntryNotReady(Conflict):
    title = N_("The entry's state does not allow this")


class StillTimeToAnswer(Conflict):
    title = N_("The time to answer is not over")


class AnswerTooLate(Conflict):
    title = N_("The time for an answer is over")


class AppealTooLate(Conflict):
    title = N_("The time for an appeal is over")


class OwnEntry(Conflict):
    title = N_("Somebody else decides the appeal")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises EntryNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise EntryNotReady(
            S_(
                "The entry is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    return after


def tariff_of(kind: str, version: int) -> Tariff:
    return TARIFFS[version][Kind(kind)]


def cited(kind: str, version: int) -> str:
    """The rule that an entry of this kind cites."""
    return f"standing.tariff/{version} §{tariff_of(kind, version).section}"


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last of the month where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def foretold(kind: str, version: int = TARIFF) -> list[str]:
    """What an entry of this kind brings, in sentences: said before anybody decides it."""
    tariff = tariff_of(kind, version)
    found = []
    if tariff.points:
        found.append(
            S_(
                "%(points)s points of 10 on the mean of the expert scores of its applications.",
                points=f"{tariff.points:+}",
            )
        )
    if tariff.more and tariff.of is Of.TEAM:
        found.append(S_("The team may apply for %(more)s more than a call's limits allow.", more=tariff.more))
    elif tariff.more:
        found.append(S_("The organisation may apply for %(more)s more than a call's limits allow.", more=tariff.more))
    if tariff.bar == "lead":
        found.append(N_("Cooling-off: it does not lead an application while the entry is in force."))
    elif tariff.bar:
        found.append(N_("Exclusion: it takes part in no application while the entry is in force."))
    found.append(S_("It is in force for %(months)s months.", months=tariff.months))
    return found


EFFECTS = ("standing.effects", 1)


def effects(inputs: dict[str, Any]) -> DecisionTrace:
    """What the ledger comes to for one subject on one day. The trace repeats from its inputs.

    `inputs`: `day`, and of each entry id, kind, tariff (its version), state, starts_on, ends_on. The result: `points`,
    `more`, `lead` and `out` (until when it may not lead, or take part; with the rule), `pending` (what would follow
    from entries that are noticed).
    """
    day = date.fromisoformat(inputs["day"])
    clauses, points, more = [], Decimal(0), 0
    bars: dict[str, dict[str, str]] = {}
    pending: set[str] = set()
    for one in inputs["entries"]:
        tariff, outcome = tariff_of(one["kind"], one["tariff"]), counts(one, day)
        clauses.append(_clause(one, outcome))
        if outcome == "unknown":
            pending |= {tariff.bar} - {""}
        if outcome != "yes":
            continue
        points, more = points + tariff.points, more + tariff.more
        if tariff.bar and one["ends_on"] > bars.get(tariff.bar, {"until": ""})["until"]:
            bars[tariff.bar] = {"until": one["ends_on"], "rule": cited(one["kind"], one["tariff"])}
    rule, version = EFFECTS
    return DecisionTrace(
        rule=rule,
        version=version,
        inputs=inputs,
        clauses=tuple(clauses),
        result={
            "points": f"{bounded(points):.2f}",
            "more": min(more, MOST_MORE),
            "lead": bars.get("lead"),
            "out": bars.get("out"),
            "pending": sorted(pending),
        },
    )


def counts(one: dict[str, Any], day: date) -> Outcome:
    """Whether an entry has its effect on that day; unknown while it is noticed and not decided."""
    state = State(one["state"])
    if state is State.NOTICED:
        return "unknown"
    within = state in COUNTING and one["starts_on"] <= day.isoformat() < one["ends_on"]
    return "yes" if within else "no"


def _clause(one: dict[str, Any], outcome: Outcome) -> Clause:
    what = WHAT[Kind(one["kind"])]
    if outcome == "yes":
        reason = S_("Counts until %(until)s: %(what)s.", until=one["ends_on"], what=what)
    elif outcome == "unknown":
        reason = S_("Noticed and not decided: %(what)s.", what=what)
    else:
        reason = S_("Does not count: %(what)s; it is %(state)s.", what=what, state=SAID[State(one["state"])])
    return Clause(rule=cited(one["kind"], one["tariff"]), outcome=outcome, reason=reason)


def bounded(points: Decimal) -> Decimal:
    """What organisation and team bring together is bounded as each of them is."""
    return max(-MOST_POINTS, min(MOST_POINTS, points))


def require_answered(*, sort: Sort, answered: bool, over: bool) -> None:
    """A punishment comes into force after its subject has answered or let the time pass. Raises StillTimeToAnswer."""
    if sort is Sort.PUNISHMENT and not answered and not over:
        raise StillTimeToAnswer(N_("Wait for the answer, or until the time for it has passed."))


def require_other_hand(subject: str, made_by: Sequence[str | None]) -> None:
    """Raises OwnEntry."""
    if subject in made_by:
        raise OwnEntry(N_("You had a hand in this entry. Somebody else decides the appeal."))
