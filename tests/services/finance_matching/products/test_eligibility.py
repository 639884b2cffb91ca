"""The rule language: what it means, what it refuses, and that it never runs away."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.finance_matching.products.eligibility import FACTS, MAX_LENGTH, RuleFault, compiled

KNOWN = {
    "need": {"amount": "1500000.50", "stage": "research", "security": ["ip_pledge"], "has_project": True},
    "organisation": {"kind": "institute", "assets": 0},
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("need.has_project", True),
        ("need.amount <= 1500000.5 && need.stage in ['research', 'production']", True),
        ("need.amount > 1500000.5", False),
        ("'ip_pledge' in need.security", True),
        ("!(organisation.kind == 'company')", True),
        ("need.amount - 500000 * 2 > 0", True),
        ("need.stage == 'x' ? true : organisation.assets == 0", True),
        ("need.paid > 0", None),
        ("need.paid > 0 || need.has_project", True),
        ("need.paid > 0 && !need.has_project", False),
        ("need.paid > 0 && need.has_project", None),
        ("!(need.paid > 0)", None),
    ],
)
def test_a_rule_is_true_false_or_not_known(rule: str, expected: bool | None) -> None:
    assert compiled(rule).holds(KNOWN) is expected


def test_a_rule_names_the_facts_it_misses() -> None:
    assert compiled("need.paid > 0 && need.term_months < 12").missing(KNOWN) == ["need.paid", "need.term_months"]


@pytest.mark.parametrize(
    ("rule", "position", "says"),
    [
        ("need.amount >", 13, "cannot be read"),
        ("need.has_project && need.colour == 'red'", 21, "need.amount"),
        ("foo", 1, "You may use"),
        ("need.amount", 1, "true or false"),
        ("need.stage > 3", 1, "number"),
        ("need.stage == 3", 15, "text"),
        ("need.amount / 2 > 1", 1, "division"),
        ("need.security.exists(x, x == 'a')", 1, "cannot be used"),
        ("size(need.security) > 1", 1, "cannot be used"),
        ("need['amount'] > 1", 1, "cannot be used"),
        ("need.a.b == 1", 1, "not known"),
        ("", 1, "cannot be read"),
    ],
)
def test_a_bad_rule_is_refused_with_its_position_and_what_may_be_used(rule: str, position: int, says: str) -> None:
    with pytest.raises(RuleFault, match=says) as refused:
        compiled(rule)
    assert refused.value.position == position


@pytest.mark.parametrize(
    "rule",
    [
        "'" + "\\a" * 150,
        "'''" + "\r\n" * 150,
        "!" * 380 + "true",
        "(" * 190 + "true" + ")" * 190,
        "1+" * 190 + "1 > 0",
        "x" * (MAX_LENGTH + 1),
        "999999999999999 * " * 20 + "1 > 0",
    ],
)
def test_hostile_rules_are_answered_at_once(rule: str) -> None:
    begun = time.perf_counter()
    with contextlib.suppress(RuleFault):
        compiled(rule).holds(KNOWN)
    assert time.perf_counter() - begun < 1


@given(st.text(alphabet="need.amoutsgr ()[]&|!<>=+-*/%?:'\"0123456789,{}\\\n", max_size=60))
def test_any_text_is_a_rule_or_a_refusal(text: str) -> None:
    try:
        rule = compiled(text)
    except RuleFault:
        return
    assert rule.holds({thing: {} for thing in FACTS}) in (True, False, None)
