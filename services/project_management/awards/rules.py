"""Ranking by the reviews, and the decision that buys the most quality for the budget within the call's share limits.

The decision is one function of plain values, `decide`, so that its trace can be run again at any time. Version 1 knew
raw means only and no share limits; its traces, whose inputs name no version, still repeat. Version 3 adds the priority
points that the reward and punishment ledger gives or takes: beside the mean, in the order and in the choice. Version 4
lets the officer put an application at another place of the reserve list.
"""

from bisect import bisect_right
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import stdev
from typing import Any, Literal, NamedTuple

from services.project_management.awards.calibration import Scored, calibrated_means
from services.project_management.awards.knapsack import Knapsack, TooMany, limits_of
from services.project_management.awards.limits import digits, in_the_way, reached
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
VERSION = 4
PASS_MARK = Decimal(6)
"""Below six of ten an application is declined, whatever money is left."""
MOST = 5_000
"""Applications in one call that are decided at once: it takes a quarter of a minute of one core."""
NAMED = 10
"""Of the ranks that brought more for the same money so many are named."""
TASK_BOOK_WITHIN = timedelta(days=20)
"""After an award is granted: as long as the national science foundation's regulation gives its winners."""
REMIND_OF_BOOK = (timedelta(days=7), timedelta(0))
Outcome = Literal["funded", "reserve", "declined"]
Basis = Literal["raw", "calibrated"]
"""Which means a call is decided by."""

_PLACE = {
    ("raw", True): N_("Rank %(rank)s of %(number)s, mean %(mean)s of 10 from 1 review."),
    ("raw", False): N_("Rank %(rank)s of %(number)s, mean %(mean)s of 10 from %(reviews)s reviews."),
    ("calibrated", True): N_("Rank %(rank)s of %(number)s, calibrated mean %(mean)s of 10 from 1 review."),
    ("calibrated", False): N_("Rank %(rank)s of %(number)s, calibrated mean %(mean)s of 10 from %(reviews)s reviews."),
}
_DECLINED = {
    ("raw", True): N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from 1 review: below the pass mark of %(mark)s."
    ),
    ("raw", False): N_(
        "Rank %(rank)s of %(number)s, mean %(mean)s of 10 from %(reviews)s reviews: below the pass mark of %(mark)s."
    ),
    ("calibrated", True): N_(
        "Rank %(rank)s of %(number)s, calibrated mean %(mean)s of 10 from 1 review: below the pass mark of %(mark)s."
    ),
    ("calibrated", False): N_(
        "Rank %(rank)s of %(number)s, calibrated mean %(mean)s of 10 from %(reviews)s reviews: below the pass mark of "
        "%(mark)s."
    ),
}
_WHY = {
    "funded": N_("It belongs to the set with the highest total score that the budget allows."),
    "funded within": N_(
        "It belongs to the set with the highest total score that the budget and the share limits allow."
    ),
    "displaced": N_(
        "Good enough, but for the same money rank %(ranks)s brings more: with it the total score under the budget "
        "would be lower."
    ),
    "exhausted": N_("Good enough, but the budget is used up by better placed applications."),
    "limited": N_("Good enough, but a share limit stands in the way: %(limit)s"),
    "near": N_("It belongs to the best set that could be found within the budget and the share limits."),
    "beside": N_("Good enough, but not in the best set that could be found within the budget and the share limits."),
}
"""Why an application is where it is: its place, then the reason, each a whole sentence in any language."""


PANEL = {"fund": "funded", "conditions": "funded", "reserve": "reserve", "decline": "declined"}
"""What a panel recommends → the outcome it would come to."""


class PanelOutstanding(Conflict):
    title = N_("The panel has not closed its minutes")


class ReviewsOutstanding(Conflict):
    title = N_("Not every review is in")


class OverBudget(Conflict):
    title = N_("The awards pass the budget")


class OverLimit(Conflict):
    title = N_("The awards pass a share limit")


class NotCalibrated(Conflict):
    title = N_("The scores cannot be calibrated")


