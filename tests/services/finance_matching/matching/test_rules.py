"""The judgement: clauses, remedies, score, and that it can be run again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.finance_matching.matching.rules import judge, worded
from services.finance_matching.matching.score import STAGE_FIT, WEIGHTS
from services.finance_matching.products.eligibility import FACTS
from services.finance_matching.products.rules import Kind
from services.finance_matching.words import FACT_WORDS, in_words
from shared.kernel.trace import DecisionTrace


def inputs(need: dict[str, Any] | None = None, product: dict[str, Any] | None = None, **organisation: Any) -> Any:
    return {
        "at": "2026-06-01T00:00:00+00:00",
        "need": {
            "amount": "1500000.00",
            "currency": "CNY",
            "term_months": 24,
            "stage": "research",
            "field": "advanced materials",
            "region": "Chengdu",
            "security": ["ip_pledge"],
            "has_project": True,
            "project_running": True,
            "paid": "1000000.00",
            "milestones_accepted": 1,
            **(need or {}),
        },
        "organisation": {
            "kind": "institute",
            "sector": "civil",
            "region": "Chengdu",
            "admitted": True,
            "assets": 1,
            **organisation,
        },
        "product": {
            "kind": "r_and_d_loan",
            "stages": ["research", "design_finalisation"],
            "min": "500000.00",
            "max": "5000000.00",
            "currency": "CNY",
            "term_months_min": 12,
            "term_months_max": 48,
            "regions": [],
            "fields": ["Advanced Materials"],
            "security_required": [],
            "valid_until": "2027-01-01T00:00:00+00:00",
            "rules": ["need.has_project"],
            **(product or {}),
        },
    }


def clause(trace: DecisionTrace, rule: str) -> Any:
    return next(clause for clause in trace.clauses if clause.rule == rule)


def test_a_product_that_fits_says_yes_in_every_clause() -> None:
    trace = judge(inputs())
    assert trace.result["outcome"] == "yes"
    assert {clause.outcome for clause in trace.clauses} == {"yes"}
    assert len(trace.clauses) == 8


@pytest.mark.parametrize(
    ("need", "product", "rule", "reason", "remedy"),
    [
        ({"amount": "5500000.00"}, {}, "product.amount", "above the largest", "Ask for CNY 500,000 less."),
        ({"amount": "400000.50"}, {}, "product.amount", "below the smallest", "Ask for CNY 99,999.50 more."),
        ({"currency": "EUR"}, {}, "product.amount", "in CNY", "State the need in CNY."),
        ({"term_months": 60}, {}, "product.term", "longest term, 48", "within 48 months"),
        ({"term_months": 6}, {}, "product.term", "shortest term, 12", "at least 12 months"),
        ({}, {"stages": ["production"]}, "product.stage", "is for production", "reaches production"),
        ({"stage": "production"}, {}, "product.stage", "at the stage production", ""),
        ({}, {"regions": ["Mianyang"]}, "product.region", "not Chengdu", "Mianyang"),
        ({"field": "optics"}, {}, "product.field", "not for optics", "Advanced Materials"),
        ({}, {"security_required": ["real_estate"]}, "product.security", "does not offer", "real estate"),
        ({"security": []}, {"security_required": ["ip_pledge"]}, "product.security", "IP pledge", "holds 1 registered"),
        ({}, {"valid_until": "2026-05-01T00:00:00+00:00"}, "product.validity", "2026-05-01", "offered again"),
        ({"has_project": False}, {}, "product.rule.1", "does not hold: need.has_project", "exception"),
    ],
)
def test_each_clause_says_no_with_its_reason_and_the_smallest_change(
    need: dict[str, Any], product: dict[str, Any], rule: str, reason: str, remedy: str
) -> None:
    trace = judge(inputs(need, product))
    against = clause(trace, rule)
    assert (against.outcome, trace.result["outcome"]) == ("no", "no")
    assert reason in against.reason
    assert remedy in against.remedy
    assert bool(remedy) == bool(against.remedy)


@pytest.mark.parametrize(
    ("need", "product", "organisation", "rule"),
    [
        ({"term_months": None}, {}, {}, "product.term"),
        ({"field": ""}, {}, {}, "product.field"),
        ({"region": ""}, {"regions": ["Chengdu"]}, {}, "product.region"),
        ({}, {"security_required": ["ip_pledge"]}, {"assets": 0}, "product.security"),
        ({"paid": None}, {"rules": ["need.paid > 0"]}, {}, "product.rule.1"),
        ({}, {"rules": ["organisation.kind == 'company'"]}, {"kind": None}, "product.rule.1"),
    ],
)
def test_what_is_not_known_is_unknown_and_not_no(
    need: dict[str, Any], product: dict[str, Any], organisation: dict[str, Any], rule: str
) -> None:
    trace = judge(inputs(need, product, **organisation))
    assert clause(trace, rule).outcome == "unknown"
    assert clause(trace, rule).remedy
    assert trace.result["outcome"] == "unknown"


def test_one_no_outweighs_any_unknown() -> None:
    assert judge(inputs({"term_months": None, "amount": "9000000.00"})).result["outcome"] == "no"


def test_every_kind_has_its_stage_fit_and_the_weights_make_a_hundred() -> None:
    assert set(STAGE_FIT) == {kind.value for kind in Kind}
    assert sum(WEIGHTS.values()) == 100


def test_at_each_stage_the_instruments_of_the_paper_come_first() -> None:
    def score(kind: str, stage: str) -> int:
        found: int = judge(inputs({"stage": stage}, {"kind": kind, "stages": [stage]})).result["score"]
        return found

    assert score("subsidy", "research") > score("venture", "research") > score("bank_credit", "research")
    assert score("venture", "design_finalisation") > score("subsidy", "design_finalisation")
    assert score("bank_credit", "production") > score("venture", "production") > score("subsidy", "production")


def test_a_nearer_amount_scores_higher() -> None:
    near, far = (judge(inputs({"amount": amount})).result["score"] for amount in ("6000000.00", "60000000.00"))
    assert far < near < judge(inputs()).result["score"]


def test_the_reasons_are_said_in_the_readers_language() -> None:
    trace = judge(inputs({"amount": "5500000.00"}))

    def shouted(message: str, **params: str) -> str:
        return (message % params if params else message).upper()

    assert "ABOVE THE LARGEST AMOUNT" in worded(trace, shouted)[2].reason
    older = trace.model_copy(update={"version": 0})
    assert worded(older, shouted) == list(trace.clauses)


amounts = st.integers(1, 10**15).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
stages = st.sampled_from(["research", "design_finalisation", "production"])


@given(
    amounts,
    amounts,
    amounts,
    st.none() | st.integers(1, 600),
    stages,
    st.lists(stages, min_size=1, max_size=3, unique=True),
    st.sampled_from(["", "advanced materials", "optics"]),
    st.sampled_from(list(Kind)),
    st.lists(st.sampled_from(["need.paid > 10", "organisation.assets > 1", "need.term_months <= 30"]), max_size=3),
)
def test_any_judgement_repeats_after_storage_and_scores_within_bounds(
    amount: str,
    one: str,
    other: str,
    term: int | None,
    stage: str,
    wanted: list[str],
    field: str,
    kind: Kind,
    rules: list[str],
) -> None:
    low, high = sorted((one, other), key=lambda text: int(text.replace(".", "")))
    asked = inputs(
        {"amount": amount, "term_months": term, "stage": stage, "field": field},
        {"min": low, "max": high, "stages": wanted, "kind": kind.value, "rules": rules},
    )
    trace = judge(asked)
    stored = DecisionTrace.model_validate(json.loads(trace.model_dump_json()))
    assert stored.repeats(judge)
    assert 0 <= stored.result["score"] <= 100
    assert sum(stored.result["parts"].values()) == stored.result["score"]


@pytest.mark.parametrize(
    ("rule", "read"),
    [
        ("need.has_project", "the need belongs to a project"),
        (
            "need.has_project && need.amount <= 3000000",
            "the need belongs to a project and amount asked for ≤ 3000000",
        ),
        (
            "!organisation.admitted || need.stage == 'need.stage'",
            "not the organisation is admitted or stage of the work = 'need.stage'",
        ),
        ("'ip_pledge' in need.security", "'ip_pledge' is among security offered"),
    ],
)
def test_a_partners_rule_is_read_in_words(rule: str, read: str) -> None:
    assert in_words(rule, str) == read


def test_every_fact_that_a_rule_may_ask_about_has_its_word() -> None:
    assert set(FACT_WORDS) == {f"{thing}.{name}" for thing, facts in FACTS.items() for name in facts}
