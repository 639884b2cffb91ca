"""The published assignment matrices: best total and fairest assignment, each limit checked apart from the solver."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.project_management.assignments import flow


@dataclass(frozen=True)
class Published:
    """A matrix of the data README: reviews an application, most a reviewer, the optimum printed there, and whether the
    lower loads that come with it are kept too."""

    name: str
    cap: int
    optimum: float
    demand: int = 3


MATRICES = (
    Published("aamas2015", 12, 1406.25),
    Published("preflib2", 8, 141.5),
    Published("preflib3", 6, 454.25),
    Published("preflib3_masked", 6, 454.25),
    Published("midl", 4, 201.884878),
)
FAIR = ("aamas2015", "preflib3", "midl")
"""Matrices for which the README prints how well off the worst-off can be."""


def problem(folder: Path, which: Published) -> flow.Problem:
    """Only pairs without a conflict: 0 in the .in files, the mask, −1 in midl."""
    place = folder / "assignment"
    if which.name == "midl":
        scores = np.load(place / "midl_scores.npy").T
        may = scores > -1
    elif which.name == "preflib3_masked":
        held = np.load(place / "preflib3_masked.npz")
        scores, may = held["similarity_matrix"].T, held["mask_matrix"].T == 0
    else:
        lines = (place / f"{which.name}.in").read_text().splitlines()
        count = int(lines[0].split()[0])
        scores = np.array([[float(value) for value in line.split()] for line in lines[1 : count + 1]])
        may = scores > 0
    first, second = np.nonzero(may)
    n, m = scores.shape
    return flow.Problem(
        np.full(n, which.demand), np.full(m, which.cap), first, second, scores[first, second].astype(float)
    )


def kept(given: flow.Problem, chosen: flow.Flags) -> bool:
    """Every need met, no cap exceeded, nobody twice; pairs in conflict are not among the problem's."""
    first, second = given.first[chosen], given.second[chosen]
    load = np.bincount(second, minlength=len(given.rooms))
    return bool(
        (np.bincount(first, minlength=len(given.needs)) == given.needs).all()
        and (load <= given.rooms).all()
        and (given.least is None or (load >= given.least).all())
        and len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(first)
    )


def greedy(given: flow.Problem) -> float:
    """The baseline: the best pair that still may meet, again and again. Total weight; needs may stay unmet."""
    needs, rooms, total = given.needs.tolist(), given.rooms.tolist(), 0.0
    order = np.argsort(-given.weights, kind="stable")
    for i, j, weight in zip(
        given.first[order].tolist(), given.second[order].tolist(), given.weights[order].tolist(), strict=True
    ):
        if needs[i] and rooms[j]:
            needs[i] -= 1
            rooms[j] -= 1
            total += weight
    return total


def measure_matrices(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for which in MATRICES:
        given = problem(folder, which)
        begun = time.perf_counter()
        chosen = flow.most(given)
        seconds = time.perf_counter() - begun
        total = float(given.weights[chosen].sum())
        row: dict[str, Any] = {
            "total": round(total, 6),
            "printed": which.optimum,
            "off": abs(total - which.optimum),
            "kept": kept(given, chosen),
            "seconds": round(seconds, 3),
            "greedy": round(greedy(given), 4),
        }
        if which.name in FAIR:
            row |= _fair(given, total, flow.worst_off(given, chosen))
        found[which.name] = row
    given = problem(folder, MATRICES[-1])
    least = np.load(folder / "assignment" / "midl_loads-lb.npy").astype(np.int64)
    given = flow.Problem(given.needs, given.rooms, given.first, given.second, given.weights, least=least)
    chosen = flow.most(given)
    found["midl with lower loads"] = {
        "total": round(float(given.weights[chosen].sum()), 6),
        "kept": kept(given, chosen),
        "least load": int(np.bincount(given.second[chosen], minlength=len(given.rooms)).min()),
    }
    return found


def _fair(given: flow.Problem, best: float, at_best: float) -> dict[str, Any]:
    begun = time.perf_counter()
    chosen = flow.fair(given)
    seconds = time.perf_counter() - begun
    bound = flow.max_min_bound(given)
    return {
        "fair": {
            "worst off": round(flow.worst_off(given, chosen), 4),
            "bound": round(bound, 4),
            "of bound": flow.worst_off(given, chosen) / bound,
            "of best total": float(given.weights[chosen].sum()) / best,
            "kept": kept(given, chosen),
            "seconds": round(seconds, 2),
            "worst off at best total": round(at_best, 4),
        }
    }
