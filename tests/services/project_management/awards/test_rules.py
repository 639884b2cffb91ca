"""Ranking and the decision under a budget, as plain values."""

from typing import Any

import pytest

from services.project_management.awards import rules
from shared.kernel.trace import DecisionTrace
from shared.web.i18n import speaking
from shared.web.sentences import said


def one(id: str, requested: str, *scores: str) -> dict[str, Any]:
    return {"id": id, "title": f"Title {id}", "lead": "Lead", "requested": requested, "scores": list(scores)}


def inputs(*applications: dict[str, Any], budget: str = "100.00", **changed: Any) -> dict[str, Any]:
    return {
        "budget": budget,
        "currency": "CNY",
        "pass_mark": "6",
        "applications": list(applications),
        "overrides": [],
    } | changed


def outcomes(trace: Any) -> dict[str, str]:
    return {item["id"]: item["outcome"] for item in trace.result["items"]}


def test_ties_go_to_the_lower_amount_and_then_to_the_id() -> None:
    ranked = rules.ranking([one("c", "50", "8"), one("b", "40", "8"), one("a", "50", "8"), one("d", "1", "9", "9")])
    assert [(item["rank"], item["id"]) for item in ranked] == [(1, "d"), (2, "b"), (3, "a"), (4, "c")]


def test_mean_and_spread_are_shown_and_absent_where_there_is_nothing() -> None:
    two, single, none = rules.ranking([one("a", "1", "7", "9"), one("b", "1", "6"), one("c", "1")])
    assert (two["mean"], two["sd"], two["reviews"]) == ("8.00", "1.41", 2)
    assert (single["mean"], single["sd"]) == ("6.00", None)
    assert (none["mean"], none["sd"], none["rank"]) == (None, None, 3)


def test_good_but_unaffordable_is_reserve_and_below_the_mark_is_declined() -> None:
    trace = rules.decide(inputs(one("a", "90", "9"), one("b", "60", "8"), one("c", "10", "5")))
    assert outcomes(trace) == {"a": "funded", "b": "reserve", "c": "declined"}
    assert (trace.result["spent"], trace.result["left"]) == ("90", "10.00")
    assert "below the pass mark of 6" in trace.result["items"][2]["reason"]
    assert trace.repeats(rules.decide)


def test_when_two_cheaper_ones_beat_the_first_the_reason_says_so() -> None:
    trace = rules.decide(inputs(one("a", "100", "9"), one("b", "50", "8"), one("c", "50", "7")))
    assert outcomes(trace) == {"a": "reserve", "b": "funded", "c": "funded"}
    assert "rank 2, 3 brings more" in trace.result["items"][0]["reason"]
    assert trace.result["items"][0]["above_line"]
    assert not rules.best_first(trace.result["items"])


def test_an_officer_may_decide_otherwise_but_not_past_the_budget() -> None:
    applications = one("a", "90", "9"), one("b", "60", "8")
    choice = {"application_id": "a", "outcome": "declined", "reason": "Double funding."}
    trace = rules.decide(inputs(*applications, overrides=[choice]))
    assert outcomes(trace) == {"a": "declined", "b": "reserve"}
    assert "Double funding." in trace.result["items"][0]["reason"]
    with pytest.raises(rules.OverBudget, match="come to 150"):
        rules.decide(inputs(*applications, overrides=[{**choice, "application_id": "b", "outcome": "funded"}]))


def test_a_call_without_applications_is_decided_too() -> None:
    assert rules.decide(inputs()).result["items"] == []


def judged(id: str, requested: str, *scores: str, region: str = "Chengdu", newcomer: bool = False) -> dict[str, Any]:
    """An application as version 2 takes it: each score by its own reviewer, numbered from r1."""
    return {
        "id": id,
        "title": f"Title {id}",
        "lead": "Lead",
        "requested": requested,
        "traits": {"region": region, "field": "Materials", "sector": "civil", "newcomer": newcomer},
        "given": [{"reviewer": f"r{n}", "score": score} for n, score in enumerate(scores, 1)],
    }


def present(*applications: dict[str, Any], budget: str = "100.00", **changed: Any) -> dict[str, Any]:
    return inputs(*applications, budget=budget, version=2, scores="raw", portfolio=[]) | changed


def limit(trait: str, value: str, sense: str, share: str, of: str) -> dict[str, str]:
    return {"trait": trait, "value": value, "sense": sense, "share": share, "of": of}


