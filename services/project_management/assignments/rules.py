"""Who may review what, who knows it best, and the best assignment under hard limits.

The whole decision is one function of plain values, `assign`, so that its trace can be run again at any time.
"""

import hashlib
import re
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy
from ortools.graph.python import min_cost_flow

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import roles
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role, SecurityLabel

ASSIGN = roles("assignments.make", Role.PROGRAMME_OFFICER)
READ = roles("assignments.read", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)

RULE = "assignments.min_cost_flow"
VERSION = 1
FORMER_EMPLOYER_YEARS = 3
"""Who left an organisation less than three years ago is still close to it."""
AFFINITY_STEP = 1_000_000
"""One point of affinity in units of cost; all tie-breaks together stay below one point."""


_CLOSE = {
    ("employer", "lead"): N_("Works for %(name)s, the lead of this application."),
    ("employer", "partner"): N_("Works for %(name)s, a partner in this application."),
    ("former_employer", "lead"): N_(
        "Worked for %(name)s, the lead of this application, until %(until)s: less than three years ago."
    ),
    ("former_employer", "partner"): N_(
        "Worked for %(name)s, a partner in this application, until %(until)s: less than three years ago."
    ),
    ("acts_for", "lead"): N_("Holds a role for %(name)s, the lead of this application."),
    ("acts_for", "partner"): N_("Holds a role for %(name)s, a partner in this application."),
}
"""How an expert stands to an organisation that applies."""


class NoAssignment(Conflict):
    title = N_("The reviews cannot be assigned under these limits")


class OwnApplication(Conflict):
    title = N_("You belong to an organisation that applied")


def words(text: str) -> set[str]:
    """What a text is about: Latin words without plural s, and pairs of Chinese characters."""
    found = {word.removesuffix("s") for word in re.findall(r"[a-z0-9]{3,}", text.casefold())}
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found


