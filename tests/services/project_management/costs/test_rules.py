"""Whether the budget of an application keeps to its call's terms: pure."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.project_management.applications.eligibility import ELIGIBILITY, eligibility, may_submit
from services.project_management.applications.outlook import smallest_change
from services.project_management.costs.rules import Base, Category, amount, faults, findings, terms_faults
from services.project_management.costs.words import CATEGORIES

TERMS: dict[str, Any] = {
    "required": True,
    "years": 2,
    "categories": [one.value for one in Category],
    "caps": [{"category": "indirect", "percent": "20", "of": "direct"}],
    "own_percent": "10",
}
ORGANISATIONS = [{"id": "a", "name": "Institute"}, {"id": "b", "name": "University"}]


def line(category: str, year: str, requested: str, own: str = "0.00") -> dict[str, str]:
    return {"category": category, "year": year, "requested": requested, "own": own}


SOUND = {
    "a": [line("equipment", "1", "600000.00", "100000.00"), line("indirect", "2", "200000.00")],
    "b": [line("staff", "2", "400000.00", "20000.00")],
}


def said(
    lines: dict[str, list[dict[str, str]]], requested: str = "1200000.00", **terms: Any
) -> dict[str, tuple[str, str, str]]:
    """The clauses that are not met: outcome, reason, remedy by rule."""
    costs = {"terms": TERMS | terms, "lines": lines}
    found = findings(costs, ORGANISATIONS, {"amount": requested, "currency": "CNY"})
    clauses = [one.clause(lambda text, **params: text % params) for one in found]
    return {one.rule: (one.outcome, one.reason, one.remedy) for one in clauses if one.outcome != "yes"}


def test_a_sound_budget_meets_every_clause() -> None:
    assert said(SOUND) == {}
    costs = {"terms": TERMS, "lines": SOUND}
    rules = [one.rule for one in findings(costs, ORGANISATIONS, {"amount": "1200000", "currency": "CNY"})]
    assert rules == [
        *("budget.amount", "budget.category", "budget.year", "budget.sum", "budget.share", "budget.share"),
        *("budget.cap.indirect", "budget.own"),
    ]


def changed(organisation: str, n: int, **to: str) -> dict[str, list[dict[str, str]]]:
    lines = {id: [dict(one) for one in of] for id, of in SOUND.items()}
    lines[organisation][n] |= to
    return lines


@pytest.mark.parametrize(
    ("lines", "terms", "rule", "outcome", "words"),
    [
        ({}, {}, "budget.present", "unknown", "No budget by lines"),
        (changed("b", 0, requested="-1.00"), {}, "budget.amount", "no", "first in row 1 of University"),
        (changed("b", 0, requested="many"), {}, "budget.amount", "no", "row 1 of University"),
        (changed("a", 1, requested="1.005"), {}, "budget.amount", "no", "row 2 of Institute"),
        (changed("a", 1, requested="0.00"), {}, "budget.amount", "no", "row 2 of Institute"),
        (changed("a", 1, category="yacht"), {}, "budget.category", "no", "row 2 of Institute"),
        (SOUND, {"categories": ["equipment", "indirect"]}, "budget.category", "no", "row 1 of University"),
        (changed("a", 1, category="equipment", year="1"), {}, "budget.category", "no", "stand twice"),
        (changed("b", 0, year="3"), {}, "budget.year", "no", "row 1 of University"),
        (changed("b", 0, year="²"), {}, "budget.year", "no", "row 1 of University"),
        (changed("b", 0, requested="300000.00"), {}, "budget.sum", "no", "ask for 1,100,000.00 CNY"),
        ({"a": [*SOUND["a"], *SOUND["b"]]}, {}, "budget.share", "unknown", "University has no share"),
        (changed("a", 0, requested="500000.00"), {}, "budget.cap.indirect", "no", "more than 20 % of the direct costs"),
        (changed("a", 0, own="99999.99"), {}, "budget.own", "no", "less than 10 %"),
    ],
)  # fmt: skip
def test_each_fault_is_its_own_clause_with_what_helps(
    lines: dict[str, Any], terms: dict[str, Any], rule: str, outcome: str, words: str
) -> None:
    found = said(lines, **terms)
    assert rule in found
    assert found[rule][0] == outcome
    assert words in found[rule][1]
    assert found[rule][2], "it says what helps"


def test_what_is_missing_is_said_to_the_cent() -> None:
    assert said(changed("b", 0, requested="300000.00"))["budget.sum"][2].startswith("Add 100,000.00 CNY to the lines")
    over = said(changed("b", 0, requested="500000.00"))["budget.sum"][2]
    assert over.startswith("Take 100,000.00 CNY off the lines")
    assert said(changed("a", 0, own="99999.99"))["budget.own"][2] == "Bring 0.01 CNY more."
    capped = said(changed("a", 1, requested="200000.01"), requested="1200000.01")["budget.cap.indirect"]
    assert capped[2].startswith("Take 0.01 CNY off it")


def test_a_cap_leaves_out_what_its_base_leaves_out() -> None:
    cap = {"category": "indirect", "percent": "50", "of": Base.DIRECT_LESS_EQUIPMENT.value}
    assert said(SOUND, caps=[cap]) == {}
    assert "budget.cap.indirect" in said(SOUND, caps=[cap | {"percent": "49.99"}])
    of_all = {"category": "equipment", "percent": "50", "of": "total"}
    assert said(SOUND, caps=[of_all]) == {}
    assert "budget.cap.equipment" in said(SOUND, caps=[of_all | {"percent": "49"}])


def test_lines_of_who_takes_no_part_do_not_count() -> None:
    left = SOUND | {"gone": [line("staff", "1", "900000.00")]}
    assert said(left) == {}


def test_a_call_does_not_contradict_itself() -> None:
    assert terms_faults(TERMS) == []
    cap = TERMS["caps"][0]
    for wrong in (
        {"categories": ["staff", "staff", "indirect"]},
        {"categories": ["staff"]},
        {"caps": [cap, cap | {"percent": "30"}]},
        {"caps": [{"category": "equipment", "percent": "30", "of": "direct_less_equipment"}]},
    ):
        assert terms_faults(TERMS | wrong), wrong


def test_every_category_has_a_word() -> None:
    assert set(CATEGORIES) == set(Category)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_sum_is_met_exactly_or_the_gap_is_named(parts: list[tuple[int, int]]) -> None:
    categories = [one.value for one in Category if one is not Category.INDIRECT][: len(parts)]
    lines = {
        "a": [
            line(category, "1", f"{Decimal(asked) / 100:.2f}", f"{Decimal(own) / 100:.2f}")
            for category, (asked, own) in zip(categories, parts, strict=False)
        ],
        "b": [line("staff", "2", "0.00", "1.00")],
    }
    total = sum((amount(one["requested"]) or Decimal(0) for one in lines["a"]), Decimal(0))
    assert faults(lines["a"], TERMS) == []
    assert "budget.sum" not in said(lines, f"{total:.2f}")
    assert "0.01 CNY" in said(lines, f"{total + Decimal('0.01'):.2f}")["budget.sum"][2]


def test_eligibility_takes_the_clauses_over_and_repeats() -> None:
    organisation = {
        "kind": "institute", "region": "Chengdu", "sector": "civil", "credit": "", "state": "admitted",
        "admitted_until": "2090-01-01T00:00:00+00:00", "running": 0,
    }  # fmt: skip
    inputs: dict[str, Any] = {
        "now": "2027-01-01T00:00:00+00:00",
        "call": {
            "state": "released", "opens_at": "2026-01-01T00:00:00+00:00", "closes_at": "2028-01-01T00:00:00+00:00",
            "kinds": [], "regions": [], "sectors": [], "credit": "", "running_per_organisation": 0,
            "running_per_person": 0, "ceiling": {"amount": "3000000.00", "currency": "CNY"},
        },
        "requested": {"amount": "1200000.00", "currency": "CNY"},
        "organisations": [organisation | one for one in ORGANISATIONS],
        "partners": [{"name": "University", "answer": "consented"}],
        "documents": 1,
        "costs": {"terms": TERMS, "lines": SOUND},
    }  # fmt: skip
    sound = eligibility(inputs)
    assert (sound.rule, sound.version) == ELIGIBILITY
    assert sound.repeats(eligibility)
    assert may_submit(sound)
    wrong = inputs | {"costs": {"terms": TERMS, "lines": changed("b", 0, requested="1.00")}}
    assert not may_submit(eligibility(wrong))
    change = smallest_change(wrong)
    assert change
    assert [one.sentence for one in change] == ["Correct the budget, as its clauses say."]
    assert not may_submit(eligibility(inputs | {"costs": {"terms": TERMS, "lines": {}}}))
    # Without its partner the lines that are left do not add up: both changes are named.
    refused = inputs | {"partners": [{"name": "University", "answer": "refused"}]}
    change = smallest_change(refused)
    assert change
    assert [one.sentence for one in change] == [
        "Take %(name)s off the application.",
        "Correct the budget, as its clauses say.",
    ]
