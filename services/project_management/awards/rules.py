"""Ranking by the reviews, and the decision that buys the most quality for the budget.

The decision is one function of plain values, `decide`, so that its trace can be run again at any time.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise
from math import gcd
from statistics import stdev
from typing import Any, Literal

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own, roles
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role

RANK = roles("awards.rank", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
DECIDE = office("awards.decide", Role.PROGRAMME_OFFICER)
READ = own(
    "awards.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    supervisors=(Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR),
)

RULE = "awards.knapsack"
VERSION = 1
PASS_MARK = Decimal(6)
"""Below six of ten an application is declined, whatever money is left."""
MOST = 200
"""Applications in one call that are decided exactly."""
SOLVE_SECONDS = 10.0
Outcome = Literal["funded", "reserve", "declined"]


_ONE_REVIEW = {
    "funded": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from 1 review. "
        "It belongs to the set with the highest total score that the budget allows."
    ),
    "declined": N_("Rank %(rank)s of %(number)s, mean %(mean)s of 10 from 1 review: below the pass mark of %(mark)s."),
    "displaced": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from 1 review. Good enough, but for the same money rank "
        "%(ranks)s brings more: with it the total score under the budget would be lower."
    ),
    "exhausted": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from 1 review. "
        "Good enough, but the budget is used up by better placed applications."
    ),
}
_REVIEWS = {
    "funded": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from %(reviews)s reviews. "
        "It belongs to the set with the highest total score that the budget allows."
    ),
    "declined": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from %(reviews)s reviews: below the pass mark of %(mark)s."
    ),
    "displaced": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from %(reviews)s reviews. Good enough, but for the same "
        "money rank %(ranks)s brings more: with it the total score under the budget would be lower."
    ),
    "exhausted": N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from %(reviews)s reviews. "
        "Good enough, but the budget is used up by better placed applications."
    ),
}
"""Why an application is where it is."""


class ReviewsOutstanding(Conflict):
    title = N_("Not every review is in")


class OverBudget(Conflict):
    title = N_("The awards pass the budget")


class TooMany(Conflict):
    title = N_("Too many applications to decide at once")


def _mean(scores: list[str]) -> Fraction:
    return sum((Fraction(score) for score in scores), Fraction(0)) / len(scores)


def _digits(value: Fraction | float | Decimal) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN))


def ranking(applications: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By mean score, best first; ties by the lower amount, then by id. Without any score: last, in that order.

    Takes and gives plain values; adds `rank`, `reviews`, `mean` and `sd` (two digits, None where there is none).
    """

    def key(one: dict[str, Any]) -> tuple[bool, Fraction, Decimal, str]:
        scores = one["scores"]
        return not scores, -_mean(scores) if scores else Fraction(0), Decimal(one["requested"]), one["id"]

    return [
        {
            **one,
            "rank": n,
            "reviews": len(one["scores"]),
            "mean": _digits(_mean(one["scores"])) if one["scores"] else None,
            "sd": _digits(stdev(Decimal(score) for score in one["scores"])) if len(one["scores"]) > 1 else None,
        }
        for n, one in enumerate(sorted(applications, key=key), 1)
    ]


