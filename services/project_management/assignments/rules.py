"""Who may review what, who knows it best, and the best assignment under hard limits.

The whole decision is one function of plain values, `assign`, so that its trace can be run again at any time.
"""

import hashlib
from collections import defaultdict
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from services.project_management.assignments import bidding, by_hand, counted, flow, lottery, matching, spread
from services.project_management.assignments.certificate import certificate, too_low
from services.project_management.assignments.conflicts import Conflicts, conflicts
from services.project_management.assignments.ties import KINDS as TIES
from services.project_management.calls.terms import CallTerms
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, roles
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role

ASSIGN = office("assignments.make", Role.PROGRAMME_OFFICER)
READ = roles("assignments.read", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)

RULE = "assignments.min_cost_flow"
VERSION, BEFORE_TIES, BEFORE_BIDS = 5, 4, 3
"""3: affinity from texts, in the inputs as numbers; a bound on any pair's probability; ties spread over experts.
4: experts' bids count; at most so many reviewers of an application from one organisation or region.
5: what ties experts to the people of applications; what is set aside is so kind by kind."""
LOTS = 1000
NAMED = 150
"""Thousandths of affinity that an expert gains whom somebody who declined has named: the decliner knows both, and says
no more than that."""


@dataclass(frozen=True, slots=True)
class ConflictPolicy:
    """How many years back each kind of conflict looks; 0: not at all. The defaults hold where a call sets none."""

    former_employer_years: int = 3
    co_applicant_years: int = 3
    co_inventor_years: int = 3
    reciprocal_years: int = 3
    supervision_years: int = 10
    """After its end, as the two after it; what was declared without an end lasts."""
    close_years: int = 3

    @classmethod
    def of(cls, terms: CallTerms) -> "ConflictPolicy":
        """What a call sets."""
        return cls(**{one.name: getattr(terms, one.name) for one in fields(cls)})

    @classmethod
    def stored(cls, terms: dict[str, Any]) -> "ConflictPolicy":
        """What the row of a call holds. One that was closed before there were ties looks back for them not at all."""
        policy = cls.of(CallTerms.of(terms))
        if terms.get("ties", True):
            return policy
        return cls(former_employer_years=policy.former_employer_years, **{f"{kind}_years": 0 for kind in TIES})

    def as_inputs(self) -> dict[str, int]:
        """For a trace."""
        return asdict(self)


POLICY = ConflictPolicy()


class NoAssignment(Conflict):
    title = N_("The reviews cannot be assigned under these limits")


class OwnApplication(Conflict):
    title = N_("You belong to an organisation that applied")


