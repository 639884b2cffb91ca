"""Budgets that add up, and what may be spent against them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.project_management.budgets import rules
from services.project_management.claims.rules import OverBudget, require_covered

LINES = [("equipment", 2027, Decimal(60), "CNY"), ("staff", 2028, Decimal(40), "CNY")]


def faults(lines: list[Any], **changed: Any) -> list[str]:
    good: dict[str, Any] = {"award": Decimal(100), "currency": "CNY", "first": 2027, "last": 2028}
    return [pointer for pointer, _ in rules.faults(lines, **good | changed)]


def test_a_budget_that_adds_up_or_is_left_out_has_no_faults() -> None:
    assert faults(LINES) == []
    assert faults([]) == []


@pytest.mark.parametrize(
    ("lines", "changed", "pointer"),
    [
        (LINES, {"award": Decimal(101)}, "/budget"),
        (LINES, {"first": 2028}, "/budget/0/year"),
        (LINES, {"currency": "EUR"}, "/budget/0/amount"),
        ([*LINES, ("staff", 2027, Decimal(0), "CNY")], {}, "/budget/2/amount"),
        ([LINES[0], ("equipment", 2027, Decimal(40), "CNY")], {}, "/budget/1/category"),
    ],
)
def test_a_fault_names_its_line(lines: list[Any], changed: dict[str, Any], pointer: str) -> None:
    assert pointer in faults(lines, **changed)


def inputs(claim: list[tuple[str, int, str]], **used: str) -> dict[str, Any]:
    return {
        "version": rules.OVERRUN[1],
        "organisation": "",
        "award": "1000.00",
        "currency": "CNY",
        "lines": [
            {"category": "equipment", "year": 2027, "budget": "400.00", "used": used.get("equipment", "0")},
            {"category": "staff", "year": 2027, "budget": "200.00", "used": used.get("staff", "0")},
            {"category": "staff", "year": 2028, "budget": "400.00", "used": used.get("later", "0")},
        ],
        "claim": [{"category": category, "year": year, "amount": amount} for category, year, amount in claim],
    }


@pytest.mark.parametrize(
    ("claim", "used", "result"),
    [
        ([("equipment", 2027, "400.00")], {}, "yes"),
        ([("equipment", 2027, "440.00")], {}, "yes"),
        ([("equipment", 2027, "440.01")], {}, "no"),
        ([("equipment", 2027, "440.00")], {"staff": "180.00"}, "no"),
        ([("equipment", 2027, "220.00"), ("equipment", 2027, "220.01")], {}, "no"),
        ([("travel", 2027, "1.00")], {}, "no"),
        ([("staff", 2028, "401.00")], {"equipment": "400.00", "staff": "200.00"}, "no"),
    ],
)
def test_a_line_may_be_over_run_by_a_tenth_that_its_year_covers(
    claim: list[tuple[str, int, str]], used: dict[str, str], result: str
) -> None:
    trace = rules.overrun(inputs(claim, **used))
    assert trace.result == result
    assert trace.repeats(rules.overrun)
    if result != "yes":
        with pytest.raises(OverBudget) as refused:
            require_covered(trace)
        assert all(one["detail"] for one in refused.value.errors)


def test_a_refusal_says_line_gap_and_remedy() -> None:
    with pytest.raises(
        OverBudget, match=r"The line for equipment costs in 2027 would be over-run by 50\.00 CNY"
    ) as refused:
        require_covered(rules.overrun(inputs([("equipment", 2027, "450.00")])))
    (error,) = refused.value.errors
    assert error == {
        "pointer": "/line.equipment.2027",
        "detail": "Claim less, or ask for a change of the budget that gives the line 50.00 CNY more.",
    }


def test_a_line_within_its_budget_does_not_spend_what_another_was_over_run_by() -> None:
    """As version 1 let it; version 2 called it unknown: their traces still repeat."""
    given = inputs([("staff", 2027, "200.00")], equipment="440.00")
    assert rules.overrun(given).result == "no"
    assert "have 160.00 CNY left together" in rules.overrun(given).clauses[0].reason
    second = {name: value for name, value in given.items() if name != "version"}
    assert (rules.overrun(second).result, rules.overrun(second).version) == ("unknown", 2)
    before = {name: value for name, value in second.items() if name != "organisation"}
    assert (rules.overrun(before).result, rules.overrun(before).version) == ("yes", 1)


@given(st.lists(st.tuples(st.sampled_from(["equipment", "staff"]), st.integers(1, 90_000)), max_size=12))
def test_whatever_is_claimed_a_year_never_costs_more_than_its_lines(claims: list[tuple[str, int]]) -> None:
    used = {"equipment": Decimal(0), "staff": Decimal(0)}
    for category, cents in claims:
        amount = Decimal(cents) / 100
        trace = rules.overrun(inputs([(category, 2027, str(amount))], **{k: str(v) for k, v in used.items()}))
        if trace.result == "yes":
            used[category] += amount
    assert sum(used.values()) <= 600
    assert used["equipment"] <= 440
    assert used["staff"] <= 220