def _mean(scores: list[str]) -> Fraction:
    return sum((Fraction(score) for score in scores), Fraction(0)) / len(scores)


def by_standing(one: dict[str, Any]) -> Fraction:
    """The priority points of an application; none before version 3."""
    return Fraction(one.get("standing", {}).get("points", "0"))


def adjusted(applications: list[dict[str, Any]], means: dict[str, Fraction], mark: Fraction) -> dict[str, Fraction]:
    """The means with the priority points of standing. They order what reaches the pass mark and do nothing else: they
    lift nobody over it and sink nobody below it, for quality is the experts' to judge."""
    return {
        one["id"]: max(mean + by_standing(one), mark) if mean >= mark else mean
        for one in applications
        if (mean := means.get(one["id"])) is not None
    }


def points(mean: Fraction) -> str:
    """A mean as it is shown; a calibrated one may pass the ends of the scale by a little."""
    return digits(min(max(mean, Fraction(0)), Fraction(10)))


def given(one: dict[str, Any]) -> list[str]:
    """The totals of an application's reviews."""
    return one["scores"] if "scores" in one else [review["score"] for review in one["given"]]


def raw_means(applications: list[dict[str, Any]]) -> dict[str, Fraction]:
    """Of every application that has a review."""
    return {one["id"]: _mean(given(one)) for one in applications if given(one)}


def scored(applications: list[dict[str, Any]]) -> list[Scored]:
    """Their reviews as calibration wants them."""
    return [Scored(one["id"], review["reviewer"], review["score"]) for one in applications for review in one["given"]]


def ranking(applications: list[dict[str, Any]], means: dict[str, Fraction] | None = None) -> list[dict[str, Any]]:
    """By mean score, best first; ties by the lower amount, then by id. Without any score: last, in that order.

    Takes and gives plain values; adds `rank`, `reviews`, `mean` and `sd` (two digits, None where there is none).
    `means`: what to rank by, the raw means if nothing is given.
    """
    known = raw_means(applications) if means is None else means

    def key(one: dict[str, Any]) -> tuple[bool, Fraction, Decimal, str]:
        return one["id"] not in known, -known.get(one["id"], Fraction(0)), Decimal(one["requested"]), one["id"]

    return [
        {
            **one,
            "rank": n,
            "reviews": len(given(one)),
            "mean": points(known[one["id"]]) if one["id"] in known else None,
            "sd": digits(stdev(Decimal(score) for score in given(one))) if len(given(one)) > 1 else None,
        }
        for n, one in enumerate(sorted(applications, key=key), 1)
    ]


class Case(NamedTuple):
    """What a decision weighs: the applications by rank, of which the first `fit` reach the pass mark."""

    off: str
    raw: dict[str, Fraction]
    calibrated: dict[str, Fraction]
    means: dict[str, Fraction]
    ranked: list[dict[str, Any]]
    fit: int
    problem: Knapsack


def case_of(inputs: dict[str, Any]) -> Case:
    """Raises TooMany, NotCalibrated."""
    version, basis = inputs.get("version", 1), inputs.get("scores", "raw")
    applications = inputs["applications"]
    if len(applications) > MOST:
        raise TooMany(
            S_(
                "This call has %(number)s applications; at most %(most)s are decided at once.",
                number=len(applications),
                most=MOST,
            )
        )
    raw = raw_means(applications)
    off, calibrated = calibrated_means(scored(applications)) if version > 1 else ("", raw)
    if off and basis == "calibrated":
        raise NotCalibrated(off)
    judged = calibrated if basis == "calibrated" else raw
    budget, mark = Decimal(inputs["budget"]), Fraction(inputs["pass_mark"])
    means = adjusted(applications, judged, mark)
    ranked = [
        one | {"mean": points(judged[one["id"]]) if one["id"] in judged else None}
        for one in ranking(applications, means)
    ]
    fit = sum(one["id"] in means and means[one["id"]] >= mark for one in ranked)
    problem = problem_of(ranked, means, budget, inputs.get("portfolio", []), fit)
    return Case(off, raw, calibrated, means, ranked, fit, problem)


