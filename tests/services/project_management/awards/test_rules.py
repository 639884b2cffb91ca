"""Ranking and the decision under a budget, as plain values."""

import itertools
import random
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.project_management.awards import rules
from tests.kit.servers import ROOT


def one(id: str, requested: str, *scores: str) -> dict[str, Any]:
    return {"id": id, "title": f"Title {id}", "lead": "Lead", "requested": requested, "scores": list(scores)}


def inputs(*applications: dict[str, Any], budget: str = "100.00", **changed: Any) -> dict[str, Any]:
    return {
        "budget": budget,
        "currency": "CNY",
        "pass_mark": "6",
        "applications": list(applications),
        "overrides": [],
    } | changed


def outcomes(trace: Any) -> dict[str, str]:
    return {item["id"]: item["outcome"] for item in trace.result["items"]}


def test_ties_go_to_the_lower_amount_and_then_to_the_id() -> None:
    ranked = rules.ranking([one("c", "50", "8"), one("b", "40", "8"), one("a", "50", "8"), one("d", "1", "9", "9")])
    assert [(item["rank"], item["id"]) for item in ranked] == [(1, "d"), (2, "b"), (3, "a"), (4, "c")]


def test_mean_and_spread_are_shown_and_absent_where_there_is_nothing() -> None:
    two, single, none = rules.ranking([one("a", "1", "7", "9"), one("b", "1", "6"), one("c", "1")])
    assert (two["mean"], two["sd"], two["reviews"]) == ("8.00", "1.41", 2)
    assert (single["mean"], single["sd"]) == ("6.00", None)
    assert (none["mean"], none["sd"], none["rank"]) == (None, None, 3)


def test_the_solver_leaves_ctrl_c_to_whoever_had_it() -> None:
    program = """
import os, signal
from decimal import Decimal
from fractions import Fraction
from services.project_management.awards.rules import best_set
signal.signal(signal.SIGINT, lambda *_: print("stopped in order", flush=True))
best_set([Fraction(8), Fraction(9)], [Decimal(5), Decimal(6)], Decimal(8))
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
    chosen = rules.best_set(scores, amounts, budget)
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
    chosen = rules.best_set(scores, amounts, Decimal(20_000_000))
    assert sum(amounts[i] for i in chosen) <= Decimal(20_000_000)


def test_amounts_beyond_the_solvers_integers_are_still_decided() -> None:
    huge = Decimal("9999999999999999.99")
    assert len(rules.best_set([Fraction(8)] * 150, [huge] * 150, huge)) == 1


def test_good_but_unaffordable_is_reserve_and_below_the_mark_is_declined() -> None:
    trace = rules.decide(inputs(one("a", "90", "9"), one("b", "60", "8"), one("c", "10", "5")))
    assert outcomes(trace) == {"a": "funded", "b": "reserve", "c": "declined"}
    assert (trace.result["spent"], trace.result["left"]) == ("90", "10.00")
    assert "below the pass mark of 6" in trace.result["items"][2]["reason"]
    assert trace.repeats(rules.decide)


def test_when_two_cheaper_ones_beat_the_first_the_reason_says_so() -> None:
    trace = rules.decide(inputs(one("a", "100", "9"), one("b", "50", "8"), one("c", "50", "7")))
    assert outcomes(trace) == {"a": "reserve", "b": "funded", "c": "funded"}
    assert "rank 2, 3 brings more" in trace.result["items"][0]["reason"]
    assert trace.result["items"][0]["above_line"]
    assert not rules.best_first(trace.result["items"])


def test_an_officer_may_decide_otherwise_but_not_past_the_budget() -> None:
    applications = one("a", "90", "9"), one("b", "60", "8")
    choice = {"application_id": "a", "outcome": "declined", "reason": "Double funding."}
    trace = rules.decide(inputs(*applications, overrides=[choice]))
    assert outcomes(trace) == {"a": "declined", "b": "reserve"}
    assert "Double funding." in trace.result["items"][0]["reason"]
    with pytest.raises(rules.OverBudget, match="come to 150"):
        rules.decide(inputs(*applications, overrides=[{**choice, "application_id": "b", "outcome": "funded"}]))


def test_a_call_without_applications_is_decided_too() -> None:
    assert rules.decide(inputs()).result["items"] == []