def assign(inputs: dict[str, Any]) -> DecisionTrace:
    """The best assignment in which every application gets its reviewers and no expert exceeds a cap; or, when there is
    none, the certificate that says what is missing and what would help.

    `mode` "total" looks for the highest total affinity, "fair" lifts the worst-off application first. With a `bound`
    below 100 no pair is likelier than so many percent: the assignment is drawn by lot with the best probabilities.
    Inputs without affinities are those of version 2, those without bids of version 3; those that name who is given are
    of a change by hand.
    """
    if "give" in inputs:
        return by_hand.adjust(inputs)
    if "affinities" not in inputs:
        return _counted(inputs)
    applications, experts = inputs["applications"], inputs["experts"]
    place = {one["id"]: i for i, one in enumerate(applications)}
    seat = {one["id"]: j for j, one in enumerate(experts)}
    listed = _listed(inputs, place, seat)
    known = Conflicts(inputs)
    # In a call of common size every conflict is shown, also of experts whose works are far from the application.
    every = len(applications) * len(experts) <= matching.ALL_PAIRS
    barred = [known.of(i) if every else known.of(i, row.keys()) for i, row in enumerate(listed)]
    kept: dict[int, set[int]] = defaultdict(set)
    for one in inputs["kept"]:
        if one["expert_id"] in seat:
            kept[place[one["application_id"]]].add(seat[one["expert_id"]])

    def apart(i: int) -> set[int]:
        return {seat[one["expert_id"]] for one in known.of(i)} | kept[i]

    needs, rooms = _limits(inputs)
    given = _problem(needs, rooms, listed, [{seat[one["expert_id"]] for one in row} for row in barred], kept, inputs)
    groups = spread.Groups(inputs)
    given = replace(given, spreads=groups.spreads)
    given, chosen = matching.settle(given, apart)
    short = _short(given, chosen)
    result = _result(short, [one for row in barred for one in row])
    if any(short):
        lacking, _ = flow.bottleneck(given, chosen)
        result["certificate"] = certificate(
            inputs, given, chosen, [one for i in lacking for one in known.of(i)], groups
        )
    elif inputs["bound"] < lottery.WHOLE:
        given, chosen, short = _by_lot(inputs, given, chosen, apart, known, result)
    elif inputs["mode"] == "fair":
        chosen = flow.fair(given)
    if result["feasible"]:
        met = [
            (applications[i]["id"], experts[j]["id"], listed[i].get(j, 0))
            for i, j in zip(given.first[chosen].tolist(), given.second[chosen].tolist(), strict=True)
        ]
        for one in inputs["kept"]:
            a, e = one["application_id"], one["expert_id"]
            met.append((a, e, listed[place[a]].get(seat.get(e, -1), 0)))
        result["assignments"] = [
            {"application_id": a, "expert_id": e, "affinity": (fit + 5) // 10} for a, e, fit in sorted(met)
        ]
        result["total"] = sum(fit for _, _, fit in met)
    version = VERSION if "policy" in inputs else BEFORE_TIES if "bids" in inputs else BEFORE_BIDS
    clauses = (*bidding.clauses(inputs), *spread.clauses(inputs), *_clauses(inputs, result, short))
    return DecisionTrace(rule=RULE, version=version, inputs=inputs, clauses=clauses, result=result)


def _counted(inputs: dict[str, Any]) -> DecisionTrace:
    """Version 2: all pairs, affinity counted from fields."""
    applications, experts = inputs["applications"], inputs["experts"]
    barred = conflicts(inputs)
    kept = [(one["application_id"], one["expert_id"]) for one in inputs["kept"]]
    excluded = {(one["application_id"], one["expert_id"]) for one in barred} | set(kept)
    fits = counted.fits(inputs)
    needs, rooms = _limits(inputs)
    given = flow.problem(
        needs,
        rooms,
        [
            (i, j, fits[a["id"], e["id"]] / 100, _draw(inputs["seed"], a["id"], e["id"]))
            for i, a in enumerate(applications)
            for j, e in enumerate(experts)
            if (a["id"], e["id"]) not in excluded
        ],
    )
    chosen = flow.most(given)
    short = _short(given, chosen)
    result = _result(short, barred)
    if any(short):
        result["certificate"] = certificate(inputs, given, chosen, barred, spread.Groups(inputs))
    else:
        if inputs["mode"] == "fair":
            chosen = flow.fair(given)
        met = zip(given.first[chosen].tolist(), given.second[chosen].tolist(), strict=True)
        pairs = [(applications[i]["id"], experts[j]["id"]) for i, j in met]
        result["assignments"] = [
            {"application_id": a, "expert_id": e, "affinity": fits.get((a, e), 0)} for a, e in sorted([*pairs, *kept])
        ]
    clauses = tuple(_clauses(inputs, result, short))
    return DecisionTrace(rule=RULE, version=counted.VERSION, inputs=inputs, clauses=clauses, result=result)


def _result(short: list[int], barred: list[dict[str, Any]]) -> dict[str, Any]:
    return {"feasible": not any(short), "conflicts": barred, "assignments": [], "certificate": None}


def _short(given: flow.Problem, chosen: flow.Flags) -> list[int]:
    return [int(one) for one in given.needs - np.bincount(given.first[chosen], minlength=len(given.needs))]


def _limits(inputs: dict[str, Any]) -> tuple[list[int], list[int]]:
    """What applications still need and experts can still give, beside what is kept."""
    done: dict[str, int] = defaultdict(int)
    for one in inputs["kept"]:
        done[one["application_id"]] += 1
        done[one["expert_id"]] += 1
    return (
        [max(0, by_hand.wanted(inputs, one["id"]) - done[one["id"]]) for one in inputs["applications"]],
        [max(0, one["cap"] - done[one["id"]]) for one in inputs["experts"]],
    )


def _listed(inputs: dict[str, Any], place: dict[str, int], seat: dict[str, int]) -> list[dict[int, int]]:
    """As bids leave them (`bidding.weighed`), with whom somebody who declined has named."""
    listed = bidding.weighed(inputs)
    for one in inputs["named"]:
        i, j = place.get(one["application_id"]), seat.get(one["expert_id"])
        if i is not None and j is not None:
            listed[i][j] = min(1000, listed[i].get(j, 0) + NAMED)
    return listed


def _problem(
    needs: list[int],
    rooms: list[int],
    listed: list[dict[int, int]],
    barred: list[set[int]],
    kept: dict[int, set[int]],
    inputs: dict[str, Any],
) -> flow.Problem:
    rows = [[j for j in sorted(row) if j not in barred[i] and j not in kept[i]] for i, row in enumerate(listed)]
    first = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    # RandomState, whose stream NumPy keeps for good: a trace is run again years later.
    lots = np.random.RandomState(inputs["seed"]).random_sample(len(first)) * LOTS
    return flow.Problem(
        np.array(needs, dtype=np.int64),
        np.array(rooms, dtype=np.int64),
        first,
        np.array([j for row in rows for j in row], dtype=np.int64),
        np.array([listed[i][j] for i, row in enumerate(rows) for j in row], dtype=np.float64) / 1000,
        lots.astype(np.int64),
        scale=1000,
        spread=LOTS,
    )


def _by_lot(
    inputs: dict[str, Any],
    given: flow.Problem,
    chosen: flow.Flags,
    apart: matching.Apart,
    known: Conflicts,
    result: dict[str, Any],
) -> tuple[flow.Problem, flow.Flags, list[int]]:
    """Drawn under the bound, or the certificate that says which bound would do. Reviews are spread, ties are not drawn
    twice."""
    best = float(given.weights[chosen].sum()) * 1000
    given = replace(given, ties=None, spread=1)
    chance = lottery.chances(given, inputs["bound"])
    if chance.sum() < given.needs.sum() * lottery.WHOLE:
        given = matching.explained(given, apart, range(len(given.needs)))
        chance = lottery.chances(given, inputs["bound"])
    sure = np.bincount(given.first, chance, minlength=len(given.needs)).astype(np.int64)
    short = [int(one) for one in -((sure - given.needs * lottery.WHOLE) // lottery.WHOLE)]
    if any(short):
        barred = [one for i, lacks in enumerate(short) if lacks for one in known.of(i)]
        result["feasible"] = False
        result["certificate"] = too_low(inputs, given, short, lottery.least_bound(given), barred)
        return given, chosen, short
    result["chance"] = {"best": round(best), "expected": round(float((given.weights * chance).sum()) * 10)}
    return given, lottery.drawn(given, chance, inputs["seed"]), short


def _draw(seed: int, application_id: str, expert_id: str) -> int:
    """Settles ties, by lot and yet the same each time."""
    digest = hashlib.sha256(f"{seed}:{application_id}:{expert_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % LOTS


def _clauses(inputs: dict[str, Any], result: dict[str, Any], short: list[int]) -> list[Clause]:
    names = {e["id"]: e["name"] for e in inputs["experts"]} | {k["expert_id"]: k["expert"] for k in inputs["kept"]}
    theirs: dict[str, list[str]] = defaultdict(list)
    for one in result["assignments"]:
        theirs[one["application_id"]].append(names[one["expert_id"]])
    clauses = []
    for k, application in enumerate(inputs["applications"]):
        rule = f"{RULE}.demand"
        if short[k]:
            reason = S_(
                "“%(title)s” lacks %(lacks)s of %(demand)s reviewers.",
                title=application["title"],
                lacks=short[k],
                demand=by_hand.wanted(inputs, application["id"]),
            )
            clauses.append(Clause(rule=rule, outcome="no", reason=reason, remedy=result["certificate"]["remedy"]))
            continue
        here = theirs[application["id"]]
        found = {
            "title": application["title"],
            "number": len(here),
            "demand": by_hand.wanted(inputs, application["id"]),
        }
        if here:
            reason = S_(
                "“%(title)s” has %(number)s of %(demand)s reviewers: %(names)s.", names=", ".join(here), **found
            )
        else:
            reason = S_("“%(title)s” has %(number)s of %(demand)s reviewers.", **found)
        clauses.append(Clause(rule=rule, outcome="yes", reason=reason))
    return clauses