def decide(inputs: dict[str, Any]) -> DecisionTrace:
    """Who is funded, held in reserve or declined, each with the reason.

    Raises TooMany, NotCalibrated; OverBudget and OverLimit when the officer's own choices pass the budget or a limit.
    """
    version, basis = inputs.get("version", 1), inputs.get("scores", "raw")
    off, raw, calibrated, means, ranked, fit, problem = case_of(inputs)
    budget = Decimal(inputs["budget"])
    chosen = problem.best()
    funded = {ranked[i]["id"] for i in chosen}
    limited = {} if problem.gap else in_the_way(problem, chosen)
    funded_ranks = [one["rank"] for one in ranked if one["id"] in funded]
    overrides = {one["application_id"]: one for one in inputs["overrides"]}
    items = []
    spent = Decimal(0)
    line = Decimal(0)
    for n, one in enumerate(ranked):
        passed = n < fit
        outcome: Outcome = "funded" if one["id"] in funded else "reserve" if passed else "declined"
        below = [str(rank) for rank in funded_ranks[bisect_right(funded_ranks, one["rank"]) :]]
        if version > 1 and len(below) > NAMED:
            below = [*below[:NAMED], "…"]
        reason = _reason(one, outcome, len(ranked), below, inputs, limited.get(n), near=bool(problem.gap))
        if one["id"] in overrides:
            outcome = overrides[one["id"]]["outcome"]
            reason = S_("Decided by the programme officer: %(reason)s", reason=overrides[one["id"]]["reason"])
        line += Decimal(one["requested"])
        spent += Decimal(one["requested"]) if outcome == "funded" else Decimal(0)
        shown = {key: value for key, value in one.items() if key not in ("scores", "given", "traits", "standing")}
        if version > 1:
            shown |= {
                "raw": points(raw[one["id"]]) if one["id"] in raw else None,
                "calibrated": None if off or one["id"] not in calibrated else points(calibrated[one["id"]]),
            }
        if version > 2:
            shown |= {
                "points": one["standing"]["points"],
                "score": points(means[one["id"]]) if one["id"] in means else None,
            }
        items.append({**shown, "outcome": outcome, "reason": reason, "above_line": passed and line <= budget})
    if spent > budget:
        raise OverBudget(
            S_(
                "These awards come to %(spent)s; the budget is %(budget)s.",
                spent=f"{spent:,.2f} {inputs['currency']}",
                budget=f"{budget:,.2f}",
            )
        )
    items = placed(items, inputs["overrides"])
    limits = reached(problem, [n for n, item in enumerate(items) if item["outcome"] == "funded"])
    for one in limits:
        if one.pop("ceiling") and not one["holds"]:
            raise OverLimit(" ".join((one["limit"], one["reached"])))
    return DecisionTrace(
        rule=RULE,
        version=version,
        inputs=inputs,
        clauses=(
            *(
                Clause(
                    rule=f"{RULE}.{'override' if item['id'] in overrides else item['outcome']}",
                    outcome="yes" if item["outcome"] == "funded" else "no",
                    reason=S_("“%(title)s”: %(reason)s", title=item["title"], reason=item["reason"]),
                )
                for item in items
            ),
            *_standing(inputs["applications"]),
            *_gap(problem),
            *(
                Clause(
                    rule=f"{RULE}.limit",
                    outcome="yes" if one["holds"] else "no",
                    reason=" ".join(part for part in (one["limit"], one["reached"], one["note"]) if part),
                )
                for one in limits
            ),
        ),
        result={"items": items, "spent": str(spent), "left": str(budget - spent)}
        | ({"gap": str(problem.gap)} if problem.gap else {})
        | ({"scores": basis, "calibration": off, "limits": limits} if version > 1 else {}),
    )


