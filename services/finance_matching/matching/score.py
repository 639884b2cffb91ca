"""The score of a product for a need, 0 to 100: it orders what fits. From the recorded inputs alone."""

from fractions import Fraction
from typing import Any

from services.finance_matching.words import Stage

WEIGHTS = {"stage": 35, "amount": 20, "term": 15, "field": 10, "region": 10, "security": 10}
"""Points of a perfect fit; they sum to 100."""
STAGE_FIT: dict[str, tuple[int, int, int]] = {
    "subsidy": (100, 40, 10),
    "tax_preference": (100, 60, 40),
    "interest_subsidy": (100, 60, 40),
    "risk_fund": (100, 60, 20),
    "venture": (50, 100, 50),
    "angel": (80, 60, 10),
    "policy_loan": (40, 100, 50),
    "r_and_d_loan": (80, 80, 30),
    "fund": (50, 70, 60),
    "equity": (30, 60, 80),
    "guarantee": (40, 60, 60),
    "insurance": (40, 60, 60),
    "government_purchase": (30, 60, 70),
    "integrated_loan": (30, 70, 80),
    "leasing": (20, 50, 80),
    "bank_credit": (20, 50, 100),
    "stock": (10, 40, 100),
    "bond": (10, 30, 100),
    "supply_chain_loan": (10, 30, 100),
    "abs": (10, 20, 80),
}
"""Percent of fit at research, design finalisation and production. Each 100 is paper 1, section 3.1; the rest is a
first estimate, to be replaced by past outcomes."""


def same(one: str, other: str) -> bool:
    """Regions and fields are typed by people."""
    return one.casefold() == other.casefold()


def score_parts(inputs: dict[str, Any]) -> dict[str, int]:
    """Points by criterion."""
    need, product = inputs["need"], inputs["product"]
    fits = {
        "stage": Fraction(STAGE_FIT[product["kind"]][list(Stage).index(Stage(need["stage"]))], 100),
        "amount": _within(Fraction(need["amount"]), Fraction(product["min"]), Fraction(product["max"]))
        if need["currency"] == product["currency"]
        else Fraction(0),
        "term": Fraction(1, 2)
        if need["term_months"] is None
        else _within(
            Fraction(need["term_months"]), Fraction(product["term_months_min"]), Fraction(product["term_months_max"])
        ),
        "field": _affinity(need["field"], product["fields"]),
        "region": _affinity(need["region"], product["regions"]),
        "security": _cover(need["security"], product["security_required"]),
    }
    return {name: int(WEIGHTS[name] * fit + Fraction(1, 2)) for name, fit in fits.items()}


def _within(value: Fraction, low: Fraction, high: Fraction) -> Fraction:
    """1 inside; outside, how near it comes, as a proportion."""
    if value < low:
        return value / low
    return high / value if value > high else Fraction(1)


def _affinity(own_: str, wanted: list[str]) -> Fraction:
    """A product made for this place or field comes before one for everybody."""
    if not wanted:
        return Fraction(7, 10)
    return Fraction(1) if any(same(own_, one) for one in wanted) else Fraction(0)


def _cover(offered: list[str], required: list[str]) -> Fraction:
    if not required:
        return Fraction(1)
    return Fraction(len(set(required) & set(offered)), len(required)) * Fraction(8, 10)
