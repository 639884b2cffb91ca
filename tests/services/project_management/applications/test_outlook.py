"""The smallest change that would turn a no, and the next question, checked against the rule by other means."""

from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.project_management.applications.eligibility import CREDIT, eligibility, findings, may_submit
from services.project_management.applications.outlook import (
    MOST_CHANGES,
    _changes,
    next_question,
    plainly,
    smallest_change,
)
from services.project_management.applications.words import addressed
from tests.services.project_management.applications.test_rules import inputs, organisation


def full(**changed: Any) -> dict[str, Any]:
    """Version 2 of the inputs: everything a call may ask for, and all of it met."""
    more = {"sectors": ["civil"], "running_per_organisation": 2, "running_per_person": 1, "credit": "fair"}
    call = more | changed.pop("call", {})
    organisations = [party("1", "Lead"), party("2", "Partner", kind="university", region="Chongqing")]
    given = {"organisations": organisations, "person": {"name": "Zhao", "running": 0}, "documents": 1}
    return inputs(call=call, **given | changed)


def party(id: str, name: str, **changed: Any) -> dict[str, Any]:
    return organisation(name, id=id) | {"sector": "civil", "running": 0, "credit": "good"} | changed


def sentences(given: dict[str, Any]) -> list[str] | None:
    change = smallest_change(given)
    return None if change is None else [one.said(plainly) for one in change]


def outcome(given: dict[str, Any], rule: str) -> str:
    (found,) = {one.outcome for one in findings(given) if one.rule == rule}
    return found


@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        ("organisation.sector", {"organisations": [party("1", "Lead", sector="defence")]}, "no"),
        ("organisation.sector", {"organisations": [party("1", "Lead", sector="")]}, "unknown"),
        ("organisation.running", {"organisations": [party("1", "Lead", running=1)]}, "yes"),
        ("organisation.running", {"organisations": [party("1", "Lead", running=2)]}, "no"),
        ("person.running", {"person": {"name": "Zhao", "running": 1}}, "no"),
        ("organisation.credit", {"organisations": [party("1", "Lead", credit="fair")]}, "yes"),
        ("organisation.credit", {"organisations": [party("1", "Lead", credit="poor")]}, "no"),
        ("organisation.credit", {"organisations": [party("1", "Lead", credit="")]}, "unknown"),
        ("amount.ceiling", {"requested": None}, "unknown"),
    ],
)
def test_each_further_condition_has_its_three_answers(rule: str, changed: dict[str, Any], expected: str) -> None:
    given = full(**({"partners": []} if "organisations" in changed else {}), **changed)
    assert outcome(given, rule) == expected


def test_what_a_call_does_not_ask_for_is_no_clause() -> None:
    nothing = {"sectors": [], "running_per_organisation": 0, "running_per_person": 0, "credit": ""}
    rules = {one.rule for one in findings(full(call=nothing))}
    assert not rules & {"organisation.sector", "organisation.running", "person.running", "organisation.credit"}


def test_a_trace_of_version_1_still_repeats() -> None:
    trace = eligibility(inputs())
    assert trace.version == 1
    assert trace.repeats(eligibility)
    assert eligibility(full()).version == 2
    assert eligibility(full()).repeats(eligibility)


def test_an_unknown_credit_standing_holds_no_submission_up_but_an_open_amount_does() -> None:
    assert may_submit(eligibility(full(partners=[], organisations=[party("1", "Lead", credit="")])))
    assert not may_submit(eligibility(full(requested=None)))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"requested": {"amount": "3000000.01", "currency": "CNY"}}, ["Ask for at most 3000000.00 CNY."]),
        ({"partners": [{"name": "Partner", "answer": "refused"}]}, ["Take Partner off the application."]),
        (
            {"organisations": [party("1", "Lead", kind="company"), party("2", "Partner")]},
            ["Let Partner lead a new application."],
        ),
        (
            {"organisations": [party("1", "Lead", running=2), party("2", "Partner", running=2)]},
            ["Wait until Lead leads fewer than 2 running projects."],
        ),
        (
            {
                "requested": {"amount": "1.00", "currency": "EUR"},
                "partners": [{"name": "Partner", "answer": "refused"}],
            },
            ["Ask for at most 3000000.00 CNY.", "Take Partner off the application."],
        ),
        ({"call": {"opens_at": "2026-03-02T00:00:00+00:00"}}, ["Submit after it opens on 2026-03-02 00:00 UTC."]),
        ({"call": {"state": "closed"}}, None),
        ({"call": {"kinds": ["office"]}}, None),
        (
            {"organisations": [party("1", "Lead", state="suspended")], "partners": []},
            ["Ask the coordination office to admit Lead."],
        ),
    ],
)
def test_the_smallest_change_is_named(changed: dict[str, Any], expected: list[str] | None) -> None:
    assert sentences(full(**changed)) == expected


def test_the_next_question_is_one_that_the_applicant_can_settle_and_none_while_a_no_stands() -> None:
    open_ones = {"documents": 0, "partners": [{"name": "Partner", "answer": "pending"}]}
    question = next_question(full(**open_ones))
    assert question is not None
    assert question.rule == "document.present"
    assert next_question(full(**open_ones, call={"state": "closed"})) is None
    assert next_question(full()) is None
    unrated = next_question(full(partners=[], organisations=[party("1", "Lead", credit="")]))
    assert unrated is not None
    assert unrated.rule == "organisation.credit"


parties = st.builds(
    lambda kind, sector, state, running, credit: {
        "kind": kind, "sector": sector, "state": state, "running": running, "credit": credit
    },
    st.sampled_from(["institute", "company"]),
    st.sampled_from(["civil", "defence", ""]),
    st.sampled_from(["admitted", "suspended", ""]),
    st.integers(0, 3),
    st.sampled_from(["", *CREDIT]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    lead=parties,
    others=st.lists(parties, max_size=2),
    answers=st.lists(st.sampled_from(["pending", "consented", "refused"]), min_size=2, max_size=2),
    amount=st.sampled_from(["1.00", "9000000.00"]),
    running=st.integers(0, 2),
)
def test_no_smaller_set_of_changes_would_do(
    lead: dict[str, Any], others: list[dict[str, Any]], answers: list[str], amount: str, running: int
) -> None:
    organisations = [party(str(n), f"P{n}", **one) for n, one in enumerate([lead, *others])]
    partners = [{"name": f"P{n + 1}", "answer": answers[n]} for n in range(len(others))]
    given_ = full(
        organisations=organisations,
        partners=partners,
        requested={"amount": amount, "currency": "CNY"},
        person={"name": "Zhao", "running": running},
    )
    found = smallest_change(given_)

    def fits(chosen: Any) -> bool:
        changed = given_
        for change in chosen:
            changed = change.made(changed)
        return bool(eligibility(changed).result != "no")

    possible = _changes(given_)
    working = [
        len(chosen)
        for chosen in chain.from_iterable(combinations(possible, size) for size in range(MOST_CHANGES + 1))
        if fits(chosen)
    ]
    if found is None:
        assert not working
    else:
        assert fits(found)
        assert len(found) == min(working)
    if eligibility(given_).result == "no":
        assert next_question(given_) is None


def test_a_consent_is_asked_of_its_reader_where_the_reader_gives_it() -> None:
    pending = full(partners=[{"name": "Partner", "answer": "pending"}])
    (waits,) = (one for one in findings(pending) if one.rule == "partner.consent")
    assert addressed(waits, {"Partner"}).remedy == "You have to consent on this page, or refuse."
    assert addressed(waits, {"Lead"}) == waits
