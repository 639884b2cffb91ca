"""Who is asked next, and who may appeal, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.project_management.appeals.rules import AppealTooLate, NoAppeal, OwnDecision, another, possible
from services.project_management.reserves.rules import TRANSITIONS, OfferNotReady, State, next_offer, next_state

NOW = datetime(2027, 3, 1, tzinfo=UTC)


def one(id: str, rank: int, requested: str, *, ahead: bool = False, field: str = "Materials") -> dict[str, Any]:
    traits = {"region": "Chengdu", "field": field, "sector": "civil", "newcomer": False}
    return {"id": id, "title": id, "rank": rank, "requested": requested, "ahead": ahead, "traits": traits}


def inputs(*reserve: dict[str, Any], portfolio: list[dict[str, str]] | None = None) -> dict[str, Any]:
    held = [one("held", 1, "500.00")]
    return {
        "budget": "1000.00",
        "currency": "CNY",
        "portfolio": portfolio or [],
        "held": held,
        "reserve": list(reserve),
    }


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(TRANSITIONS))
def test_an_offer_is_answered_once(verb: str, state: State) -> None:
    if state in TRANSITIONS[verb][0]:
        assert next_state(verb, state) is TRANSITIONS[verb][1]
    else:
        with pytest.raises(OfferNotReady):
            next_state(verb, state)


def test_the_next_by_rank_whom_the_money_reaches_is_asked() -> None:
    trace = next_offer(inputs(one("third", 3, "300.00"), one("second", 2, "600.00")))
    assert trace.result == {"application_id": "third", "left": "500.00"}
    assert [clause.outcome for clause in trace.clauses] == ["no", "yes"]
    assert "asks for 600.00; 500.00 are left" in trace.clauses[0].reason
    assert trace.repeats(next_offer)


def test_a_list_that_was_ordered_by_hand_is_asked_in_its_order() -> None:
    second, third = one("second", 2, "100.00") | {"place": 2}, one("third", 3, "100.00") | {"place": 1}
    trace = next_offer(inputs(second, third))
    assert trace.result["application_id"] == "third"
    assert trace.repeats(next_offer)


def test_a_granted_appeal_goes_before_better_ranks() -> None:
    trace = next_offer(inputs(one("second", 2, "100.00"), one("ninth", 9, "100.00", ahead=True)))
    assert trace.result["application_id"] == "ninth"


def test_a_ceiling_of_the_share_limits_stands_against_an_offer() -> None:
    limit = {"trait": "field", "value": "Batteries", "sense": "at_most", "share": "20", "of": "budget"}
    reserve = one("second", 2, "300.00", field="Batteries"), one("third", 3, "300.00")
    trace = next_offer(inputs(*reserve, portfolio=[limit]))
    assert trace.result["application_id"] == "third"
    assert "share limit" in trace.clauses[0].reason


def test_nobody_is_asked_where_the_money_reaches_nobody() -> None:
    assert next_offer(inputs()).result["application_id"] is None
    assert next_offer(inputs(one("second", 2, "500.01"))).result["application_id"] is None


def test_one_appeal_against_a_decision_not_to_fund_within_the_days_of_the_letter() -> None:
    until = NOW + timedelta(days=15)
    possible("declined", appealed=False, letter=NOW, until=until, now=until - timedelta(seconds=1))
    with pytest.raises(AppealTooLate, match="until 2027-03-16"):
        possible("reserve", appealed=False, letter=NOW, until=until, now=until)
    for outcome, appealed, ends, said in (
        ("declined", True, until, "lodged already"),
        ("funded", False, until, "not to fund"),
        ("turned_down", False, until, "not to fund"),
        ("declined", False, None, "lets nobody appeal"),
    ):
        with pytest.raises(NoAppeal, match=said):
            possible(outcome, appealed=appealed, letter=NOW, until=ends, now=NOW)


def test_who_had_a_hand_in_the_decision_decides_no_appeal() -> None:
    another("chen", ["li"], reviewed=False)
    for subject, reviewed in (("li", False), ("ma", True)):
        with pytest.raises(OwnDecision):
            another(subject, ["li"], reviewed=reviewed)