def affinity(call_field: str, text_words: set[str], fields: list[str]) -> int:
    """How well an expert's fields fit an application, 0 to 100, in whole numbers.

    40 for the call's own field, up to 40 for the field best found in the text, up to 20 for all fields together.
    """
    if not fields:
        return 0
    covered = []
    for one in fields:
        wanted = words(one)
        covered.append(100 * len(wanted & text_words) // len(wanted) if wanted else 0)
    same = any(one.casefold().strip() == call_field.casefold().strip() for one in fields)
    return 40 * same + 40 * max(covered) // 100 + 20 * sum(covered) // (100 * len(covered))


def conflicts(inputs: dict[str, Any]) -> list[dict[str, str]]:
    """Every pair that must not meet, with kind and reason, in the order of applications and experts."""
    as_of = date.fromisoformat(inputs["as_of"])
    declared = {(one["application_id"], one["expert_id"]): one for one in inputs["declared"]}
    found = []
    for application in inputs["applications"]:
        for expert in inputs["experts"]:
            why = _conflict(application, expert, declared.get((application["id"], expert["id"])), as_of)
            if why:
                kind, reason = why
                found.append(
                    {
                        "application_id": application["id"],
                        "expert_id": expert["id"],
                        "expert": expert["name"],
                        "kind": kind,
                        "reason": reason,
                    }
                )
    return found


def _conflict(
    application: dict[str, Any], expert: dict[str, Any], declared: dict[str, Any] | None, as_of: date
) -> tuple[str, str] | None:
    sides = {one["id"]: one for one in application["organisations"]}
    for job in expert["employers"]:
        side = sides.get(job["organisation_id"])
        if side is None or (job["since"] and date.fromisoformat(job["since"]) > as_of):
            continue
        if job["until"] is None or date.fromisoformat(job["until"]) > as_of:
            return "employer", _CLOSE["employer", side["role"]] % {"name": side["name"]}
        if date.fromisoformat(job["until"]) > as_of - timedelta(days=365 * FORMER_EMPLOYER_YEARS):
            said = _CLOSE["former_employer", side["role"]]
            return "former_employer", said % {"name": side["name"], "until": job["until"]}
    for organisation_id in expert["acts_for"]:
        if organisation_id in sides:
            side = sides[organisation_id]
            return "acts_for", _CLOSE["acts_for", side["role"]] % {"name": side["name"]}
    if expert["subject"] in application["subjects"]:
        return "author", N_("Wrote or submitted this application.")
    if declared and declared["conflict"]:
        return "declared", S_("Declared a conflict: %(reason)s", reason=declared["reason"])
    if declared:
        return "declined", S_("Declined to review this application: %(reason)s", reason=declared["reason"])
    if not SecurityLabel(application["label"]).readable_with(SecurityLabel(expert["clearance"])):
        return "clearance", S_(
            "Is cleared up to %(clearance)s; the application is %(label)s.",
            clearance=expert["clearance"],
            label=application["label"],
        )
    return None


@dataclass(frozen=True)
class _Problem:
    """Applications and experts by position; `pairs` are the possible ones with their affinity."""

    needs: list[int]
    rooms: list[int]
    pairs: list[tuple[int, int, int]]


def assign(inputs: dict[str, Any]) -> DecisionTrace:
    """The assignment of highest total affinity in which every application gets its reviewers and no expert exceeds
    a cap; or, when there is none, the certificate that says what is missing."""
    applications, experts = inputs["applications"], inputs["experts"]
    barred = conflicts(inputs)
    excluded = {(one["application_id"], one["expert_id"]) for one in barred}
    fits = {
        (a["id"], e["id"]): affinity(inputs["field"], set(a["words"]), e["fields"])
        for a in applications
        for e in experts
    }
    kept = [(one["application_id"], one["expert_id"]) for one in inputs["kept"]]
    done: dict[str, int] = defaultdict(int)
    for application_id, expert_id in kept:
        done[application_id] += 1
        done[expert_id] += 1
    problem = _Problem(
        needs=[max(0, inputs["demand"] - done[a["id"]]) for a in applications],
        rooms=[max(0, e["cap"] - done[e["id"]]) for e in experts],
        pairs=[
            (i, j, fits[a["id"], e["id"]])
            for i, a in enumerate(applications)
            for j, e in enumerate(experts)
            if (a["id"], e["id"]) not in excluded and (a["id"], e["id"]) not in kept
        ],
    )
    ids = [a["id"] for a in applications], [e["id"] for e in experts]
    chosen = _solve(problem, inputs["seed"], ids)
    short = [need - sum(1 for i, _ in chosen if i == k) for k, need in enumerate(problem.needs)]
    result: dict[str, Any] = {"feasible": not any(short), "conflicts": barred, "assignments": [], "certificate": None}
    if any(short):
        result["certificate"] = _certificate(inputs, problem, chosen, short, barred)
    else:
        pairs = [(ids[0][i], ids[1][j]) for i, j in chosen]
        result["assignments"] = [
            {"application_id": a, "expert_id": e, "affinity": fits.get((a, e), 0)} for a, e in sorted([*pairs, *kept])
        ]
    return DecisionTrace(
        rule=RULE, version=VERSION, inputs=inputs, clauses=tuple(_clauses(inputs, result, short)), result=result
    )


def _solve(problem: _Problem, seed: int, ids: tuple[list[str], list[str]]) -> list[tuple[int, int]]:
    """Pairs of a flow that is greatest first and of highest affinity second; the seed settles ties."""
    if not problem.pairs:
        return []
    n, m = len(problem.needs), len(problem.rooms)
    source, sink = n + m, n + m + 1
    span = max(1, AFFINITY_STEP // (sum(problem.needs) + 1))
    costs = [(100 - fit) * AFFINITY_STEP + _draw(seed, ids[0][i], ids[1][j], span) for i, j, fit in problem.pairs]
    tails = numpy.array([source] * n + [i for i, _, _ in problem.pairs] + [n + j for j in range(m)])
    heads = numpy.array([*range(n), *(n + j for _, j, _ in problem.pairs), *([sink] * m)])
    capacities = numpy.array(problem.needs + [1] * len(problem.pairs) + problem.rooms)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, numpy.array([0] * n + costs + [0] * m))
    flow.set_node_supply(source, sum(problem.needs))
    flow.set_node_supply(sink, -sum(problem.needs))
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"the flow solver answered {status}")
    amounts = flow.flows(arcs)[n : n + len(problem.pairs)]
    return [(i, j) for (i, j, _), amount in zip(problem.pairs, amounts, strict=True) if amount]


