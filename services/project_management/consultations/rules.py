"""Expert consultation on a requirement: who may be asked, and what priority follows from what they say.

The priority is one function of plain values, `prioritise`, so that its trace can be run again at any time.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from services.project_management.requirements.rules import OVERSEERS, Priority, Urgency
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, roles
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role, SecurityLabel

READ = roles("consultations.read", *OVERSEERS)
CONSULT = roles("consultations.run", Role.PROGRAMME_OFFICER)
ANSWER = Policy("consultations.answer", roles=frozenset({Role.REVIEWER}), scope=Scope.PERSON)
"""An opinion is asked of one person."""

OPINION_TIME = timedelta(days=14)
FORMER_EMPLOYER_YEARS = 3
"""Who left an organisation less than three years ago is still close to it."""

RULE = "requirements.priority"
VERSION = 1
URGENCY_POINTS, OPINION_POINTS, DEMAND_POINTS = 30, 50, 20
"""What each part may weigh, of 100."""
STEPS = {Urgency.LONG_TERM: 0, Urgency.MEDIUM_TERM: 1, Urgency.SHORT_TERM: 2, Urgency.IMMEDIATE: 3}
ENOUGH_RATINGS = 3
PRIOR = 2
"""As many ratings in the middle of the scale (3) are added: a single enthusiast does not decide."""
MOST_ORGANISATIONS = 5
"""More of them add nothing."""
HIGH, MEDIUM = Fraction(60), Fraction(35)
"""Points from which a priority is high, or medium."""

_URGENCY = {
    Urgency.LONG_TERM: N_("It can wait five years or more: %(points)s of %(most)s points."),
    Urgency.MEDIUM_TERM: N_("It is wanted within five years: %(points)s of %(most)s points."),
    Urgency.SHORT_TERM: N_("It is wanted within two years: %(points)s of %(most)s points."),
    Urgency.IMMEDIATE: N_("It is wanted within a year: %(points)s of %(most)s points."),
}


def barred(expert: dict[str, Any], about: dict[str, Any]) -> str:
    """Why this expert is not asked, as a sentence; empty when nothing is known against it.

    `about`: organisations ({id: name} of all that ask), author (subject), label, as_of (date), recused
    ({expert id: reason}).
    """
    names, as_of = about["organisations"], about["as_of"]
    for job in expert["employers"]:
        name = names.get(job["organisation_id"])
        if name is None or (job["since"] and date.fromisoformat(job["since"]) > as_of):
            continue
        if job["until"] is None or date.fromisoformat(job["until"]) > as_of:
            return S_("Works for %(name)s, which asks for this.", name=name)
        if date.fromisoformat(job["until"]) > as_of - timedelta(days=365 * FORMER_EMPLOYER_YEARS):
            return S_(
                "Worked for %(name)s, which asks for this, until %(until)s: less than three years ago.",
                name=name,
                until=job["until"],
            )
    for organisation_id in expert["acts_for"]:
        if organisation_id in names:
            return S_("Holds a role for %(name)s, which asks for this.", name=names[organisation_id])
    if expert["subject"] == about["author"]:
        return N_("Wrote this requirement.")
    if str(expert["id"]) in about["recused"]:
        return S_("Stepped aside: %(reason)s", reason=about["recused"][str(expert["id"])])
    if not SecurityLabel(about["label"]).readable_with(SecurityLabel(expert["clearance"])):
        return S_(
            "Is cleared up to %(clearance)s; the requirement is %(label)s.",
            clearance=expert["clearance"],
            label=about["label"],
        )
    return ""


def knows(field: str, fields: list[str]) -> bool:
    """Whether the expert works in the requirement's own field."""
    return any(one.casefold().strip() == field.casefold().strip() for one in fields)