def panel() -> list[dict[str, Any]]:
    """Ten equally good applications, of which r1 has seen the first four and takes two points off; 30 reviews."""
    seen = [
        [1, 2, 3],
        [1, 3, 4],
        [1, 4, 5],
        [1, 2, 5],
        [2, 3, 4],
        [3, 4, 5],
        [2, 4, 5],
        [2, 3, 5],
        [2, 3, 4],
        [3, 4, 5],
    ]
    return [
        judged(f"a{n}", "10") | {"given": [{"reviewer": f"r{r}", "score": "6" if r == 1 else "8"} for r in rs]}
        for n, rs in enumerate(seen)
    ]


OLD: dict[str, Any] = {
    "rule": "awards.knapsack",
    "version": 1,
    "inputs": inputs(
        one("a", "100", "9", "8"), one("b", "50", "8"), one("c", "50", "7"), one("d", "10", "5"), one("e", "1")
    ),
    "clauses": [
        {
            "rule": "awards.knapsack.reserve",
            "outcome": "no",
            "reason": "“Title a”: Rank 1 of 5, mean 8.50 of 10 from 2 reviews. Good enough, but for the same money "
            "rank 2, 3 brings more: with it the total score under the budget would be lower.",
            "remedy": "",
        },
        {
            "rule": "awards.knapsack.funded",
            "outcome": "yes",
            "reason": "“Title b”: Rank 2 of 5, mean 8.00 of 10 from 1 review. It belongs to the set with the highest "
            "total score that the budget allows.",
            "remedy": "",
        },
        {
            "rule": "awards.knapsack.funded",
            "outcome": "yes",
            "reason": "“Title c”: Rank 3 of 5, mean 7.00 of 10 from 1 review. It belongs to the set with the highest "
            "total score that the budget allows.",
            "remedy": "",
        },
        {
            "rule": "awards.knapsack.declined",
            "outcome": "no",
            "reason": "“Title d”: Rank 4 of 5, mean 5.00 of 10 from 1 review: below the pass mark of 6.",
            "remedy": "",
        },
        {
            "rule": "awards.knapsack.declined",
            "outcome": "no",
            "reason": "“Title e”: Rank 5 of 5: no review is in.",
            "remedy": "",
        },
    ],
}
"""What version 1 said, as the last commit before version 2 gave it."""


def test_a_trace_of_the_first_version_still_repeats() -> None:
    def item(id: str, requested: str, rank: int, mean: str | None, sd: str | None, reviews: int, **more: Any) -> Any:
        shown = {"id": id, "title": f"Title {id}", "lead": "Lead", "requested": requested}
        return shown | {"rank": rank, "reviews": reviews, "mean": mean, "sd": sd} | more

    reasons = [clause["reason"].partition(": ")[2] for clause in OLD["clauses"]]
    items = [
        item("a", "100", 1, "8.50", "0.71", 2, outcome="reserve", reason=reasons[0], above_line=True),
        item("b", "50", 2, "8.00", None, 1, outcome="funded", reason=reasons[1], above_line=False),
        item("c", "50", 3, "7.00", None, 1, outcome="funded", reason=reasons[2], above_line=False),
        item("d", "10", 4, "5.00", None, 1, outcome="declined", reason=reasons[3], above_line=False),
        item("e", "1", 5, None, None, 0, outcome="declined", reason=reasons[4], above_line=False),
    ]
    stored = DecisionTrace.model_validate(OLD | {"result": {"items": items, "spent": "100", "left": "0.00"}})
    assert stored.repeats(rules.decide)


def test_by_raw_means_the_second_version_decides_as_the_first_did() -> None:
    first = rules.decide(inputs(one("a", "90", "9", "8"), one("b", "60", "8"), one("c", "10", "5")))
    second = rules.decide(present(judged("a", "90", "9", "8"), judged("b", "60", "8"), judged("c", "10", "5")))
    assert second.clauses == first.clauses
    assert (second.version, second.result["calibration"][:18]) == (2, "Calibration is off")
    for old, new in zip(first.result["items"], second.result["items"], strict=True):
        assert new == old | {"raw": old["mean"], "calibrated": None}
    assert second.repeats(rules.decide)


