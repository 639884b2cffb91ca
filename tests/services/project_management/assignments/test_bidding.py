"""How bids change affinity: ordered, bounded, and never stronger than a conflict or the bound on a pair."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.project_management.assignments import lottery, rules
from services.project_management.assignments.bidding import LIFT, Bid, lifted, weighed
from tests.services.project_management.assignments.test_rules import application, expert, inputs

ANY_BID = st.sampled_from(list(Bid))


@given(affinity=st.integers(0, 1000))
def test_bids_are_ordered_and_no_bid_lifts_by_more_than_stated(affinity: int) -> None:
    eager, willing, rather_not, cannot = (lifted(affinity, bid) for bid in Bid)
    assert 0 == cannot <= rather_not <= affinity <= willing <= eager <= min(1000, affinity + LIFT)


@given(bid=ANY_BID)
def test_a_nearer_text_stays_nearer_under_the_same_bid(bid: Bid) -> None:
    after = [lifted(one, bid) for one in range(1001)]
    assert all(one <= other for one, other in pairwise(after))


def test_the_formula_is_the_stated_one() -> None:
    assert [lifted(640, bid) for bid in Bid] == [790, 715, 409, 0]
    assert lifted(900, Bid.EAGER) == 948
    assert lifted(0, Bid.EAGER) == LIFT


@given(
    bids=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), ANY_BID), max_size=24),
    seed=st.integers(0, 9),
)
def test_whatever_a_ring_bids_no_conflict_gives_way_and_no_pair_is_likelier_than_the_bound(
    bids: list[tuple[int, int, Bid]], seed: int
) -> None:
    applications = [application(f"a{i}", organisations=[], words=[str(i)]) for i in range(4)]
    experts = [expert(f"e{j}", fields=["Materials"] if j % 2 else []) for j in range(6)]
    told: dict[str, Any] = inputs(applications, experts, bound=50, seed=seed)
    told["declared"] = [{"application_id": "a0", "expert_id": "e0", "reason": "friends", "conflict": True}]
    told["bids"] = [{"application_id": f"a{i}", "expert_id": f"e{j}", "bid": bid.value} for i, j, bid in bids]
    trace = rules.assign(told)
    assert trace.result["feasible"]
    pairs = {(one["application_id"], one["expert_id"]) for one in trace.result["assignments"]}
    assert ("a0", "e0") not in pairs
    listed = weighed(told)
    needs, rooms = [2] * 4, [3] * 6
    given_ = rules._problem(needs, rooms, listed, [{0}, set(), set(), set()], {i: set() for i in range(4)}, told)
    chance = lottery.chances(given_, 50)
    assert int(np.max(chance)) <= 50
    assert rules.assign(told) == trace
