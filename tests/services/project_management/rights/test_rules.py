"""Shares that sum to one, the inventors' floor, and the states of an agreement."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.project_management.rights import rules
from services.project_management.rights.rules import State
from shared.kernel.types import Money

INSTITUTE, UNIVERSITY, OFFICE = "i", "u", "o"


def inputs(floor: str = "1/2", **changed: Any) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "parties": [
            {"organisation_id": INSTITUTE, "ownership": "3/5", "income": "1/3"},
            {"organisation_id": UNIVERSITY, "ownership": "2/5", "income": "2/3"},
        ],
        "inventor_share": "1/2",
        "inventors": [
            {"name": "Zhao", "organisation_id": INSTITUTE, "share": "1/3"},
            {"name": "Sun", "organisation_id": UNIVERSITY, "share": "2/3"},
        ],
        "disposal": "joint",
    }
    return {
        "call": "Light alloys",
        "floor": floor,
        "organisations": [{"id": INSTITUTE, "name": "Institute"}, {"id": UNIVERSITY, "name": "University"}],
        "office": {"id": OFFICE, "name": "Office"},
        "terms": terms | changed,
    }


def refusals(given: dict[str, Any]) -> list[str]:
    return [clause.rule for clause in rules.soundness(given).clauses if clause.outcome == "no"]


def party(organisation_id: str, ownership: str, income: str) -> dict[str, str]:
    return {"organisation_id": organisation_id, "ownership": ownership, "income": income}


def test_whole_shares_above_the_floor_are_sound() -> None:
    trace = rules.soundness(inputs())
    assert (trace.result, refusals(inputs())) == ("yes", [])
    assert trace.repeats(rules.soundness)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"parties": [party(INSTITUTE, "3/5", "1/3"), party(UNIVERSITY, "1/5", "2/3")]}, "ownership.whole"),
        ({"parties": [party(INSTITUTE, "3/5", "1/3"), party(UNIVERSITY, "2/5", "1/3")]}, "income.whole"),
        ({"parties": [party(INSTITUTE, "1/1", "1/1")]}, "parties.complete"),
        (
            {"parties": [party(INSTITUTE, "1/5", "1/3"), party(UNIVERSITY, "2/5", "2/3"), party("x", "2/5", "0/1")]},
            "parties.complete",
        ),
        ({"inventors": []}, "inventors.named"),
        ({"inventors": [{"name": "Li", "organisation_id": "x", "share": "1/1"}]}, "inventors.belong"),
        ({"inventors": [{"name": "Li", "organisation_id": INSTITUTE, "share": "9/10"}]}, "inventors.whole"),
        ({"inventor_share": "49/100"}, "inventors.floor"),
        ({"disposal": "office"}, "office.party"),
    ],
)
def test_each_fault_is_found_and_has_a_remedy(changed: dict[str, Any], rule: str) -> None:
    given = inputs(**changed)
    assert rule in refusals(given)
    (clause,) = [one for one in rules.soundness(given).clauses if one.rule == rule]
    assert clause.remedy
    with pytest.raises(rules.AgreementUnsound) as refused:
        rules.require_sound(rules.soundness(given))
    assert {"pointer": f"/{rule}", "detail": clause.remedy} in refused.value.errors


def test_the_gap_to_the_floor_is_said_exactly() -> None:
    clauses = {one.rule: one for one in rules.soundness(inputs(floor="3/5")).clauses}
    assert clauses["inventors.floor"].remedy == "Raise the inventors' share by 1/10 or more."
    assert "“Light alloys” asks for at least 3/5" in clauses["inventors.floor"].reason


def test_the_office_may_be_made_a_party() -> None:
    parties = [party(INSTITUTE, "1/2", "1/2"), party(UNIVERSITY, "0/1", "1/2"), party(OFFICE, "1/2", "0/1")]
    assert refusals(inputs(parties=parties, disposal="office")) == []


shares = st.lists(st.integers(1, 50), min_size=1, max_size=6).map(
    lambda parts: [rules.text(Fraction(part, sum(parts))) for part in parts]
)


@given(income=shares, inventors=shares, part=st.fractions(0, 1, max_denominator=97))
def test_everybodys_parts_of_sound_terms_sum_to_the_whole(
    income: list[str], inventors: list[str], part: Fraction
) -> None:
    terms = {
        "inventor_share": rules.text(part),
        "inventors": [{"name": f"p{n}", "share": share} for n, share in enumerate(inventors)],
        "parties": [{"organisation_id": f"o{n}", "income": share} for n, share in enumerate(income)],
    }
    parts = [share for _, _, share in rules.entitlements(terms)]
    assert sum(parts, Fraction(0)) == 1
    amounts = Money(amount="1000000.01").split(parts)
    assert sum(one.amount for one in amounts) == Money(amount="1000000.01").amount


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("verb", rules.TRANSITIONS)
def test_an_agreement_moves_only_along_its_table(verb: str, state: State) -> None:
    allowed, after = rules.TRANSITIONS[verb]
    if state in allowed:
        assert rules.next_state(verb, state) is (after or state)
    else:
        with pytest.raises(rules.AgreementNotReady, match="possible only while it is"):
            rules.next_state(verb, state)
