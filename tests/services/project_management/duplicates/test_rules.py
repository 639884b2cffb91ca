"""The rule that says what a person must look at."""

from typing import Any

import pytest

from services.project_management.duplicates.rules import (
    LISTED,
    TRANSITIONS,
    CheckNotReady,
    Evidence,
    State,
    compare,
    evidence,
    next_state,
    score,
    still_judged,
)


def like(id: str = "a", **changed: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "application",
        "again": False,
        "text": 0,
        "title": 0,
        "people": False,
        "organisation": False,
        "codes": False,
        "amount": False,
    } | changed


@pytest.mark.parametrize(
    ("found", "look"),
    [
        ({"text": 300}, True),
        ({"text": 299}, False),
        ({"title": 800}, True),
        ({"title": 799}, False),
        ({"title": 600, "people": True}, True),
        ({"people": True, "organisation": True}, False),
        ({"codes": True, "people": True}, True),
        ({"text": 900, "again": True}, False),
    ],
)
def test_what_must_be_looked_at(found: dict[str, Any], look: bool) -> None:
    trace = compare({"found": [like(**found)]})
    assert trace.result["look"] is look
    assert all(clause.outcome != "yes" for clause in trace.clauses), "no rule says that it is a duplicate"


def test_the_most_alike_come_first_and_no_more_than_a_person_reads() -> None:
    trace = compare({"found": [like(str(n), text=n * 40) for n in range(24)]})
    assert trace.result["listed"] == [str(n) for n in range(23, 23 - LISTED, -1)]
    assert trace.repeats(compare)


def test_everything_that_speaks_for_it_adds_up() -> None:
    steps: list[dict[str, Any]] = [
        {"text": 300},
        {"title": 500},
        {"people": True},
        {"organisation": True},
        {"codes": True},
        {"amount": True},
    ]
    found, scores = like(), []
    for step in steps:
        found |= step
        scores.append(score(found))
    assert scores == sorted(set(scores))
    assert 0 == score(like()) < scores[0] < scores[-1] < 1000


def test_a_check_moves_as_the_table_says() -> None:
    for verb, (allowed, after) in TRANSITIONS.items():
        for state in State:
            if state in allowed:
                assert next_state(verb, state) is after
            else:
                with pytest.raises(CheckNotReady):
                    next_state(verb, state)


@pytest.mark.parametrize(
    ("before", "now", "same_text", "other_text"),
    [
        ([{"text": 400}], [{"text": 400}], True, True),
        ([{"text": 400}], [{"text": 401}], False, False),
        ([{"text": 400}], [{"text": 399}], True, False),
        ([{"text": 400}], [{"text": 299}], False, False),
        ([{"title": 700, "people": True}], [{"title": 700, "people": True, "text": 250}], False, False),
        ([{"text": 400}, {"title": 900}], [{"text": 400}], True, False),
        ([{"text": 400}], [{"text": 400}, {"title": 900}], False, False),
        ([], [], True, False),
    ],
)
def test_a_decision_stays_only_on_the_evidence_that_was_judged(
    before: list[dict[str, Any]], now: list[dict[str, Any]], same_text: bool, other_text: bool
) -> None:
    judged, found = seen_in(before), seen_in(now)
    assert still_judged(found, judged, same_text=True) is same_text
    assert still_judged(found, judged, same_text=False) is other_text


def seen_in(found: list[dict[str, Any]]) -> Evidence:
    all_found = {one["id"]: one for one in (like(str(n), **each) for n, each in enumerate(found))}
    trace = compare({"found": list(all_found.values())})
    clauses = [clause.model_dump() for clause in trace.clauses]
    return evidence([all_found[id] for id in trace.result["listed"]], clauses)