def decide(inputs: dict[str, Any]) -> DecisionTrace:
    """Who is funded, held in reserve or declined, each with the reason.

    Raises TooMany, OverBudget when the officer's own choices pass the budget.
    """
    ranked = ranking(inputs["applications"])
    if len(ranked) > MOST:
        raise TooMany(
            S_(
                "This call has %(number)s applications; at most %(most)s are decided at once.",
                number=len(ranked),
                most=MOST,
            )
        )
    budget, mark = Decimal(inputs["budget"]), Fraction(inputs["pass_mark"])
    fit = [one for one in ranked if one["scores"] and _mean(one["scores"]) >= mark]
    chosen = best_set([_mean(one["scores"]) for one in fit], [Decimal(one["requested"]) for one in fit], budget)
    funded = {fit[i]["id"] for i in chosen}
    overrides = {one["application_id"]: one for one in inputs["overrides"]}
    items = []
    spent = Decimal(0)
    line = Decimal(0)
    for one in ranked:
        passed = one in fit
        outcome: Outcome = "funded" if one["id"] in funded else "reserve" if passed else "declined"
        reason = _reason(one, outcome, ranked, funded, inputs)
        if one["id"] in overrides:
            outcome = overrides[one["id"]]["outcome"]
            reason = S_("Decided by the programme officer: %(reason)s", reason=overrides[one["id"]]["reason"])
        line += Decimal(one["requested"])
        spent += Decimal(one["requested"]) if outcome == "funded" else Decimal(0)
        shown = {key: value for key, value in one.items() if key != "scores"}
        items.append({**shown, "outcome": outcome, "reason": reason, "above_line": passed and line <= budget})
    if spent > budget:
        raise OverBudget(
            S_(
                "These awards come to %(spent)s; the budget is %(budget)s.",
                spent=f"{spent:,.2f} {inputs['currency']}",
                budget=f"{budget:,.2f}",
            )
        )
    return DecisionTrace(
        rule=RULE,
        version=VERSION,
        inputs=inputs,
        clauses=tuple(
            Clause(
                rule=f"{RULE}.{'override' if item['id'] in overrides else item['outcome']}",
                outcome="yes" if item["outcome"] == "funded" else "no",
                reason=S_("“%(title)s”: %(reason)s", title=item["title"], reason=item["reason"]),
            )
            for item in items
        ),
        result={"items": items, "spent": str(spent), "left": str(budget - spent)},
    )


def best_set(scores: list[Fraction], amounts: list[Decimal], budget: Decimal) -> list[int]:
    """Positions of the affordable set with the highest total score; of equal ones the one that leans on better ranks.

    Exact (CP-SAT, one worker, fixed seed, so that it repeats). Scores count to four digits. Sums beyond what the
    solver's integers hold are counted in coarser units, amounts rounded up and the budget down.
    """
    n = len(scores)
    cents = [int(amount * 100) for amount in amounts]
    limit = int(budget * 100)
    unit = gcd(limit, *cents) or 1
    while sum(cents) // unit > 2**60:
        unit *= 10
    # Here, because it brings pandas along: two seconds of every start for what is asked once a call.
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    take = [model.new_bool_var(f"take_{i}") for i in range(n)]
    model.add(sum(-(-cents[i] // unit) * take[i] for i in range(n)) <= limit // unit)
    tie = n * (n + 1)
    model.maximize(sum((round(scores[i] * 10_000) * tie + n - i) * take[i] for i in range(n)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.catch_sigint_signal = False  # else Ctrl-C would end the platform unstopped ever after
    solver.parameters.max_time_in_seconds = SOLVE_SECONDS
    if n == 0:
        return []
    if solver.solve(model) != cp_model.OPTIMAL:
        raise TooMany(N_("The best set was not found in time. Split the call, or decide single applications yourself."))
    return [i for i in range(n) if solver.value(take[i])]


def _reason(
    one: dict[str, Any], outcome: Outcome, ranked: list[dict[str, Any]], funded: set[str], inputs: dict[str, Any]
) -> str:
    place = {"rank": one["rank"], "number": len(ranked), "mean": one["mean"]}
    if not one["scores"]:
        return S_("Rank %(rank)s of %(number)s: no review is in.", **place)
    # A whole sentence for each case, so that each can be said in another language.
    below = [str(other["rank"]) for other in ranked if other["id"] in funded and other["rank"] > one["rank"]]
    why = outcome if outcome != "reserve" else "displaced" if below else "exhausted"
    sentence = (_ONE_REVIEW if one["reviews"] == 1 else _REVIEWS)[why]
    return sentence % {**place, "reviews": one["reviews"], "mark": inputs["pass_mark"], "ranks": ", ".join(below)}


def best_first(items: list[dict[str, Any]]) -> bool:
    """Whether nobody funded stands below somebody held in reserve: then the simple line explains everything."""
    order = [item["outcome"] == "funded" for item in items if item["outcome"] != "declined"]
    return all(before or not after for before, after in pairwise(order))