def prioritise(inputs: dict[str, Any]) -> DecisionTrace:
    """Points for urgency, for what experts say and for how many ask; the priority that follows, or the officer's own.

    `inputs`: urgency; ratings ([{importance, feasibility}], 1 to 5); organisations (how many ask); chosen
    ({priority, reason} or None).
    """
    steps = STEPS[Urgency(inputs["urgency"])]
    urgency = Fraction(URGENCY_POINTS * steps, max(STEPS.values()))
    opinion = _opinion(inputs["ratings"])
    asking = min(inputs["organisations"], MOST_ORGANISATIONS)
    demand = Fraction(DEMAND_POINTS * max(asking - 1, 0), MOST_ORGANISATIONS - 1)
    score = urgency + opinion + demand
    computed = Priority.HIGH if score >= HIGH else Priority.MEDIUM if score >= MEDIUM else Priority.LOW
    clauses = [
        Clause(
            rule=f"{RULE}.urgency",
            outcome="yes" if steps >= STEPS[Urgency.SHORT_TERM] else "no",
            reason=_URGENCY[Urgency(inputs["urgency"])] % {"points": _digits(urgency), "most": URGENCY_POINTS},
        ),
        _rated(inputs["ratings"], opinion),
        _demanded(inputs["organisations"], demand),
        Clause(
            rule=f"{RULE}.band",
            outcome="yes",
            reason=S_(
                "Together %(score)s of 100 points: priority %(priority)s. High from %(high)s, medium from %(medium)s.",
                score=_digits(score),
                priority=computed.value,
                high=HIGH,
                medium=MEDIUM,
            ),
        ),
    ]
    chosen = inputs["chosen"]
    if chosen:
        reason = S_(
            "The programme officer set the priority %(priority)s: %(reason)s",
            priority=chosen["priority"],
            reason=chosen["reason"],
        )
        clauses.append(Clause(rule=f"{RULE}.officer", outcome="yes", reason=reason))
    result = {
        "score": _digits(score),
        "computed": computed.value,
        "priority": chosen["priority"] if chosen else computed.value,
    }
    return DecisionTrace(rule=RULE, version=VERSION, inputs=inputs, clauses=tuple(clauses), result=result)


def _mean(ratings: list[dict[str, int]], name: str, prior: int = 0) -> Fraction:
    """Of 1 to 5, with `prior` ratings of 3 added."""
    return Fraction(sum(one[name] for one in ratings) + 3 * prior, len(ratings) + prior)


def _opinion(ratings: list[dict[str, int]]) -> Fraction:
    """Importance weighs three fifths, feasibility two; 1 is no point, 5 is all of them."""
    mean = (3 * _mean(ratings, "importance", PRIOR) + 2 * _mean(ratings, "feasibility", PRIOR)) / 5
    return (mean - 1) * OPINION_POINTS / 4


def _rated(ratings: list[dict[str, int]], points: Fraction) -> Clause:
    rule = f"{RULE}.opinions"
    shown = {"points": _digits(points), "most": OPINION_POINTS}
    if not ratings:
        return Clause(
            rule=rule,
            outcome="unknown",
            reason=S_("No expert has rated it, so it counts as middling: %(points)s of %(most)s points.", **shown),
            remedy=N_("Wait for the experts, or ask others."),
        )
    shown |= {
        "number": len(ratings),
        "importance": _digits(_mean(ratings, "importance")),
        "feasibility": _digits(_mean(ratings, "feasibility")),
    }
    if len(ratings) < ENOUGH_RATINGS:
        return Clause(
            rule=rule,
            outcome="unknown",
            reason=S_(
                "Ratings: %(number)s, fewer than three. Importance %(importance)s, feasibility %(feasibility)s of 5, "
                "drawn towards the middle: %(points)s of %(most)s points.",
                **shown,
            ),
            remedy=N_("Ask more experts."),
        )
    return Clause(
        rule=rule,
        outcome="yes" if points * 2 >= OPINION_POINTS else "no",
        reason=S_(
            "Ratings: %(number)s. Importance %(importance)s, feasibility %(feasibility)s of 5: "
            "%(points)s of %(most)s points.",
            **shown,
        ),
    )


def _demanded(organisations: int, points: Fraction) -> Clause:
    rule = f"{RULE}.demand"
    if organisations < 2:
        return Clause(
            rule=rule,
            outcome="no",
            reason=S_("One organisation asks for it: %(points)s of %(most)s points.", points="0", most=DEMAND_POINTS),
        )
    return Clause(
        rule=rule,
        outcome="yes",
        reason=S_(
            "%(number)s organisations ask for the same: %(points)s of %(most)s points.",
            number=organisations,
            points=_digits(points),
            most=DEMAND_POINTS,
        ),
    )


def _digits(value: Fraction) -> str:
    """One digit after the point, without a bare zero there."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    return str(rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded)
