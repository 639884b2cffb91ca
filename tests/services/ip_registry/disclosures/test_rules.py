"""Disclosures: states, shares and labels."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ip_registry.disclosures.rules import AlreadyTriaged, State, label_fault, next_state, shares_fault
from shared.kernel.types import SecurityLabel


def test_a_triaged_disclosure_cannot_be_triaged_again() -> None:
    assert next_state("triage", State.FILED) is State.TRIAGED
    with pytest.raises(AlreadyTriaged):
        next_state("triage", State.TRIAGED)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30))
def test_parts_of_a_whole_have_no_fault_and_any_other_sum_has(parts: list[int]) -> None:
    shares = [Fraction(part, sum(parts)) for part in parts]
    assert not shares_fault(shares)
    assert "1/2 is missing" in str(shares_fault([share / 2 for share in shares]))
    assert "1 too much" in str(shares_fault([*shares, Fraction(1)]))


def test_a_share_of_nothing_is_none() -> None:
    assert "above zero" in str(shares_fault([Fraction(1), Fraction(0)]))


@pytest.mark.parametrize("label", list(SecurityLabel))
@pytest.mark.parametrize("project", [None, *SecurityLabel])
def test_a_disclosure_is_at_least_internal_and_not_below_its_project(
    label: SecurityLabel, project: SecurityLabel | None
) -> None:
    fine = label is not SecurityLabel.PUBLIC and (project is None or label.rank >= project.rank)
    assert (label_fault(label, project) == "") is fine
