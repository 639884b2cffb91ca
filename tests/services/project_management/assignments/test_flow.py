"""The flows behind an assignment: optimal, fair, and certain about what would have to change."""

import itertools
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

from infra.bench.assignment_cases import explains, infeasible, least_cost, meets, relaxed, small
from infra.bench.assignment_matrices import Published, problem
from services.project_management.assignments import flow

PUBLIC = Path(os.environ.get("HECHUAN_DATA_DIR") or Path(__file__).resolve().parents[5] / "shared" / "data")


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


@pytest.mark.parametrize("part", range(4))
def test_the_relaxation_makes_it_possible_and_nothing_cheaper_does(part: int) -> None:
    for given, waivable in infeasible(200)[part::4]:
        change = flow.relaxation(given, waivable)
        assert change.cost == (
            flow.RAISE * sum(change.raised.values())
            + flow.WIDEN * sum(change.widened.values())
            + flow.WAIVE * len(change.waived)
            + flow.LOWER * sum(change.lowered.values())
        )
        assert set(change.waived) <= set(waivable)
        assert meets(*relaxed(given, change))
        assert least_cost(given, waivable)[0] == change.cost, (given, change)


def test_the_bottleneck_needs_more_than_it_can_get() -> None:
    for given, _ in infeasible(100):
        assert explains(given, flow.most(given))


def test_every_second_impossible_case_has_limits_of_groups_and_some_are_best_loosened() -> None:
    cases = infeasible(200)
    assert all(bool(given.spreads) == bool(k % 2) for k, (given, _) in enumerate(cases))
    assert sum(bool(flow.relaxation(*one).widened) for one in cases) > 10


# -- published matrices ---------------------------------------------------------------------------------------------


def published(name: str, cap: int, least: np.ndarray | None = None) -> flow.Problem:
    if not (PUBLIC / "assignment").is_dir():
        pytest.skip("the public data folder is not here; set HECHUAN_DATA_DIR")
    given = problem(PUBLIC, Published(name, cap, 0.0))
    return flow.Problem(given.needs, given.rooms, given.first, given.second, given.weights, least=least)


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
    published("midl", 4)
    least = np.load(PUBLIC / "assignment" / "midl_loads-lb.npy").astype(np.int64)
    given = published("midl", 4, least)
    chosen = flow.most(given)
    load = np.bincount(given.second[chosen], minlength=len(given.rooms))
    assert (load >= least).all()
    assert chosen.sum() == given.needs.sum()
