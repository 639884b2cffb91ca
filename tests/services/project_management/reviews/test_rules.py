"""Score sheets and the states of a review."""

from decimal import Decimal

import pytest

from services.project_management.assignments.ties import KINDS
from services.project_management.reviews import rules
from services.project_management.reviews.rules import State

WEIGHTS = {"Novelty": Decimal(40), "Feasibility": Decimal(60)}


def test_the_total_is_the_weighted_mean() -> None:
    assert rules.weighted_total({"Novelty": Decimal(5), "Feasibility": Decimal(10)}, WEIGHTS) == Decimal("8.00")


def test_a_total_needs_every_criterion() -> None:
    with pytest.raises(ValueError, match="every criterion"):
        rules.weighted_total({"Novelty": Decimal(5)}, WEIGHTS)


def test_a_tie_is_told_to_the_office_alone_also_where_the_expert_knows_who_applies() -> None:
    office = rules.told(State.SET_ASIDE, "Is close to Zhao.", blind=False, kind="")
    for kind in KINDS:
        assert rules.told(State.SET_ASIDE, "Is close to Zhao.", blind=False, kind=kind) == office
    assert "Zhao" not in office
    assert "office" in office
    assert rules.told(State.SET_ASIDE, "Works for it.", blind=False, kind="employer") == "Works for it."


def test_a_sheet_without_scores_or_comment_says_what_it_lacks() -> None:
    lacking = rules.missing({"Novelty": Decimal(5)}, WEIGHTS, " ")
    assert lacking[0] == {"pointer": "/scores/1/score", "detail": "Give a score for “Feasibility”."}
    assert lacking[1]["pointer"] == "/to_applicant"
    assert "comment to the applicant" in lacking[1]["detail"]


@pytest.mark.parametrize("state", [State.COMPLETED, State.DECLINED, State.SET_ASIDE, State.WITHDRAWN])
@pytest.mark.parametrize("verb", list(rules.TRANSITIONS))
def test_a_review_that_is_over_cannot_change(verb: str, state: State) -> None:
    if (verb, state) == ("set_aside", State.COMPLETED):
        assert rules.next_state(verb, state) is State.SET_ASIDE
        return
    with pytest.raises(rules.ReviewNotPossible, match=f"The review is {state.value.replace('_', ' ')}"):
        rules.next_state(verb, state)


@pytest.mark.parametrize(
    ("states", "complete"),
    [
        ([State.COMPLETED, State.COMPLETED], True),
        ([State.COMPLETED, State.COMPLETED, State.DECLINED], True),
        ([State.COMPLETED], False),
        ([State.COMPLETED, State.COMPLETED, State.SCORED], False),
        ([], False),
    ],
)
def test_reviews_are_in_when_enough_are_completed_and_none_is_open(states: list[State], complete: bool) -> None:
    assert rules.all_in(states, 2) is complete
