"""From texts to an assignment at full size, each size in a process of its own so that its memory is its own.

Applications are public awards' texts; experts are their investigators, each with all their awards as works, employed
by their institutions. So conflicts are real: who wrote an award, or works where it was won, may not review it.
"""

import csv
import json
import math
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from infra.bench import affinity_parts
from infra.bench.assignment_matrices import greedy
from services.project_management.assignments import conflicts, flow, matching, rules, ties
from services.project_management.assignments.spread import Groups
from services.project_management.people.identities import Record

DEMAND = 3
SLACK = 1.25
"""So many times the reviews wanted could be given: caps bind for the best-known experts."""
PLACES = 3
"""Institutions at most that count as somebody's: a few records collect hundreds."""
SAMPLE = 20
"""Applications for which every pair is looked at one by one, as the baseline."""


@dataclass
class Case:
    """One size: what the product's rule needs, and the texts."""

    applications: list[dict[str, Any]]
    experts: list[dict[str, Any]]
    texts: list[str]
    works: list[str]
    owner: list[int]
    background: list[str] = field(default_factory=list)
    people: list[Record] = field(default_factory=list)
    together: list[ties.Group] = field(default_factory=list)
    """Who won an award together, of all awards there are."""
    spread: bool = True
    """At most one reviewer of an application from one institution."""

    def tied(self) -> dict[str, Any]:
        """Of the inputs what joins experts to applicants: found once for the whole call."""
        found = ties.ties(
            {one["id"]: one["subjects"] for one in self.applications},
            {one["id"]: one["subject"] for one in self.experts},
            self.people,
            groups=self.together,
        )
        return {"ties": found, "policy": rules.POLICY.as_inputs()}

    def inputs(self, affinities: list[list[list[int]]]) -> dict[str, Any]:
        return {
            "call_id": "bench",
            "field": "Computing",
            "as_of": "2026-11-22",
            "seed": 1,
            "mode": "total",
            "bound": 100,
            "demand": DEMAND,
            "applications": self.applications,
            "experts": self.experts,
            "affinities": affinities,
            "declared": [],
            "named": [],
            "kept": [],
            "bids": [],
            "spread": {"organisation": 1 if self.spread else None, "region": None},
        }


