"""Who may review what, who knows it best, and the best assignment under hard limits.

The whole decision is one function of plain values, `assign`, so that its trace can be run again at any time.
"""

import hashlib
import re
from collections import defaultdict
from typing import Any

import numpy as np

from services.project_management.assignments import flow
from services.project_management.assignments.certificate import certificate
from services.project_management.assignments.conflicts import conflicts
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, roles
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role

ASSIGN = office("assignments.make", Role.PROGRAMME_OFFICER)
READ = roles("assignments.read", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)

RULE = "assignments.min_cost_flow"
VERSION = 2
LOTS = 1000


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


def assign(inputs: dict[str, Any]) -> DecisionTrace:
    """The best assignment in which every application gets its reviewers and no expert exceeds a cap; or, when there is
    none, the certificate that says what is missing and what would help.

    `mode` "total" looks for the highest total affinity, "fair" lifts the worst-off application first.
    """
    applications, experts = inputs["applications"], inputs["experts"]
    barred = conflicts(inputs)
    kept = [(one["application_id"], one["expert_id"]) for one in inputs["kept"]]
    excluded = {(one["application_id"], one["expert_id"]) for one in barred} | set(kept)
    fits = _fits(inputs)
    done: dict[str, int] = defaultdict(int)
    for application_id, expert_id in kept:
        done[application_id] += 1
        done[expert_id] += 1
    given = flow.problem(
        [max(0, inputs["demand"] - done[a["id"]]) for a in applications],
        [max(0, e["cap"] - done[e["id"]]) for e in experts],
        [
            (i, j, fits[a["id"], e["id"]] / 100, _draw(inputs["seed"], a["id"], e["id"]))
            for i, a in enumerate(applications)
            for j, e in enumerate(experts)
            if (a["id"], e["id"]) not in excluded
        ],
    )
    chosen = flow.most(given)
    short = (given.needs - np.bincount(given.first[chosen], minlength=len(given.needs))).tolist()
    result: dict[str, Any] = {"feasible": not any(short), "conflicts": barred, "assignments": [], "certificate": None}
    if any(short):
        result["certificate"] = certificate(inputs, given, chosen, barred)
    else:
        if inputs["mode"] == "fair":
            chosen = flow.fair(given)
        met = zip(given.first[chosen].tolist(), given.second[chosen].tolist(), strict=True)
        pairs = [(applications[i]["id"], experts[j]["id"]) for i, j in met]
        result["assignments"] = [
            {"application_id": a, "expert_id": e, "affinity": fits.get((a, e), 0)} for a, e in sorted([*pairs, *kept])
        ]
    return DecisionTrace(
        rule=RULE, version=VERSION, inputs=inputs, clauses=tuple(_clauses(inputs, result, short)), result=result
    )


def _fits(inputs: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {
        (a["id"], e["id"]): affinity(inputs["field"], about, e["fields"])
        for a, about in ((a, set(a["words"])) for a in inputs["applications"])
        for e in inputs["experts"]
    }


def _draw(seed: int, application_id: str, expert_id: str) -> int:
    """Settles ties, by lot and yet the same each time."""
    digest = hashlib.sha256(f"{seed}:{application_id}:{expert_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % LOTS


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
