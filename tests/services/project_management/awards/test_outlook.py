"""How sure a ranking is, and what the next award would cost."""

from decimal import Decimal
from typing import Any

from services.project_management.awards import rules
from services.project_management.awards.outlook import outlook
from tests.services.project_management.awards.test_rules import inputs, judged, limit, one, panel, present


def looked(given: dict[str, Any]) -> dict[str, Any]:
    return outlook(given, rules.decide(given).result["items"])


def test_a_clear_winner_stays_and_equals_share_the_last_place() -> None:
    scores = [["9.5"] * 3, ["7", "7.5", "8"], ["7", "7.5", "8"], ["2", "2.5", "3"]]
    applications = [judged(f"a{n}", "50", *one) for n, one in enumerate(scores)]
    found = looked(present(*applications))["applications"]
    stays = {id: one["raw"]["stays"] for id, one in found.items()}
    assert (stays["a0"], stays["a3"]) == (1, 0)
    assert stays["a1"] + stays["a2"] == 1
    assert 0.3 < stays["a1"] < 0.7
    assert (found["a0"]["raw"]["best_rank"], found["a0"]["raw"]["worst_rank"]) == (1, 1)
    assert (found["a1"]["raw"]["best_rank"], found["a1"]["raw"]["worst_rank"]) == (2, 3)
    assert found["a0"]["calibrated"] is None


def test_both_sides_and_the_reviewers_are_there_where_calibration_is_on() -> None:
    given = present(*panel(), budget="60")
    found = looked(given)
    assert found == looked(given)
    assert found["off"] == ""
    assert [one["reviewer"] for one in found["reviewers"]] == ["r1", "r2", "r3", "r4", "r5"]
    assert found["reviewers"][0]["low"] > 0.5
    sides = [
        (one["raw"]["stays"], one["calibrated"]["stays"]) for id, one in found["applications"].items() if id < "a4"
    ]
    assert all(raw < calibrated for raw, calibrated in sides)


def test_a_decision_of_the_first_version_is_looked_at_without_calibration() -> None:
    found = looked(inputs(one("a", "90", "9", "8"), one("b", "60", "8"), one("c", "10")))
    assert "before reviewers were told apart" in found["off"]
    assert found["applications"]["a"]["raw"]["mean"] == 8.5
    assert found["applications"]["c"]["raw"] is None
    assert found["applications"]["b"]["extra"]["added"] == Decimal("50.00")


def test_the_next_one_is_added_or_chosen_with_less_others_giving_way() -> None:
    """With 20 more the rule takes b and c for a; to keep a as well costs 60."""
    applications = judged("a", "100", "9"), judged("b", "60", "8"), judged("c", "60", "7"), judged("d", "5", "3")
    found = looked(present(*applications))["applications"]
    assert found["a"]["extra"] is None
    assert found["b"]["extra"] == {"added": Decimal("60"), "chosen": Decimal("20"), "reason": ""}
    assert found["d"]["extra"]["reason"] == "Below the pass mark: no budget brings it in."


def test_a_ceiling_makes_the_next_one_dearer_and_a_limit_on_awards_makes_it_impossible() -> None:
    applications = judged("a", "50", "9"), judged("b", "50", "8"), judged("c", "50", "7", region="Chongqing")
    money = present(*applications, portfolio=[limit("region", "", "at_most", "50", "budget")])
    assert looked(money)["applications"]["b"]["extra"]["added"] == Decimal("100")
    awards = present(*applications, portfolio=[limit("region", "Chengdu", "at_most", "0.01", "awards")])
    assert looked(awards)["applications"]["b"]["extra"] == {
        "added": None,
        "chosen": None,
        "reason": "A limit on the number of awards stands in the way: no budget brings it in.",
    }


def test_after_the_officers_own_choice_the_price_counts_from_what_is_funded() -> None:
    applications = judged("a", "60", "9"), judged("b", "60", "8"), judged("c", "20", "5")
    choice = {"application_id": "c", "outcome": "funded", "reason": "Needed."}
    found = looked(present(*applications, overrides=[choice]))["applications"]
    assert found["b"]["extra"] == {"added": Decimal("40"), "chosen": None, "reason": ""}
    assert found["c"]["extra"] is None