def case(folder: Path, applications: int, experts: int) -> Case:
    """Beyond the awards and investigators that there are, they come again in another order."""
    records = affinity_parts.awards(folder)
    places: dict[str, list[str]] = defaultdict(list)
    with (folder / "projects" / "pi-affiliations.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if len(places[row["pi_id"]]) < PLACES:
                places[row["pi_id"]].append(row["inst_id"])
    owned: dict[str, list[int]] = defaultdict(list)
    for k, record in enumerate(records):
        record["PIcoPI"] = [str(person) for person in record["PIcoPI"]]
        for person in record["PIcoPI"]:
            owned[person].append(k)
    known = sorted(owned, key=lambda person: (-len(owned[person]), person))
    people = [known[k % len(known)] for k in range(experts)]
    asked = np.random.default_rng(1).permutation(len(records))[np.arange(applications) % len(records)]
    cap = math.ceil(SLACK * DEMAND * applications / experts)
    found = Case([], [], [], [], [])
    with (folder / "projects" / "pi-names.csv").open(encoding="utf-8", newline="") as file:
        names = {row["pi_id"]: row["name"] for row in csv.DictReader(file)}
    found.people = [Record(one, (names.get(one, one),), organisations=frozenset(places[one])) for one in owned]
    teams = (tuple(record["PIcoPI"]) for record in records)
    found.together = [ties.Group("co_applicant", str(k), team, 2025) for k, team in enumerate(teams) if len(team) > 1]
    for n, k in enumerate(asked.tolist()):
        record = records[k]
        where = list(dict.fromkeys(place for person in record["PIcoPI"] for place in places[person]))
        found.applications.append(
            {
                "id": f"a{n:05}",
                "title": record["title"],
                "label": "public",
                "organisations": [{"id": one, "name": one, "role": "lead"} for one in where],
                "subjects": record["PIcoPI"],
            }
        )
        found.texts.append(affinity_parts.text(record))
    for n, person in enumerate(people):
        jobs = [{"organisation_id": one, "name": one, "since": None, "until": None} for one in places[person]]
        found.experts.append(
            {
                "id": f"e{n:05}",
                "name": person,
                "subject": person,
                "fields": [],
                "cap": cap,
                "clearance": "public",
                "employers": jobs,
                "acts_for": [],
                "organisation": {"id": places[person][0], "name": places[person][0]} if places[person] else None,
            }
        )
        found.works.extend(affinity_parts.text(records[k]) for k in owned[person])
        found.owner.extend([n] * len(owned[person]))
    return found


def measure(
    folder: Path, applications: int, experts: int, *, full: bool = False, spread: bool = True, tied: bool = True
) -> dict[str, Any]:
    """Seconds of each step, the highest memory, what was checked. `full`: also what choosing candidates costs, held
    against all pairs; only for small sizes. Without `spread`, or not `tied`: what the limit of institutions, or looking
    for ties, costs."""
    given = case(folder, applications, experts)
    given.spread = spread
    loaded = _memory()
    laps: dict[str, float] = {}
    cpu: dict[str, float] = {}
    begun, used = time.perf_counter(), time.process_time()

    def lap(name: str) -> None:
        nonlocal begun, used
        now, spent = time.perf_counter(), time.process_time()
        laps[name], cpu[name] = round(now - begun, 2), round(spent - used, 2)
        begun, used = now, spent

    index = matching.indexed(given.texts, given.works, given.owner, experts, background=())
    lap("index texts")
    near = matching.near(index)
    lap("candidates and affinities")
    inputs = given.inputs(matching.rows_of(near, applications))
    if tied:
        inputs |= given.tied()
    lap("ties")
    trace = rules.assign(inputs)
    lap("conflicts, flow and trace")
    peak = _memory()
    barred = {(one["application_id"], one["expert_id"]) for one in conflicts.conflicts(inputs)}
    steps = ("candidates and affinities", "ties", "conflicts, flow and trace")
    return {
        "applications": applications,
        "experts": experts,
        "works": len(given.works),
        "pairs weighed": len(near.first),
        "conflicts": len(barred),
        "ties": len(inputs.get("ties", ())),
        "seconds": laps,
        "processor seconds": cpu,
        "after indexing": round(sum(laps[one] for one in steps), 2),
        "processor seconds after indexing": round(sum(cpu[one] for one in steps), 2),
        "peak MB": peak,
        "of which data": loaded,
        "kept": _kept(trace.result["assignments"], given, barred),
        "reviews": len(trace.result["assignments"]),
        "mean affinity": round(trace.result["total"] / max(1, len(trace.result["assignments"])) / 1000, 4),
        **_baselines(given, inputs, near, barred, trace.result["total"], index if full else None),
    }


def _kept(plan: list[dict[str, Any]], given: Case, barred: set[tuple[str, str]]) -> bool:
    """Counted from the plan alone."""
    pairs = [(one["application_id"], one["expert_id"]) for one in plan]
    needs, load = defaultdict[str, int](int), defaultdict[str, int](int)
    for application_id, expert_id in pairs:
        needs[application_id] += 1
        load[expert_id] += 1
    home = {one["id"]: one["organisation"] and one["organisation"]["id"] for one in given.experts}
    together = [(application_id, home[expert_id]) for application_id, expert_id in pairs if home[expert_id]]
    return (
        len(set(pairs)) == len(pairs)
        and barred.isdisjoint(pairs)
        and (not given.spread or len(set(together)) == len(together))
        and all(needs[one["id"]] == DEMAND for one in given.applications)
        and all(load[one["id"]] <= one["cap"] for one in given.experts)
    )


def _baselines(
    given: Case,
    inputs: dict[str, Any],
    near: matching.Near,
    barred: set[tuple[str, str]],
    total: int,
    index: matching.Index | None,
) -> dict[str, Any]:
    begun = time.perf_counter()
    conflicts.conflicts(inputs)
    joined = time.perf_counter() - begun
    some = [one for k, one in enumerate(given.applications) if k % (len(given.applications) // SAMPLE) == 0][:SAMPLE]
    begun = time.perf_counter()
    # One question a pair, as it is done where conflicts are looked up: the same rule on one application and one expert.
    tied: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for one in inputs.get("ties", ()):
        tied[one["application_id"], one["expert_id"]].append(one)
    singly = {
        (one["application_id"], one["expert_id"])
        for application in some
        for expert in given.experts
        for one in conflicts.conflicts(
            inputs | {"applications": [application], "experts": [expert], "ties": tied[application["id"], expert["id"]]}
        )
    }
    each = (time.perf_counter() - begun) * len(given.applications) / len(some)
    places = {one["id"] for one in some}
    place, seat = ({one["id"]: k for k, one in enumerate(side)} for side in (given.applications, given.experts))
    apart = np.array([(place[a], seat[e]) for a, e in barred], dtype=np.int64).reshape(-1, 2)
    may = _without(near, apart, len(given.experts))
    problem = flow.Problem(
        np.full(len(given.applications), DEMAND),
        np.array([one["cap"] for one in given.experts]),
        near.first[may],
        near.second[may],
        near.weight[may] / 1000,
    )
    found = {
        "conflicts joined, seconds": round(joined, 2),
        "conflicts one by one, seconds (estimated)": round(each, 1),
        "conflicts agree": singly == {pair for pair in barred if pair[0] in places},
        "greedy": round(greedy(problem) * 1000),
        "total": total,
    }
    if index is not None:
        every = matching.near(index, every=True)
        may = _without(every, apart, len(given.experts))
        all_pairs = flow.Problem(
            problem.needs, problem.rooms, every.first[may], every.second[may], every.weight[may] / 1000, scale=1000,
            spreads=Groups(inputs).spreads,
        )  # fmt: skip
        best = float(all_pairs.weights[flow.most(all_pairs)].sum()) * 1000
        found["of the optimum over all pairs"] = round(total / best, 5)
    return found


def _without(near: matching.Near, apart: Any, experts: int) -> flow.Flags:
    return np.asarray(~np.isin(near.first * experts + near.second, apart[:, 0] * experts + apart[:, 1]))


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def apart(folder: Path, applications: int, experts: int, *, full: bool = False) -> dict[str, Any]:
    """The same in a process of its own. Raises RuntimeError with what it said last."""
    command = [sys.executable, "-m", "infra.bench.assignment_pipeline", str(folder), str(applications), str(experts)]
    done = subprocess.run([*command, *(["full"] if full else [])], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{applications} × {experts} failed: {done.stderr.strip()[-2000:]}")
    return dict(json.loads(done.stdout))


def growth(rows: Iterable[dict[str, Any]]) -> list[dict[str, float]]:
    """From each size to the next: how many times more pairs, seconds after indexing, and memory beyond the data."""
    found, before = [], None
    for row in rows:
        if before is not None:
            pairs = [one["applications"] * one["experts"] for one in (row, before)]
            found.append(
                {
                    "pairs": round(pairs[0] / pairs[1], 2),
                    "seconds": round(row["after indexing"] / max(0.01, before["after indexing"]), 2),
                    "memory": round(row["peak MB"] / before["peak MB"], 2),
                }
            )
        before = row
    return found


if __name__ == "__main__":
    wanted = {"full": "full" in sys.argv, "spread": "plain" not in sys.argv, "tied": "untied" not in sys.argv}
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), **wanted)))  # noqa: T201
