"""The rules of applications, without a database."""

from typing import Any

import pytest

from services.project_management.applications import eligibility, rules
from services.project_management.applications.rules import Answer, State
from shared.kernel.trace import combined
from shared.kernel.types import SecurityLabel


def inputs(**changed: Any) -> dict[str, Any]:
    """An application that fits: led by an institute of Chengdu with one university that consented."""
    found: dict[str, Any] = {
        "now": "2026-03-01T12:00:00+00:00",
        "call": {
            "state": "released",
            "opens_at": "2026-02-01T00:00:00+00:00",
            "closes_at": "2026-04-01T00:00:00+00:00",
            "kinds": ["institute"],
            "regions": ["Chengdu"],
            "ceiling": {"amount": "3000000.00", "currency": "CNY"},
        },
        "requested": {"amount": "3000000.00", "currency": "CNY"},
        "organisations": [organisation("Lead"), organisation("Partner", kind="university", region="Chongqing")],
        "partners": [{"name": "Partner", "answer": "consented"}],
        "documents": 1,
    }
    call = found["call"] | changed.pop("call", {})
    return found | changed | {"call": call}


def organisation(name: str, **changed: Any) -> dict[str, Any]:
    return {
        "id": "0",
        "name": name,
        "kind": "institute",
        "region": "Chengdu",
        "state": "admitted",
        "admitted_until": "2027-01-01T00:00:00+00:00",
    } | changed


def outcome(rule: str, given: dict[str, Any]) -> str:
    """The worst outcome of a rule's clauses."""
    return str(combined([c for c in eligibility.eligibility(given).clauses if c.rule == rule]))


@pytest.mark.parametrize("verb", rules.TRANSITIONS)
@pytest.mark.parametrize("state", State)
def test_each_verb_works_from_its_states_and_from_no_other(verb: str, state: State) -> None:
    allowed, after = rules.TRANSITIONS[verb]
    if state in allowed:
        assert rules.next_state(verb, state) is after
    else:
        with pytest.raises(rules.ApplicationNotReady):
            rules.next_state(verb, state)


def test_an_application_that_fits_every_clause_may_be_submitted() -> None:
    trace = eligibility.eligibility(inputs())
    assert trace.result == "yes"
    assert {clause.outcome for clause in trace.clauses} == {"yes"}
    assert eligibility.may_submit(trace)


@pytest.mark.parametrize(
    ("rule", "changed", "expected"),
    [
        ("call.open", {"now": "2026-01-01T00:00:00+00:00"}, "no"),
        ("call.open", {"now": "2026-04-01T00:00:00+00:00"}, "no"),
        ("call.open", {"call": {"state": "cancelled"}}, "no"),
        ("organisation.admitted", {"organisations": [organisation("Lead", state="")]}, "unknown"),
        ("organisation.admitted", {"organisations": [organisation("Lead", state="registered")]}, "no"),
        ("organisation.admitted", {"organisations": [organisation("Lead", state="suspended")]}, "no"),
        (
            "organisation.admitted",
            {"organisations": [organisation("Lead", admitted_until="2026-03-01T12:00:00+00:00")]},
            "no",
        ),
        (
            "organisation.admitted",
            {"organisations": [organisation("Lead"), organisation("Partner", state="suspended")]},
            "no",
        ),
        ("organisation.kind", {"organisations": [organisation("Lead", kind="company")]}, "no"),
        ("organisation.kind", {"organisations": [organisation("Lead", kind="")]}, "unknown"),
        ("organisation.region", {"organisations": [organisation("Lead", region="Mianyang")]}, "no"),
        ("organisation.region", {"organisations": [organisation("Lead", region="chengdu")]}, "yes"),
        ("amount.ceiling", {"requested": {"amount": "3000000.01", "currency": "CNY"}}, "no"),
        ("amount.ceiling", {"requested": {"amount": "1.00", "currency": "EUR"}}, "no"),
        ("partner.consent", {"partners": [{"name": "P", "answer": "pending"}]}, "unknown"),
        ("partner.consent", {"partners": [{"name": "P", "answer": "refused"}]}, "no"),
        ("document.present", {"documents": 0}, "unknown"),
    ],
)
def test_each_clause_has_three_values(rule: str, changed: dict[str, Any], expected: str) -> None:
    given = inputs(**changed)
    assert outcome(rule, given) == expected
    for clause in eligibility.eligibility(given).clauses:
        assert bool(clause.remedy) == (clause.outcome != "yes"), clause


def test_a_call_for_everybody_asks_neither_kind_nor_region() -> None:
    given = inputs(call={"kinds": [], "regions": []}, organisations=[organisation("Lead", kind="", region="")])
    assert eligibility.eligibility(given).result == "yes"


def test_what_only_the_applicant_can_settle_holds_a_submission_back_and_what_an_office_settles_does_not() -> None:
    unheard = inputs(organisations=[organisation("Lead", state="")])
    assert eligibility.eligibility(unheard).result == "unknown"
    assert eligibility.may_submit(eligibility.eligibility(unheard))
    for waiting in (inputs(documents=0), inputs(partners=[{"name": "P", "answer": "pending"}])):
        assert eligibility.eligibility(waiting).result == "unknown"
        assert not eligibility.may_submit(eligibility.eligibility(waiting))


def test_a_trace_repeats_from_its_inputs_and_changed_inputs_do_not_repeat_it() -> None:
    trace = eligibility.eligibility(inputs(documents=0))
    stored = type(trace).model_validate_json(trace.model_dump_json())
    assert stored.repeats(eligibility.eligibility)
    assert not stored.model_copy(update={"inputs": inputs()}).repeats(eligibility.eligibility)


def test_an_application_is_never_public_and_never_below_its_call() -> None:
    assert rules.label_for(SecurityLabel.PUBLIC) is SecurityLabel.INTERNAL
    assert rules.label_for(SecurityLabel.CONFIDENTIAL) is SecurityLabel.CONFIDENTIAL


def test_each_decision_of_a_partner_is_an_answer() -> None:
    assert set(rules.DECISIONS.values()) == set(Answer) - {Answer.PENDING}
