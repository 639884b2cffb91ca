"""The flows behind an assignment: optimal, fair, and certain about what would have to change."""

import itertools
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

from services.project_management.assignments import flow

PUBLIC = Path(os.environ.get("HECHUAN_DATA_DIR") or Path(__file__).resolve().parents[5] / "shared" / "data")


def small(
    draw: random.Random, *, weights: tuple[float, ...] = (0.1, 0.4, 0.5, 0.9)
) -> tuple[flow.Problem, list[list[int]]]:
    """A random problem, and the pairs that may not meet."""
    n, m = draw.randint(1, 4), draw.randint(2, 4)
    needs = [draw.randint(1, 2) for _ in range(n)]
    rooms = [draw.randint(0, 2) for _ in range(m)]
    barred = [[i, j] for i in range(n) for j in range(m) if draw.random() < 0.3]
    pairs = [(i, j, draw.choice((0.1, 0.4, 0.5, 0.9)), 0) for i in range(n) for j in range(m) if [i, j] not in barred]
    return flow.problem(needs, rooms, pairs), barred


def meets(needs: list[int], rooms: list[int], pairs: set[tuple[int, int]]) -> bool:
    """Whether every need can be met: augmenting paths, written apart from the solver on purpose."""
    holders: dict[int, list[int]] = {j: [] for j in range(len(rooms))}

    def place(i: int, seen: set[int]) -> bool:
        for j in range(len(rooms)):
            if (i, j) in pairs and j not in seen and i not in holders[j]:
                seen.add(j)
                if len(holders[j]) < rooms[j]:
                    holders[j].append(i)
                    return True
                for other in list(holders[j]):
                    holders[j].remove(other)
                    if place(other, seen):
                        holders[j].append(i)
                        return True
                    holders[j].append(other)
        return False

    return all(place(i, set()) for i, need in enumerate(needs) for _ in range(need))


def best_by_trying(given: flow.Problem) -> tuple[int, float]:
    """(reviews given, weight) of the best subset of pairs, by trying all."""
    found = (0, 0.0)
    pairs = list(zip(given.first.tolist(), given.second.tolist(), given.weights.tolist(), strict=True))
    for size in range(len(pairs) + 1):
        for chosen in itertools.combinations(pairs, size):
            if any(sum(i == k for i, _, _ in chosen) > need for k, need in enumerate(given.needs)):
                continue
            if any(sum(j == k for _, j, _ in chosen) > room for k, room in enumerate(given.rooms)):
                continue
            found = max(found, (size, round(sum(weight for _, _, weight in chosen), 6)))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_the_optimum_is_the_best_of_all(seed: int) -> None:
    draw = random.Random(seed)
    given, _ = small(draw)
    if len(given.first) > 10:
        given = given.only(np.arange(len(given.first)) < 10)
    chosen = flow.most(given)
    assert (int(chosen.sum()), round(float(given.weights[chosen].sum()), 6)) == best_by_trying(given)


def test_ties_are_settled_by_the_draw_and_never_cost_weight() -> None:
    pairs = [(0, 0, 0.5, 3), (0, 1, 0.5, 1), (0, 2, 0.4, 0)]
    chosen = flow.most(flow.problem([1], [1, 1, 1], pairs))
    assert chosen.tolist() == [False, True, False]


def test_the_least_number_of_reviews_comes_before_weight() -> None:
    pairs = [(i, j, 1.0 if j == 0 else 0.1, 0) for i in range(3) for j in range(3)]
    given = flow.problem([1, 1, 1], [3, 3, 3], pairs, least=[1, 1, 1])
    chosen = flow.most(given)
    assert np.bincount(given.second[chosen]).tolist() == [1, 1, 1]


