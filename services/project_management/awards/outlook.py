"""How sure a ranking is and what the next award would cost: advice beside the decision, computed from its inputs.

Pure, and the same each time. It is no part of the decision's trace: what was decided stays as it was when advice is
worded or drawn otherwise one day.
"""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from services.project_management.awards import rules
from services.project_management.awards.calibration import Calibration, Estimate, Scored, calibrate, calibrated_means
from services.project_management.awards.knapsack import Knapsack, TooMany
from services.project_management.awards.mixed_model import Floats
from shared.kernel.marks import N_

SETS = 5_000
"""Applications times draws for which a best set is sought: 100 draws up to 50 applications, 25 at 200."""
MOST_DRAWS = 100
JOINERS = 5
"""First so many of the reserve list for which the best sets under larger budgets are sought."""
JOINED_AMONG = 60
LIMITED_AMONG = 20
"""Fit applications, without and with share limits, beyond which they are not: it would take seconds for each."""
NOT_WORTH = -100_000
"""Of an application below the pass mark, as against scores in thousandths."""


def outlook(inputs: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """Both means of every application with 95 % intervals, of the mean and of the rank, and the share of draws in which
    it is funded; the reviewers' harshness and scale; and the extra budget that brings in each that is not funded.

    `items`: of the decision or proposal, by rank.
    """
    applications = inputs["applications"]
    told_apart = inputs.get("version", 1) > 1
    scores = rules.scored(applications) if told_apart else _alone(applications)
    found = calibrate(scores)
    judged = {one.id: one for one in found.applications}
    stays = {side: _stays(inputs, found, side) for side in ("raw", "calibrated")}
    extras = _extras(inputs, items)
    return {
        "off": found.off
        if told_apart
        else N_("Calibration is off: this decision was recorded before reviewers were told apart."),
        "reviewers": [
            {
                "reviewer": one.id,
                "reviews": one.reviews,
                "harshness": _two(one.harshness),
                "low": _two(one.interval[0]),
                "high": _two(one.interval[1]),
                "scale": _two(one.scale),
            }
            for one in found.reviewers
        ],
        "applications": {
            item["id"]: {
                "raw": _estimate(judged[item["id"]].raw, stays["raw"].get(item["id"]))
                if item["id"] in judged
                else None,
                "calibrated": _estimate(calibrated, stays["calibrated"].get(item["id"]))
                if item["id"] in judged and (calibrated := judged[item["id"]].calibrated)
                else None,
                "extra": extras.get(item["id"]),
            }
            for item in items
        },
    }


def _alone(applications: list[dict[str, Any]]) -> list[Scored]:
    """Scores of a decision that kept no reviewers: as if each had another one."""
    return [
        Scored(one["id"], f"{one['id']} {n}", score) for one in applications for n, score in enumerate(rules.given(one))
    ]


def _stays(inputs: dict[str, Any], found: Calibration, side: str) -> dict[str, float]:
    """Share of draws in which each application belongs to the best set, by the rule the call is decided with."""
    draws: Floats | None = getattr(found, f"{side}_draws")
    if draws is None:
        return {}
    judged = {one.id: (one.raw if side == "raw" else one.calibrated or one.raw).mean for one in found.applications}
    means = rules.adjusted(inputs["applications"], judged, Fraction(inputs["pass_mark"]))
    ranked = rules.ranking([one for one in inputs["applications"] if one["id"] in means], means)
    added = [float(rules.by_standing(one)) for one in ranked]
    problem = _problem(inputs, ranked, means, len(ranked))
    column = {one.id: n for n, one in enumerate(found.applications)}
    order = [column[one["id"]] for one in ranked]
    number = min(MOST_DRAWS, max(SETS // len(order), 1), len(draws))
    # Draws come sorted by how much reviewers differ, so they are taken at even distances.
    taken = draws[np.linspace(0, len(draws) - 1, number).astype(int)][:, order]
    mark, hits = float(Fraction(inputs["pass_mark"])), np.zeros(len(order))
    for drawn in taken:
        worth = [
            round(max(value + more, mark) * 1_000) if value >= mark else NOT_WORTH
            for value, more in zip(drawn.tolist(), added, strict=True)
        ]
        with suppress(TooMany):
            hits[[i for i in problem.good(worth) if worth[i] > 0]] += 1
    return {one["id"]: float(hits[i] / number) for i, one in enumerate(ranked)}


def _extras(inputs: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each item that is not funded: `added`, the extra budget that adds it to the funded ones, and `chosen`, a
    smaller one with which the rule would choose it, others giving way; or the reason why no budget helps."""
    mark = Fraction(inputs["pass_mark"])
    means = _means(inputs, items)
    by_id = {one["id"]: one for one in inputs["applications"]}
    ranked = [by_id[item["id"]] for item in items]
    fit = sum(means.get(one["id"], Fraction(-1)) >= mark for one in ranked)
    problem = _problem(inputs, ranked, means, fit)
    funded = [n for n, item in enumerate(items) if item["outcome"] == "funded"]
    chosen_by_rule = sorted(problem.best()) == funded
    among = LIMITED_AMONG if problem.limits else JOINED_AMONG
    found, joiners = {}, JOINERS if chosen_by_rule and fit <= among else 0
    for n, item in enumerate(items):
        if item["outcome"] == "funded":
            continue
        added = problem.extra_to_add(n, funded) if n < fit else None
        chosen = None
        if n < fit and joiners:
            joiners -= 1
            with suppress(TooMany):
                chosen = problem.extra_to_join(n, added)
        reason = ""
        if n >= fit:
            reason = N_("Below the pass mark: no budget brings it in.")
        elif added is None and chosen is None:
            reason = N_("A limit on the number of awards stands in the way: no budget brings it in.")
        found[item["id"]] = {"added": added, "chosen": chosen if chosen != added else None, "reason": reason}
    return found


def _means(inputs: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Fraction]:
    """What the items are ranked by."""
    applications = inputs["applications"]
    if inputs.get("scores", "raw") == "calibrated":
        judged = calibrated_means(rules.scored(applications))[1]
    else:
        judged = rules.raw_means(applications)
    return rules.adjusted(applications, judged, Fraction(inputs["pass_mark"]))


def _problem(inputs: dict[str, Any], ranked: list[dict[str, Any]], means: dict[str, Fraction], fit: int) -> Knapsack:
    return rules.problem_of(ranked, means, Decimal(inputs["budget"]), inputs.get("portfolio", []), fit)


def _estimate(found: Estimate, stays: float | None) -> dict[str, Any]:
    return {
        "mean": float(rules.points(found.mean)),
        "low": _two(found.interval[0]) if found.interval else None,
        "high": _two(found.interval[1]) if found.interval else None,
        "best_rank": found.ranks[0] if found.ranks else None,
        "worst_rank": found.ranks[1] if found.ranks else None,
        "stays": stays,
    }


def _two(value: float) -> float:
    return round(value, 2) + 0.0