def _draw(seed: int, application_id: str, expert_id: str, span: int) -> int:
    digest = hashlib.sha256(f"{seed}:{application_id}:{expert_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % span


def _certificate(
    inputs: dict[str, Any],
    problem: _Problem,
    chosen: list[tuple[int, int]],
    short: list[int],
    barred: list[dict[str, str]],
) -> dict[str, Any]:
    """Why no assignment exists: a set of applications that together need more than the experts they may have can give
    (the smaller side of a minimum cut), each application's own lack, and the smallest change that would help."""
    applications, experts = inputs["applications"], inputs["experts"]
    tight, used = _cut(problem, chosen, short)
    outside = {i: sum(1 for a, e, _ in problem.pairs if a == i and e not in used) for i in tight}
    return {
        "missing": sum(short),
        "together": {
            "applications": [applications[i]["title"] for i in tight],
            "need": sum(problem.needs[i] for i in tight),
            "experts": [experts[j]["name"] for j in used],
            "can_give": sum(problem.rooms[j] for j in used) + sum(outside.values()),
        },
        "applications": [
            {
                "application_id": applications[k]["id"],
                "title": applications[k]["title"],
                "needs": problem.needs[k],
                "lacks": lack,
                "eligible": [experts[e]["name"] for a, e, _ in problem.pairs if a == k],
                "at_cap": [
                    experts[e]["name"]
                    for a, e, _ in problem.pairs
                    if a == k and (k, e) not in chosen and sum(1 for _, j in chosen if j == e) >= problem.rooms[e]
                ],
                "excluded": [
                    {"expert": one["expert"], "reason": one["reason"]}
                    for one in barred
                    if one["application_id"] == applications[k]["id"]
                ],
            }
            for k, lack in enumerate(short)
            if lack
        ],
        "remedy": _remedy(inputs, problem),
    }


def _cut(problem: _Problem, chosen: list[tuple[int, int]], short: list[int]) -> tuple[list[int], list[int]]:
    """Applications and experts that an unmet need can still reach in the residual network."""
    options, served = defaultdict(set), defaultdict(set)
    for i, j, _ in problem.pairs:
        options[i].add(j)
    for i, j in chosen:
        options[i].discard(j)
        served[j].add(i)
    applications = {k for k, lack in enumerate(short) if lack}
    experts: set[int] = set()
    waiting = deque(sorted(applications))
    while waiting:
        for j in options[waiting.popleft()] - experts:
            experts.add(j)
            waiting.extend(sorted(served[j] - applications))
            applications |= served[j]
    return sorted(applications), sorted(experts)


def _remedy(inputs: dict[str, Any], problem: _Problem) -> str:
    """The smallest cap at which it works, else how many more experts without a conflict are needed."""
    ids = [a["id"] for a in inputs["applications"]], [e["id"] for e in inputs["experts"]]
    for cap in range(1, sum(problem.needs) + 1):
        wider = _Problem(problem.needs, [max(room, cap) for room in problem.rooms], problem.pairs)
        if len(_solve(wider, inputs["seed"], ids)) == sum(problem.needs):
            return S_(
                "It can be done when every expert takes up to %(cap)s: raise the cap, and the experts' own limits.",
                cap=cap,
            )
    lacking = max(need - sum(1 for i, _, _ in problem.pairs if i == k) for k, need in enumerate(problem.needs))
    return S_(
        "Invite at least %(lacking)s more without a conflict: no cap helps, too few experts may review it.",
        lacking=lacking,
    )


def _clauses(inputs: dict[str, Any], result: dict[str, Any], short: list[int]) -> list[Clause]:
    names = {e["id"]: e["name"] for e in inputs["experts"]} | {k["expert_id"]: k["expert"] for k in inputs["kept"]}
    clauses = []
    for k, application in enumerate(inputs["applications"]):
        rule = f"{RULE}.demand"
        if short[k]:
            reason = S_(
                "“%(title)s” lacks %(lacks)s of %(demand)s reviewers.",
                title=application["title"],
                lacks=short[k],
                demand=inputs["demand"],
            )
            clauses.append(Clause(rule=rule, outcome="no", reason=reason, remedy=result["certificate"]["remedy"]))
            continue
        here = [names[one["expert_id"]] for one in result["assignments"] if one["application_id"] == application["id"]]
        found = {"title": application["title"], "number": len(here), "demand": inputs["demand"]}
        if here:
            reason = S_(
                "“%(title)s” has %(number)s of %(demand)s reviewers: %(names)s.", names=", ".join(here), **found
            )
        else:
            reason = S_("“%(title)s” has %(number)s of %(demand)s reviewers.", **found)
        clauses.append(Clause(rule=rule, outcome="yes", reason=reason))
    return clauses