def test_fair_mode_lifts_the_worst_off_application() -> None:
    pairs = [(0, 0, 1.0, 0), (0, 1, 0.6, 0), (1, 0, 0.5, 0), (1, 1, 0.0, 0)]
    given = flow.problem([1, 1], [1, 1], pairs)
    assert flow.worst_off(given, flow.most(given)) in (0.0, 0.5)
    assert flow.worst_off(given, flow.fair(given)) == 0.5
    with pytest.raises(flow.NoSolution):
        flow.fair(flow.problem([2, 2], [1, 1], pairs))


@pytest.mark.parametrize("seed", range(20))
def test_a_fair_assignment_keeps_every_limit(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n, m = 25, 18
    may = draw.random((n, m)) > 0.15
    weights = np.round(draw.random((n, m)), 3)
    pairs = [(i, j, weights[i, j], int(draw.integers(10))) for i in range(n) for j in range(m) if may[i, j]]
    given = flow.problem([3] * n, [6] * m, pairs, least=[2] * m)
    chosen = flow.fair(given)
    assert np.bincount(given.first[chosen], minlength=n).tolist() == [3] * n
    load = np.bincount(given.second[chosen], minlength=m)
    assert load.max() <= 6
    assert load.min() >= 2
    assert flow.worst_off(given, chosen) >= 0.98 * flow.max_min_bound(given)
    assert given.weights[chosen].sum() >= 0.97 * given.weights[flow.most(given)].sum()


def relaxed(given: flow.Problem, change: flow.Relaxation) -> tuple[list[int], list[int], set[tuple[int, int]]]:
    needs = [int(need) - change.lowered.get(k, 0) for k, need in enumerate(given.needs)]
    rooms = [int(room) + change.raised.get(k, 0) for k, room in enumerate(given.rooms)]
    pairs = set(zip(given.first.tolist(), given.second.tolist(), strict=True)) | set(change.waived)
    return needs, rooms, pairs


def cheaper_changes(given: flow.Problem, waivable: list[tuple[int, int]], cost: int) -> list[flow.Relaxation]:
    """Every change that costs less, by counting them out."""
    steps: list[tuple[int, str, object]] = [
        *((flow.RAISE, "raise", j) for j in range(len(given.rooms))),
        *((flow.WAIVE, "waive", pair) for pair in waivable),
        *((flow.LOWER, "lower", i) for i in range(len(given.needs))),
    ]
    found: list[flow.Relaxation] = []

    def grow(start: int, spent: int, taken: list[tuple[int, str, object]]) -> None:
        raised: dict[int, int] = {}
        lowered: dict[int, int] = {}
        for _, kind, what in taken:
            if kind != "waive":
                side = raised if kind == "raise" else lowered
                side[what] = side.get(what, 0) + 1  # type: ignore[index, call-overload]
        waived = [what for _, kind, what in taken if kind == "waive"]
        if all(lowered.get(i, 0) <= need for i, need in enumerate(given.needs)):
            found.append(flow.Relaxation(raised, waived, lowered, spent))  # type: ignore[arg-type]
        for k in range(start, len(steps)):
            price, kind, _ = steps[k]
            if spent + price < cost:
                grow(k + 1 if kind == "waive" else k, spent + price, [*taken, steps[k]])

    grow(0, 0, [])
    return found


def infeasible(number: int) -> list[tuple[flow.Problem, list[tuple[int, int]]]]:
    """So many small problems in which not every need can be met, each with the pairs that somebody could waive."""
    found: list[tuple[flow.Problem, list[tuple[int, int]]]] = []
    draw = random.Random(20261122)
    while len(found) < number:
        given, barred = small(draw)
        if flow.most(given).sum() < given.needs.sum():
            found.append((given, [(i, j) for i, j in barred if draw.random() < 0.5]))
    return found


@pytest.mark.parametrize("part", range(4))
def test_the_relaxation_makes_it_possible_and_nothing_cheaper_does(part: int) -> None:
    for given, waivable in infeasible(200)[part::4]:
        change = flow.relaxation(given, waivable)
        assert change.cost == (
            flow.RAISE * sum(change.raised.values())
            + flow.WAIVE * len(change.waived)
            + flow.LOWER * sum(change.lowered.values())
        )
        assert set(change.waived) <= set(waivable)
        assert meets(*relaxed(given, change))
        for other in cheaper_changes(given, waivable, change.cost):
            assert not meets(*relaxed(given, other)), (given, change, other)


def test_the_bottleneck_needs_more_than_it_can_get() -> None:
    for given, _ in infeasible(100):
        chosen = flow.most(given)
        applications, experts = flow.bottleneck(given, chosen)
        outside = {
            (i, j)
            for i, j in zip(given.first.tolist(), given.second.tolist(), strict=True)
            if i in applications and j not in experts
        }
        assert sum(given.needs[i] for i in applications) > sum(given.rooms[j] for j in experts) + len(outside)


# -- published matrices ---------------------------------------------------------------------------------------------


def matrix(name: str) -> tuple[np.ndarray, np.ndarray]:
    folder = PUBLIC / "assignment"
    if not folder.is_dir():
        pytest.skip("the public data folder is not here; set HECHUAN_DATA_DIR")
    if name == "midl":
        scores = np.load(folder / "midl_scores.npy").T
        return scores, scores > -1
    if name == "preflib3_masked":
        held = np.load(folder / "preflib3_masked.npz")
        scores, mask = held["similarity_matrix"].T, held["mask_matrix"].T
        return scores, mask == 0
    lines = (folder / f"{name}.in").read_text().splitlines()
    n = int(lines[0].split()[0])
    scores = np.array([[float(value) for value in line.split()] for line in lines[1 : n + 1]])
    return scores, scores > 0


def published(name: str, cap: int, least: np.ndarray | None = None) -> flow.Problem:
    scores, may = matrix(name)
    first, second = np.nonzero(may)
    n, m = scores.shape
    return flow.Problem(np.full(n, 3), np.full(m, cap), first, second, scores[first, second].astype(float), least=least)


@pytest.mark.parametrize(
    ("name", "cap", "optimum"),
    [
        ("aamas2015", 12, 1406.25),
        ("preflib2", 8, 141.5),
        ("preflib3", 6, 454.25),
        ("preflib3_masked", 6, 454.25),
        ("midl", 4, 201.884878),
    ],
)
def test_the_published_optimum_is_reached(name: str, cap: int, optimum: float) -> None:
    given = published(name, cap)
    chosen = flow.most(given)
    assert chosen.sum() == given.needs.sum()
    assert np.bincount(given.second[chosen]).max() <= cap
    assert float(given.weights[chosen].sum()) == pytest.approx(optimum, abs=1e-4)


@pytest.mark.parametrize(("name", "cap", "worst"), [("aamas2015", 12, 1.5), ("preflib3", 6, 0.75), ("midl", 4, 0.931)])
def test_the_published_fairness_is_reached(name: str, cap: int, worst: float) -> None:
    given = published(name, cap)
    begun = time.perf_counter()
    chosen = flow.fair(given)
    print(f"{name}: fair in {time.perf_counter() - begun:.1f} s")
    assert np.bincount(given.first[chosen]).tolist() == [3] * len(given.needs)
    assert np.bincount(given.second[chosen]).max() <= cap
    assert flow.worst_off(given, chosen) >= worst - 1e-6
    assert given.weights[chosen].sum() >= 0.97 * given.weights[flow.most(given)].sum()


def test_lower_loads_are_kept_on_the_published_matrix() -> None:
    folder = PUBLIC / "assignment"
    matrix("midl")
    least = np.load(folder / "midl_loads-lb.npy").astype(np.int64)
    given = published("midl", 4, least)
    chosen = flow.most(given)
    load = np.bincount(given.second[chosen], minlength=len(given.rooms))
    assert (load >= least).all()
    assert chosen.sum() == given.needs.sum()
