"""The ranking as a board: moves, what departs from the rule, and what it comes to."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.project_management.awards import board, rules

OUTCOMES = ("funded", "funded", "reserve", "reserve", "reserve", "declined")
ITEMS = [{"id": f"a{n}", "outcome": outcome, "reason": ""} for n, outcome in enumerate(OUTCOMES, 1)]


def after(*moves: str) -> dict[str, list[str]]:
    return board.played(ITEMS, moves)


@pytest.mark.parametrize(
    ("moves", "funded", "reserve", "declined"),
    [
        ((), "a1 a2", "a3 a4 a5", "a6"),
        (("a2:down",), "a1", "a2 a3 a4 a5", "a6"),
        (("a2:reserve",), "a1", "a2 a3 a4 a5", "a6"),
        (("a5:up",), "a1 a2", "a3 a5 a4", "a6"),
        (("a5:reserve:1",), "a1 a2", "a5 a3 a4", "a6"),
        (("a3:up",), "a1 a2 a3", "a4 a5", "a6"),
        (("a5:down",), "a1 a2", "a3 a4", "a5 a6"),
        (("a6:up",), "a1 a2", "a3 a4 a5 a6", ""),
        (("a6:funded", "a1:declined"), "a2 a6", "a3 a4 a5", "a1"),
        (("a1:up", "a6:down", "gone:up", "a3:sideways", "a3"), "a1 a2", "a3 a4 a5", "a6"),
        (("a3:reserve:99",), "a1 a2", "a4 a5 a3", "a6"),
    ],
)
def test_an_application_is_moved_over_the_line_or_along_the_reserve_list(
    moves: tuple[str, ...], funded: str, reserve: str, declined: str
) -> None:
    assert after(*moves) == {"funded": funded.split(), "reserve": reserve.split(), "declined": declined.split()}


def test_only_what_has_an_effect_departs_from_the_rule() -> None:
    assert board.departures(ITEMS, after()) == []
    assert board.departures(ITEMS, after("a2:down", "a2:up")) == []
    assert board.departures(ITEMS, after("a5:reserve:1")) == [
        {"application_id": "a5", "outcome": "reserve", "place": 1}
    ]
    moved = board.departures(ITEMS, after("a6:reserve:1", "a1:declined"))
    assert moved == [
        {"application_id": "a1", "outcome": "declined", "place": None},
        {"application_id": "a6", "outcome": "reserve", "place": 1},
    ]


def test_what_a_page_sends_that_is_no_move_is_left_out() -> None:
    assert board.moves_of("a1:up  a2:funded a3:reserve:2 a4 a5:left a6:up:x a7:reserve:-1 a8:reserve:٣ :") == [
        "a1:up",
        "a2:funded",
        "a3:reserve:2",
    ]
    assert len(board.moves_of("a1:up " * 9_000)) == board.MOST_MOVES


def application(n: int, score: str, requested: str, region: str) -> dict[str, Any]:
    return {
        "id": f"a{n}",
        "title": f"A{n}",
        "lead": "L",
        "requested": requested,
        "traits": {"region": region, "field": "", "sector": "", "newcomer": False},
        "standing": {"points": "+0.00", "rules": []},
        "given": [{"reviewer": "r1", "score": score}],
    }


def inputs(overrides: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "version": rules.VERSION,
        "budget": "100",
        "currency": "CNY",
        "pass_mark": "6",
        "scores": "raw",
        "portfolio": [{"trait": "region", "value": "", "sense": "at_most", "share": "60", "of": "budget"}],
        "applications": [
            application(1, "9", "40", "West"),
            application(2, "8", "40", "East"),
            application(3, "7.5", "30", "West"),
            application(4, "7", "20", "East"),
            application(5, "6.5", "35", "South"),
            application(6, "3", "10", "South"),
        ],
        "overrides": overrides or [],
    }


def test_money_limits_and_the_next_of_the_list_are_told() -> None:
    case = rules.case_of(inputs())
    told = board.tally(case, ["a1", "a2"], ["a3", "a4"])
    assert (told["spent"], told["left"], told["allowed"]) == ("80", "20", True)
    assert told["next"] == {
        "application_id": "a3",
        "title": "A3",
        "requested": "30",
        "left": "-10",
        "breaks": ["At most 60 % of the budget may go to the region “West”."],
    }
    over = board.tally(case, ["a1", "a2", "a5"], [])
    assert (over["left"], over["allowed"], over["next"]) == ("-15", False, None)
    broken = board.tally(case, ["a1", "a3"], ["a2"])
    assert broken["allowed"] is False
    assert [one["holds"] for one in broken["limits"]] == [True, True, False]


MOVES = st.lists(
    st.builds(
        "{}:{}".format,
        st.sampled_from([f"a{n}" for n in range(1, 7)]),
        st.sampled_from(["up", "down", "funded", "reserve", "declined", *(f"reserve:{n}" for n in range(1, 6))]),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(MOVES)
def test_the_decision_by_a_board_is_the_board(moves: list[str]) -> None:
    """Whatever is moved: what departs, put forward with its reasons, gives the outcomes and the reserve list shown; and
    it is refused exactly where the board says that it cannot be put forward."""
    items = rules.decide(inputs()).result["items"]
    zones = board.played(items, moves)
    chosen = [one | {"reason": "Because."} for one in board.departures(items, zones)]
    told = board.tally(rules.case_of(inputs()), zones["funded"], zones["reserve"])
    if not told["allowed"]:
        with pytest.raises((rules.OverBudget, rules.OverLimit)):
            rules.decide(inputs(chosen))
        return
    decided = rules.decide(inputs(chosen)).result
    assert {zone: {one["id"] for one in decided["items"] if one["outcome"] == zone} for zone in board.ZONES} == {
        zone: set(ids) for zone, ids in zones.items()
    }
    waiting = [one for one in decided["items"] if one["outcome"] == "reserve"]
    assert [one["id"] for one in sorted(waiting, key=lambda one: one.get("place", one["rank"]))] == zones["reserve"]
    assert decided["left"] == told["left"]
    assert Decimal(decided["spent"]) == sum((Decimal(one["requested"]) for one in decided["items"]
                                             if one["outcome"] == "funded"), Decimal(0))  # fmt: skip
