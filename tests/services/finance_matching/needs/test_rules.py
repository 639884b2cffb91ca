"""Needs: states, labels, and what is filled in."""

from datetime import date
from decimal import Decimal

import pytest

from services.finance_matching.needs.rules import (
    NeedNotReady,
    State,
    label_fault,
    months_until,
    next_state,
    prefilled,
)
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel

TODAY = date(2026, 6, 15)
PROJECT = {
    "id": new_id(),
    "title": "Cages",
    "stage": "research",
    "amount": Decimal("2600000.00"),
    "paid": Decimal("1000000.00"),
    "currency": "CNY",
    "ends_on": date(2027, 6, 14),
    "field": "advanced materials",
    "region": "Chengdu",
    "label": "public",
}


def test_a_need_is_changed_while_drafted_or_open_and_never_after() -> None:
    assert next_state("change", State.OPEN) is State.OPEN
    assert next_state("open", State.DRAFT) is State.OPEN
    for verb in ("change", "open", "withdraw"):
        with pytest.raises(NeedNotReady):
            next_state(verb, State.WITHDRAWN)


def test_a_need_is_never_public_nor_below_its_project() -> None:
    assert "internal" in label_fault(SecurityLabel.PUBLIC, None)
    assert "controlled" in label_fault(SecurityLabel.INTERNAL, "controlled")
    assert label_fault(SecurityLabel.CONTROLLED, "internal") == ""


@pytest.mark.parametrize(
    ("end", "months"),
    [(date(2027, 6, 15), 12), (date(2027, 6, 14), 11), (date(2026, 6, 16), 1), (TODAY, None), (None, None)],
)
def test_whole_months_are_left_until_the_end(end: date | None, months: int | None) -> None:
    assert months_until(end, TODAY) == months


def test_a_need_is_filled_in_with_what_is_not_paid_out_yet() -> None:
    known = prefilled(PROJECT, True, TODAY)
    assert known["amount"] == {"amount": "1600000.00", "currency": "CNY"}
    assert known["security_offered"] == ["ip_pledge"]
    assert known["label"] == "internal"
    assert prefilled({**PROJECT, "paid": PROJECT["amount"]}, False, TODAY)["amount"] is None