def placed(items: list[dict[str, Any]], overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items with their `place` on the reserve list, where the officer put one of them elsewhere than by rank."""
    wanted = {one["application_id"]: one["place"] for one in overrides if one.get("place")}
    waiting = [item["id"] for item in items if item["outcome"] == "reserve"]
    by_hand = sorted((id for id in waiting if id in wanted), key=lambda id: wanted[id])
    if not by_hand:
        return items
    order = [id for id in waiting if id not in wanted]
    for id in by_hand:
        order.insert(wanted[id] - 1, id)
    at = {id: n for n, id in enumerate(order, 1)}
    return [item | ({"place": at[item["id"]]} if item["id"] in at else {}) for item in items]


def problem_of(
    ranked: list[dict[str, Any]], means: dict[str, Fraction], budget: Decimal, portfolio: list[dict[str, str]], fit: int
) -> Knapsack:
    """The ranked applications as a problem; the first `fit` of them may be funded."""
    return Knapsack(
        [means.get(one["id"], Fraction(0)) for one in ranked],
        [Decimal(one["requested"]) for one in ranked],
        budget,
        limits_of(portfolio, [one["traits"] for one in ranked]) if portfolio else (),
        fit,
    )


def _standing(applications: list[dict[str, Any]]) -> list[Clause]:
    """Each application that the ledger gave or took points, with the rules by which it did."""
    return [
        Clause(
            rule=f"{RULE}.standing",
            outcome="yes" if by_standing(one) > 0 else "no",
            reason=_points_by(one),
        )
        for one in applications
        if by_standing(one)
    ]


def _points_by(one: dict[str, Any]) -> str:
    """The rules are those of entries that every reader of the ranking may know of; there may be none."""
    told = {"title": one["title"], "points": one["standing"]["points"]}
    if not one["standing"]["rules"]:
        return S_("“%(title)s”: %(points)s priority points by the ledger.", **told)
    rules = ", ".join(one["standing"]["rules"])
    return S_("“%(title)s”: %(points)s priority points by %(rules)s.", **told, rules=rules)


def _gap(problem: Knapsack) -> list[Clause]:
    """What is to be said when the set is not known to be the best."""
    if not problem.gap:
        return []
    reason = S_(
        "So many applications could not be compared to the end: the total score of the set found is at most "
        "%(gap)s %% below the highest there could be.",
        gap=problem.gap,
    )
    return [Clause(rule=f"{RULE}.gap", outcome="unknown", reason=reason)]


def _reason(
    one: dict[str, Any],
    outcome: Outcome,
    number: int,
    below: list[str],
    inputs: dict[str, Any],
    limit: str | None,
    *,
    near: bool,
) -> str:
    """`below`: ranks that are funded though they come after this one; `near`: the set need not be the very best."""
    place = {"rank": one["rank"], "number": number, "mean": one["mean"], "reviews": one["reviews"]}
    told = S_("Standing: %(points)s points.", points=one["standing"]["points"]) + " " if by_standing(one) else ""
    if not one["reviews"]:
        return S_("Rank %(rank)s of %(number)s: no review is in.", rank=one["rank"], number=number)
    case = inputs.get("scores", "raw"), one["reviews"] == 1
    if outcome == "declined":
        return _DECLINED[case] % {**place, "mark": inputs["pass_mark"]}
    if near:
        why = "near" if outcome == "funded" else "beside"
    elif outcome == "funded":
        why = "funded within" if inputs.get("portfolio") else "funded"
    else:
        why = "limited" if limit else "displaced" if below else "exhausted"
    return f"{_PLACE[case] % place} {told}{_WHY[why] % {'ranks': ', '.join(below), 'limit': limit}}"


def against_panel(items: list[dict[str, Any]], recommended: dict[str, str]) -> list[str]:
    """Titles of applications whose outcome differs from what the panel recommends (application → recommendation)."""
    return [
        one["title"] for one in items if one["id"] in recommended and PANEL[recommended[one["id"]]] != one["outcome"]
    ]


def best_first(items: list[dict[str, Any]]) -> bool:
    """Whether nobody funded stands below somebody held in reserve: then the simple line explains everything."""
    order = [item["outcome"] == "funded" for item in items if item["outcome"] in ("funded", "reserve")]
    return all(before or not after for before, after in pairwise(order))
