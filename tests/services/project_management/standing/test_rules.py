"""The ledger's rules: terms, what counts on which day, bounds, and that a trace repeats."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.project_management.applications.eligibility import eligibility, findings
from services.project_management.applications.outlook import smallest_change
from services.project_management.awards.rules import decide
from services.project_management.standing import rules
from services.project_management.standing.rules import Kind, Sort, State
from shared.web.i18n import speaking
from shared.web.sentences import said


def kept(
    kind: Kind, state: State = State.IN_FORCE, starts: str = "2027-01-01", ends: str = "2028-01-01"
) -> dict[str, Any]:
    return {"id": kind, "kind": kind, "tariff": 1, "state": state, "starts_on": starts, "ends_on": ends}


def on(day: str, *entries: dict[str, Any]) -> dict[str, Any]:
    trace = rules.effects({"day": day, "entries": list(entries)})
    assert trace.repeats(rules.effects)
    return dict(trace.result)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [("2027-01-31", 1, "2027-02-28"), ("2028-01-31", 1, "2028-02-29"), ("2027-11-22", 24, "2029-11-22"),
     ("2027-12-15", 12, "2028-12-15")],
)  # fmt: skip
def test_a_term_ends_on_the_same_day_of_a_later_month(day: str, months: int, after: str) -> None:
    assert rules.months_later(date.fromisoformat(day), months) == date.fromisoformat(after)


def test_an_entry_counts_from_its_first_day_until_the_day_before_its_last() -> None:
    fail = kept(Kind.FAILED_COMPLETION)
    assert on("2026-12-31", fail)["lead"] is None
    assert on("2027-01-01", fail)["lead"] == {"until": "2028-01-01", "rule": "standing.tariff/1 §5"}
    assert on("2027-12-31", fail)["lead"]
    assert on("2028-01-01", fail)["lead"] is None


@pytest.mark.parametrize("state", [State.LIFTED, State.EXPIRED, State.WITHDRAWN])
def test_what_is_over_does_not_count(state: State) -> None:
    assert on("2027-06-01", kept(Kind.FALSE_STATEMENT, state))["out"] is None


@pytest.mark.parametrize("state", [State.IN_FORCE, State.APPEALED, State.UPHELD])
def test_an_appeal_does_not_stop_an_entry(state: State) -> None:
    assert on("2027-06-01", kept(Kind.FALSE_STATEMENT, state))["out"]


def test_points_and_further_applications_are_bounded() -> None:
    found = on("2027-06-01", *([kept(Kind.EXCELLENT_COMPLETION)] * 3))
    assert (found["points"], found["more"]) == ("0.50", 2)
    assert on("2027-06-01", *([kept(Kind.FAILED_COMPLETION)] * 3))["points"] == "-0.50"
    assert on("2027-06-01", kept(Kind.EXCELLENT_COMPLETION), kept(Kind.MISSED_MILESTONE))["points"] == "0.10"


def test_of_two_bars_the_longer_counts() -> None:
    later = kept(Kind.FAILED_COMPLETION, ends="2028-06-01")
    assert on("2027-06-01", later, kept(Kind.LONG_DELAY))["lead"]["until"] == "2028-06-01"


def test_a_notice_leaves_open_what_would_follow() -> None:
    found = on("2027-06-01", kept(Kind.FAILED_COMPLETION, State.NOTICED, "", ""))
    assert (found["lead"], found["pending"], found["points"]) == (None, ["lead"], "0.00")


@pytest.mark.parametrize("kind", list(Kind))
def test_what_an_entry_brings_is_said_beforehand_in_both_languages(kind: Kind) -> None:
    told = rules.foretold(kind)
    assert told[-1].startswith("It is in force for")
    with speaking("zh"):
        assert all(said(one) != one for one in told)
    tariff = rules.tariff_of(kind, rules.TARIFF)
    assert (tariff.sort is Sort.REWARD) == (tariff.points >= 0 and not tariff.bar)


def test_excellent_tells_the_team_how_many_more_it_may_apply_for() -> None:
    assert rules.foretold(Kind.EXCELLENT_COMPLETION)[1] == ("The team may apply for 2 more than a call's limits allow.")


NOW = "2027-06-01T04:00:00+00:00"
FREE: dict[str, Any] = {"out": None, "lead": None, "pending": [], "more": 0}
BAR = {"until": "2027-12-01", "rule": "standing.tariff/1 §5"}


def asked(lead: dict[str, Any], partner: dict[str, Any], person: dict[str, Any], running: int = 0) -> dict[str, Any]:
    known = {"kind": "institute", "region": "Chengdu", "sector": "civil", "credit": "", "state": "admitted",
             "admitted_until": "2090-01-01T00:00:00+00:00", "running": running}  # fmt: skip
    return {
        "now": NOW,
        "call": {
            "state": "released",
            "opens_at": "2027-01-01T00:00:00+00:00",
            "closes_at": "2027-07-01T00:00:00+00:00",
            "kinds": [],
            "regions": [],
            "sectors": [],
            "credit": None,
            "running_per_organisation": 1,
            "running_per_person": 1,
            "ceiling": {"amount": "100.00", "currency": "CNY"},
        },
        "requested": {"amount": "50.00", "currency": "CNY"},
        "organisations": [
            {"id": "a", "name": "Institute", "standing": lead, **known},
            {"id": "b", "name": "University", "standing": partner, **known},
        ],
        "partners": [{"name": "University", "answer": "consented"}],
        "documents": 1,
        "person": {"name": "Zhao", "running": running, "standing": person},
    }


@pytest.mark.parametrize(
    ("lead", "partner", "person", "rule", "outcome"),
    [
        (FREE, {"out": None}, FREE, "", "yes"),
        (FREE | {"lead": BAR}, {"out": None}, FREE, "organisation.standing", "no"),
        (FREE | {"out": BAR}, {"out": None}, FREE, "organisation.standing", "no"),
        (FREE, {"out": BAR}, FREE, "organisation.standing", "no"),
        (FREE, {"out": None}, FREE | {"lead": BAR}, "person.standing", "no"),
        (FREE | {"pending": ["lead"]}, {"out": None}, FREE, "organisation.standing", "unknown"),
        (FREE | {"lead": BAR | {"until": "2027-06-01"}}, {"out": None}, FREE, "", "yes"),
    ],
)
def test_the_ledger_is_a_clause_of_eligibility(
    lead: dict[str, Any], partner: dict[str, Any], person: dict[str, Any], rule: str, outcome: str
) -> None:
    trace = eligibility(asked(lead, partner, person))
    assert (trace.result, trace.version) == (outcome, 3), "the version that was first given the ledger"
    assert trace.repeats(eligibility)
    assert {one.rule for one in trace.clauses if one.outcome != "yes"} == ({rule} if rule else set())
    if outcome == "no":
        (clause,) = [one for one in trace.clauses if one.outcome == "no"]
        assert "until 2027-12-01, by standing.tariff/1 §5." in clause.reason


def test_what_would_help_is_found_by_the_rule_itself() -> None:
    def plain(inputs: dict[str, Any]) -> list[str]:
        return [one.sentence % one.params for one in smallest_change(inputs) or []]

    assert plain(asked(FREE, {"out": BAR}, FREE)) == ["Take University off the application."]
    assert plain(asked(FREE | {"lead": BAR}, {"out": None}, FREE)) == ["Let University lead a new application."]
    assert plain(asked(FREE, {"out": None}, FREE | {"lead": BAR})) == ["Let somebody else lead the application."]


def test_a_rewarded_team_may_lead_more_than_the_call_allows() -> None:
    rewarded = FREE | {"more": 2}
    full = {one.rule for one in findings(asked(FREE, {"out": None}, FREE, running=2)) if one.outcome == "no"}
    assert full == {"organisation.running", "person.running"}
    assert eligibility(asked(FREE, {"out": None}, rewarded, running=2)).result == "yes"
    assert eligibility(asked(FREE, {"out": None}, rewarded, running=3)).result == "no"


def judged(id: str, score: str, points: str = "+0.00") -> dict[str, Any]:
    return {
        "id": id,
        "title": f"Title {id}",
        "lead": "Lead",
        "requested": "60",
        "traits": {"region": "Chengdu", "field": "Materials", "sector": "civil", "newcomer": False},
        "standing": {"points": points, "rules": ["standing.tariff/1 §1"] if Decimal(points) else []},
        "given": [{"reviewer": "r1", "score": score}],
    }


def decided(*applications: dict[str, Any]) -> Any:
    inputs = {"version": 3, "budget": "100", "currency": "CNY", "pass_mark": "6", "scores": "raw", "portfolio": [],
              "overrides": [], "applications": list(applications)}  # fmt: skip
    trace = decide(inputs)
    assert trace.repeats(decide)
    return trace


def test_priority_points_tip_what_is_nearly_equal_and_are_never_hidden() -> None:
    trace = decided(judged("a", "8.10"), judged("b", "8.00", "+0.30"))
    first, second = trace.result["items"]
    assert (first["id"], first["mean"], first["points"], first["score"], first["outcome"]) == (
        "b", "8.00", "+0.30", "8.30", "funded"
    )  # fmt: skip
    assert second["outcome"] == "reserve"
    assert "mean 8.00 of 10 from 1 review. Standing: +0.30 points." in first["reason"]
    (line,) = [one for one in trace.clauses if one.rule == "awards.knapsack.standing"]
    assert line.reason == "“Title b”: +0.30 priority points by standing.tariff/1 §1."
    with speaking("zh"):
        assert "Standing" not in said(first["reason"])


def test_points_neither_lift_over_the_pass_mark_nor_sink_below_it() -> None:
    trace = decided(judged("a", "5.90", "+0.50"), judged("b", "6.10", "-0.50"))
    outcomes = {one["id"]: (one["outcome"], one["score"]) for one in trace.result["items"]}
    assert outcomes == {"a": ("declined", "5.90"), "b": ("funded", "6.00")}
