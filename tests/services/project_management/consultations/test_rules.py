"""Who may be asked, and what priority follows, without a database."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.project_management.consultations import rules
from services.project_management.requirements.rules import Priority, Urgency
from shared.kernel.trace import DecisionTrace

INSTITUTE, ELSEWHERE = "01920000-0000-7000-8000-00000000000a", "01920000-0000-7000-8000-00000000000b"
ABOUT: dict[str, Any] = {
    "organisations": {INSTITUTE: "Institute of Light Alloys"},
    "author": "zhao",
    "label": "internal",
    "as_of": date(2026, 6, 1),
    "recused": {},
}
EXPERT: dict[str, Any] = {"id": "e", "subject": "ma", "clearance": "internal", "employers": [], "acts_for": []}


def job(where: str, since: str | None = None, until: str | None = None) -> dict[str, Any]:
    return {"organisation_id": where, "name": "x", "since": since, "until": until}


@pytest.mark.parametrize(
    ("expert", "about", "why"),
    [
        ({"employers": [job(INSTITUTE)]}, {}, "Works for Institute of Light Alloys"),
        ({"employers": [job(INSTITUTE, until="2026-07-01")]}, {}, "Works for"),
        ({"employers": [job(INSTITUTE, until="2024-01-01")]}, {}, "until 2024-01-01: less than three years ago"),
        ({"acts_for": [INSTITUTE]}, {}, "Holds a role for Institute of Light Alloys"),
        ({"subject": "zhao"}, {}, "Wrote this requirement"),
        ({}, {"recused": {"e": "I advise them."}}, "Stepped aside: I advise them."),
        ({}, {"label": "controlled"}, "Is cleared up to internal; the requirement is controlled."),
    ],
)
def test_who_is_close_to_those_that_ask_is_not_asked(expert: Any, about: Any, why: str) -> None:
    assert why in rules.barred(EXPERT | expert, ABOUT | about)


@pytest.mark.parametrize(
    "expert",
    [
        {},
        {"employers": [job(ELSEWHERE)]},
        {"employers": [job(INSTITUTE, until="2020-01-01")]},
        {"employers": [job(INSTITUTE, since="2027-01-01")]},
        {"acts_for": [ELSEWHERE]},
    ],
)
def test_who_is_not_may_be(expert: Any) -> None:
    assert rules.barred(EXPERT | expert, ABOUT) == ""


ratings = st.lists(
    st.fixed_dictionaries({"importance": st.integers(1, 5), "feasibility": st.integers(1, 5)}), max_size=8
)
inputs = st.fixed_dictionaries(
    {
        "urgency": st.sampled_from([one.value for one in Urgency]),
        "ratings": ratings,
        "organisations": st.integers(1, 9),
        "chosen": st.one_of(
            st.none(), st.fixed_dictionaries({"priority": st.sampled_from(["high", "low"]), "reason": st.just("plan")})
        ),
    }
)


@given(inputs)
def test_a_priority_can_be_computed_again_from_its_trace(given_inputs: dict[str, Any]) -> None:
    trace = rules.prioritise(given_inputs)
    kept = DecisionTrace.model_validate(json.loads(json.dumps(trace.model_dump(mode="json"))))
    assert kept.repeats(rules.prioritise)
    assert 0 <= float(trace.result["score"]) <= 100
    chosen = given_inputs["chosen"]
    assert trace.result["priority"] == (chosen["priority"] if chosen else trace.result["computed"])


def score(**changed: Any) -> float:
    base = {"urgency": "medium_term", "ratings": [{"importance": 3, "feasibility": 3}], "organisations": 1}
    return float(rules.prioritise({**base, "chosen": None, **changed}).result["score"])


def test_more_of_anything_never_lowers_a_priority() -> None:
    assert score(urgency="immediate") > score(urgency="short_term") > score(urgency="long_term")
    assert score(organisations=3) > score(organisations=2) > score(organisations=1)
    assert score(organisations=9) == score(organisations=5)
    best, good = {"importance": 5, "feasibility": 5}, {"importance": 4, "feasibility": 4}
    assert score(ratings=[best]) > score(ratings=[good]) > score()


def test_many_agreeing_experts_weigh_more_than_one() -> None:
    one = {"importance": 5, "feasibility": 5}
    assert score(ratings=[one]) < score(ratings=[one] * 3) < score(ratings=[one] * 9) < 60 + 1
    assert score(ratings=[]) == score()


@pytest.mark.parametrize(
    ("changed", "priority", "outcomes"),
    [
        ({"urgency": "immediate", "organisations": 5}, Priority.HIGH, ["yes", "unknown", "yes", "yes"]),
        ({"urgency": "short_term"}, Priority.MEDIUM, ["yes", "unknown", "no", "yes"]),
        ({"urgency": "long_term"}, Priority.LOW, ["no", "unknown", "no", "yes"]),
        ({"ratings": [{"importance": 1, "feasibility": 1}] * 3}, Priority.LOW, ["no", "no", "no", "yes"]),
    ],
)
def test_the_clauses_say_what_weighed(changed: Any, priority: Priority, outcomes: list[str]) -> None:
    base = {"urgency": "medium_term", "ratings": [], "organisations": 1, "chosen": None}
    trace = rules.prioritise(base | changed)
    assert trace.result["priority"] == priority.value
    assert [clause.outcome for clause in trace.clauses] == outcomes


def test_an_officers_own_priority_stands_beside_the_computed_one() -> None:
    trace = rules.prioritise(
        {"urgency": "long_term", "ratings": [], "organisations": 1, "chosen": {"priority": "high", "reason": "Plan."}}
    )
    assert (trace.result["computed"], trace.result["priority"]) == ("low", "high")
    assert trace.clauses[-1].reason == "The programme officer set the priority high: Plan."


def test_a_field_is_known_whatever_its_letters() -> None:
    assert rules.knows("Advanced Materials", ["casting", "advanced materials "])
    assert not rules.knows("Materials", ["advanced materials"])