def test_what_the_officer_chooses_decides_and_both_means_are_kept() -> None:
    given = present(*panel(), budget="60")
    raw = rules.decide(given)
    calibrated = rules.decide(given | {"scores": "calibrated"})
    assert raw.result["calibration"] == calibrated.result["calibration"] == ""
    assert {id for id, outcome in outcomes(raw).items() if outcome == "funded"} == {f"a{n}" for n in range(4, 10)}
    by_id = {item["id"]: item for item in calibrated.result["items"]}
    assert by_id["a0"]["mean"] == by_id["a0"]["calibrated"]
    assert (by_id["a0"]["raw"], by_id["a9"]["raw"]) == ("7.33", "8.00")
    assert 7.5 < float(by_id["a0"]["calibrated"]) < 8
    assert "calibrated mean" in by_id["a0"]["reason"]
    assert raw.repeats(rules.decide)
    assert calibrated.repeats(rules.decide)


def test_calibrated_means_cannot_decide_where_calibration_is_off() -> None:
    with pytest.raises(rules.NotCalibrated, match="needs 30 reviews in the call and there are 2"):
        rules.decide(present(judged("a", "90", "9", "8"), scores="calibrated"))


def test_a_ceiling_passes_over_the_better_one_and_says_so_in_both_languages() -> None:
    applications = judged("a", "50", "9"), judged("b", "50", "8"), judged("c", "50", "7", region="Chongqing")
    trace = rules.decide(present(*applications, portfolio=[limit("region", "", "at_most", "50", "budget")]))
    assert outcomes(trace) == {"a": "funded", "b": "reserve", "c": "funded"}
    reason = trace.result["items"][1]["reason"]
    assert reason.endswith("stands in the way: At most 50 % of the budget may go to the region “Chengdu”.")
    assert [one["reached"] for one in trace.result["limits"]] == ["It comes to 50.00 %."] * 2
    assert [clause.outcome for clause in trace.clauses if clause.rule == "awards.knapsack.limit"] == ["yes", "yes"]
    assert trace.repeats(rules.decide)
    with speaking("zh"):
        assert said(reason).endswith("已达合格线，但受份额限制：地区“Chengdu”最多可获预算的 50 %。")


def test_a_floor_brings_newcomers_in() -> None:
    applications = judged("a", "60", "9"), judged("b", "60", "8"), judged("c", "40", "6.5", newcomer=True)
    rule = limit("newcomer", "", "at_least", "40", "budget")
    trace = rules.decide(present(*applications, portfolio=[rule]))
    assert outcomes(trace) == {"a": "funded", "b": "reserve", "c": "funded"}
    assert trace.result["limits"][0]["holds"]


def test_a_floor_that_cannot_be_met_is_left_out_and_named() -> None:
    applications = judged("a", "60", "9"), judged("b", "120", "8", newcomer=True)
    trace = rules.decide(present(*applications, portfolio=[limit("newcomer", "", "at_least", "40", "budget")]))
    assert outcomes(trace) == {"a": "funded", "b": "reserve"}
    (kept,) = trace.result["limits"]
    assert (kept["holds"], kept["note"][:17]) == (False, "This cannot be me")
    assert trace.clauses[-1].outcome == "no"


def test_a_floor_is_met_when_everybody_of_the_group_is_funded() -> None:
    applications = judged("a", "60", "9"), judged("b", "10", "8", newcomer=True), judged("c", "10", "4", newcomer=True)
    trace = rules.decide(present(*applications, portfolio=[limit("newcomer", "", "at_least", "40", "budget")]))
    assert outcomes(trace) == {"a": "funded", "b": "funded", "c": "declined"}
    (kept,) = trace.result["limits"]
    assert (kept["holds"], kept["reached"]) == (True, "It comes to 10.00 %.")
    assert "reaches the pass mark is funded" in kept["note"]


def test_the_officer_may_not_pass_a_ceiling_and_a_floor_missed_by_choice_is_on_record() -> None:
    applications = judged("a", "40", "9"), judged("b", "40", "8"), judged("c", "20", "7", newcomer=True)
    ceiling, floor = (
        limit("region", "Chengdu", "at_most", "60", "budget"),
        limit("newcomer", "", "at_least", "10", "awards"),
    )
    choice = {"application_id": "b", "outcome": "funded", "reason": "Needed."}
    with pytest.raises(rules.OverLimit, match=r"At most 60 % .* “Chengdu”\. It comes to 100\.00 %\."):
        rules.decide(present(*applications, portfolio=[ceiling], overrides=[choice]))
    declined = {"application_id": "c", "outcome": "declined", "reason": "Funded elsewhere."}
    trace = rules.decide(present(*applications, portfolio=[floor], overrides=[declined]))
    assert trace.result["limits"][0]["note"] == "The officer's own choices go below it."
    assert trace.repeats(rules.decide)
