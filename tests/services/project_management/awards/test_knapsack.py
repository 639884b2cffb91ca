"""The knapsack under share limits, compared with all sets there are."""

import itertools
import random
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest

from services.project_management.awards.knapsack import Knapsack, Limit, limits_of
from services.project_management.calls.portfolio import WHOLE, sentence
from shared.web.i18n import speaking
from shared.web.sentences import said
from tests.kit.servers import ROOT


def test_the_solver_leaves_ctrl_c_to_whoever_had_it() -> None:
    program = """
import os, signal
from decimal import Decimal
from fractions import Fraction
from services.project_management.awards.knapsack import Knapsack
signal.signal(signal.SIGINT, lambda *_: print("stopped in order", flush=True))
Knapsack([Fraction(9), Fraction(8)], [Decimal(6), Decimal(5)], Decimal(8)).best()
os.kill(os.getpid(), signal.SIGINT)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "stopped in order"), done.stderr


@pytest.mark.parametrize("seed", range(40))
def test_the_chosen_set_is_the_best_affordable_one(seed: int) -> None:
    chance = random.Random(seed)
    scores = [Fraction(chance.randint(600, 1000), 100) for _ in range(8)]
    amounts = [Decimal(chance.randint(1000, 9000)) / 100 for _ in range(8)]
    budget = Decimal(chance.randint(5000, 25000)) / 100
    chosen = Knapsack(scores, amounts, budget).best()
    assert sum(amounts[i] for i in chosen) <= budget
    best = max(
        sum((scores[i] for i in some), Fraction(0))
        for size in range(9)
        for some in itertools.combinations(range(8), size)
        if sum(amounts[i] for i in some) <= budget
    )
    assert sum((scores[i] for i in chosen), Fraction(0)) == best


def test_two_hundred_applications_are_decided_exactly() -> None:
    chance = random.Random(1)
    scores = [Fraction(chance.randint(600, 1000), 100) for _ in range(200)]
    amounts = [Decimal(chance.randint(10_000_000, 90_000_000)) / 100 for _ in range(200)]
    chosen = Knapsack(scores, amounts, Decimal(20_000_000)).best()
    assert sum(amounts[i] for i in chosen) <= Decimal(20_000_000)


def test_amounts_beyond_the_solvers_integers_are_still_decided() -> None:
    huge = Decimal("9999999999999999.99")
    assert len(Knapsack([Fraction(8)] * 150, [huge] * 150, huge).best()) == 1


def drawn(seed: int) -> Knapsack:
    """A small problem with up to three limits; sometimes the last applications are not fit."""
    chance = random.Random(seed)
    n = chance.randint(3, 7)
    traits = [{"region": chance.choice("AB"), "sector": "civil", "newcomer": chance.random() < 0.4} for _ in range(n)]
    rules = []
    for _ in range(chance.randint(0, 3)):
        trait, sense = chance.choice(("region", "newcomer")), chance.choice(("at_most", "at_least"))
        value = "" if trait == "newcomer" or (sense == "at_most" and chance.random() < 0.5) else chance.choice("AB")
        share, of = chance.choice(("20", "30", "33.33", "60")), chance.choice(("budget", "awards"))
        rules.append({"trait": trait, "value": value, "sense": sense, "share": share, "of": of})
    scores = sorted((Fraction(chance.randint(600, 1000), 100) for _ in range(n)), reverse=True)
    amounts = [Decimal(chance.randint(1, 9)) * 10 for _ in range(n)]
    fit = n - chance.randint(0, 1)
    return Knapsack(scores, amounts, Decimal(chance.randint(5, 25) * 10), limits_of(rules, traits), fit)


def allowed(problem: Knapsack, budget: Decimal) -> Iterator[tuple[int, list[int]]]:
    """Every set that the limits allow under a budget, with its worth: counted apart from the solver on purpose."""
    assert problem.fit
    for size in range(problem.fit + 1):
        for some in itertools.combinations(range(problem.fit), size):
            spent = sum((problem.amounts[i] for i in some), Decimal(0))
            if spent <= budget and all(keeps(problem, limit, set(some), budget) for limit in problem.kept):
                yield sum(problem.worth[i] for i in some), list(some)


def keeps(problem: Knapsack, limit: Limit, chosen: set[int], budget: Decimal) -> bool:
    assert problem.fit
    group = {i for i in limit.members if i < problem.fit}
    if limit.at_least and group <= chosen:
        return True
    if limit.of_budget:
        spent = Fraction(sum((problem.amounts[i] for i in group & chosen), Decimal(0)))
        bound = Fraction(limit.share, WHOLE) * Fraction(problem.budget if limit.at_least else budget)
        return spent >= bound if limit.at_least else spent <= bound
    wanted = -(-limit.share * len(chosen) // WHOLE)
    return len(group & chosen) >= wanted if limit.at_least else len(group & chosen) <= wanted


@pytest.mark.parametrize("seed", range(40))
def test_the_chosen_set_is_the_best_that_the_limits_allow(seed: int) -> None:
    problem = drawn(seed)
    chosen = problem.best()
    assert all(problem.holds(limit, chosen) for limit in problem.kept)
    assert sum(problem.worth[i] for i in chosen) == max(worth for worth, _ in allowed(problem, problem.budget))


@pytest.mark.parametrize("seed", range(25))
def test_the_next_one_costs_exactly_what_is_said(seed: int) -> None:
    """The smallest budget at which it is in the best set, and the smallest that adds it to the chosen ones."""
    problem = drawn(seed)
    chosen = problem.best()
    assert problem.fit
    every = [list(some) for size in range(problem.fit + 1) for some in itertools.combinations(range(problem.fit), size)]
    budgets = sorted({max(problem.budget, problem.needs(some)) for some in every})
    for i in set(range(problem.fit)) - set(chosen):
        smallest = None
        for budget in budgets:
            sets = list(allowed(problem, budget))
            best = max(worth for worth, _ in sets)
            if any(worth == best and i in some for worth, some in sets):
                smallest = budget - problem.budget
                break
        assert problem.extra_to_join(i) == smallest
        together = sorted([*chosen, i])
        extra = problem.extra_to_add(i, chosen)
        if extra is None:
            assert not any(some == together for _, some in allowed(problem, Decimal(10_000)))
            continue
        assert any(some == together for _, some in allowed(problem, problem.budget + extra))
        assert extra == 0 or not any(
            some == together for _, some in allowed(problem, problem.budget + extra - Decimal("0.01"))
        )
        if smallest is not None and smallest <= extra:
            assert problem.extra_to_join(i, extra) == smallest
        else:
            assert problem.extra_to_join(i, extra) is None


def test_floors_that_only_nobody_would_meet_are_left_out() -> None:
    traits = [{"newcomer": False}, {"newcomer": True}]
    rule = {"trait": "newcomer", "value": "", "sense": "at_least", "share": "50", "of": "awards"}
    problem = Knapsack([Fraction(9), Fraction(8)], [Decimal(5), Decimal(50)], Decimal(10), limits_of([rule], traits))
    assert problem.best() == [0]
    assert [sentence(limit.rule) for limit in problem.unmet] == ["At least 50 % of the awards shall go to newcomers."]


def test_a_share_of_the_awards_is_rounded_up_to_whole_awards() -> None:
    traits = [{"region": "A"}, {"region": "A"}, {"region": "B"}]
    rule = {"trait": "region", "value": "", "sense": "at_most", "share": "50", "of": "awards"}
    problem = Knapsack([Fraction(9)] * 3, [Decimal(1)] * 3, Decimal(10), limits_of([rule], traits))
    assert problem.best() == [0, 1, 2]


def test_limits_are_said_in_both_languages() -> None:
    rules = [
        {"trait": trait, "value": value, "sense": sense, "share": "12.5", "of": of}
        for trait, value in (
            ("region", ""),
            ("region", "Chengdu"),
            ("field", "Materials"),
            ("sector", "civil"),
            ("newcomer", ""),
        )
        for sense in ("at_most", "at_least")
        for of in ("budget", "awards")
    ]
    for rule in rules:
        with speaking("zh"):
            words = said(sentence(rule))
        assert "12.5 %" in words
        assert not any(english in words for english in ("the ", "of ", "newcomers", "region"))
    assert sentence(rules[0]) == "At most 12.5 % of the budget may go to any one region."
