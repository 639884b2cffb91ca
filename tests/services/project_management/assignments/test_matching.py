"""From texts to pairs, from pairs to an assignment, and drawing by lot."""

from collections.abc import Callable

import numpy as np
import pytest

from services.project_management.assignments import flow, lottery, matching
from services.project_management.assignments.works import Texts

ALLOYS, RADAR = "Fatigue of magnesium alloys under salt spray", "Radar signals over rough sea"


def nobody(i: int) -> list[int]:
    return []


def test_texts_become_affinities_of_the_right_pairs() -> None:
    texts = Texts(
        [f"{ALLOYS}. We test seat frames", RADAR, "疲劳性能与镁合金"], [ALLOYS, RADAR, "镁合金的疲劳性能"], [0, 1, 2]
    )
    found = [dict(zip(*zip(*row, strict=True), strict=True)) for row in matching.affinities(texts, 3)]
    assert [max(row, key=lambda j: row[j]) for row in found] == [0, 1, 2]
    assert all(0 < weight <= 1000 for row in found for weight in row.values())
    assert matching.affinities(Texts(["a"]), 2) == [[]]


def test_a_work_of_several_people_counts_as_one_text() -> None:
    shared = matching.indexed([ALLOYS], [RADAR, ALLOYS, ALLOYS], [0, 0, 1], 2, background=[ALLOYS])
    assert shared.measures[0].works.shape[0] == 3
    near = matching.near(shared, every=True)
    assert near.weight.tolist()[1] == 976 > near.weight.tolist()[0]


@pytest.mark.parametrize("seed", range(12))
def test_widening_finds_an_assignment_wherever_all_pairs_have_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n, m = 40, 30
    may = draw.random((n, m)) > 0.75
    listed = may & (draw.random((n, m)) > 0.8)

    def problem(pairs: np.ndarray) -> flow.Problem:
        first, second = np.nonzero(pairs)
        return flow.Problem(np.full(n, 2), draw_rooms, first, second, np.full(len(first), 0.5), scale=1000)

    draw_rooms = draw.integers(2, 5, m)
    best = flow.most(problem(may)).sum()
    given, chosen = matching.settle(problem(listed), lambda i: np.nonzero(~may[i])[0].tolist())
    assert chosen.sum() == best
    pairs = list(zip(given.first[chosen].tolist(), given.second[chosen].tolist(), strict=True))
    assert all(may[i, j] for i, j in pairs)
    assert len(set(pairs)) == len(pairs)
    assert (np.bincount(given.second[chosen], minlength=m) <= draw_rooms).all()


def test_a_pair_that_was_not_listed_weighs_nothing() -> None:
    listed = flow.problem([1, 1], [1, 1], [(0, 0, 0.9, 0), (1, 0, 0.8, 0)])
    given, chosen = matching.settle(listed, nobody)
    assert chosen.sum() == 2
    assert float(given.weights[chosen].sum()) == 0.9


def close(problem: flow.Problem, bound: int) -> Callable[[int], flow.Flags]:
    chance = lottery.chances(problem, bound)
    return lambda seed: lottery.drawn(problem, chance, seed)


@pytest.mark.parametrize("bound", [34, 50, 73])
def test_draws_keep_every_limit_and_have_the_probabilities_they_were_given(bound: int) -> None:
    draw = np.random.default_rng(bound)
    pairs = [(i, j, float(draw.random()), 0) for i in range(8) for j in range(9)]
    problem = flow.problem([3] * 8, [3] * 9, pairs)
    chance = lottery.chances(problem, bound)
    assert chance.max() <= bound
    assert chance.sum() == 2400
    count, rounds = np.zeros(len(pairs)), 1500
    for seed in range(rounds):
        chosen = lottery.drawn(problem, chance, seed)
        assert np.bincount(problem.first[chosen], minlength=8).tolist() == [3] * 8
        assert np.bincount(problem.second[chosen], minlength=9).max() <= 3
        count += chosen
    expected = chance / 100
    spread = np.sqrt(np.maximum(expected * (1 - expected), 1e-9) / rounds)
    assert (np.abs(count / rounds - expected) <= 5 * spread).all()


def test_no_bound_draws_the_optimum_and_the_least_bound_is_the_least() -> None:
    problem = flow.problem([2], [1, 1, 1], [(0, 0, 0.9, 0), (0, 1, 0.8, 0), (0, 2, 0.1, 0)])
    chosen = close(problem, 100)(1)
    assert chosen.tolist() == [True, True, False]
    assert lottery.least_bound(problem) == 67
    assert lottery.chances(problem, 66).sum() < 200
