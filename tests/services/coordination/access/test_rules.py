"""Who may decide what about whom."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coordination.access import rules
from services.coordination.access.rules import GrantState, OrganisationState, Period
from shared.kernel.actor import Actor, Grant
from shared.kernel.errors import Forbidden, Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.types import Role

ORG, OTHER = new_id(), new_id()
NOW = datetime(2026, 5, 1, tzinfo=UTC)
ADMINISTRATOR = Actor("admin", grants=(Grant(Role.ADMINISTRATOR, rules.PLATFORM_ORGANISATION),))
REPRESENTATIVE = Actor("rep", grants=(Grant(Role.REPRESENTATIVE, ORG), Grant(Role.APPLICANT, OTHER)))


@pytest.mark.parametrize("role", list(Role))
def test_an_administrator_grants_every_role_to_others_and_none_to_themself(role: Role) -> None:
    rules.check_grant(ADMINISTRATOR, "li", role, ORG)
    with pytest.raises(rules.OwnRights):
        rules.check_grant(ADMINISTRATOR, "admin", role, ORG)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("organisation", [ORG, OTHER])
def test_a_representative_grants_the_applicant_role_in_the_own_organisation_only(
    role: Role, organisation: object
) -> None:
    allowed = role is Role.APPLICANT and organisation == ORG
    if allowed:
        rules.check_grant(REPRESENTATIVE, "li", role, ORG)
    else:
        with pytest.raises(Forbidden):
            rules.check_grant(REPRESENTATIVE, "li", role, OTHER if organisation == OTHER else ORG)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.REPRESENTATIVE)])
def test_no_other_role_grants_anything(role: Role) -> None:
    with pytest.raises(Forbidden):
        rules.check_grant(Actor("x", grants=(Grant(role, ORG),)), "li", Role.APPLICANT, ORG)


def test_everybody_may_give_up_a_role_and_nobody_may_take_one_from_a_stranger() -> None:
    rules.check_revocation(REPRESENTATIVE, "rep", Role.REPRESENTATIVE, ORG, 1)
    rules.check_revocation(REPRESENTATIVE, "li", Role.APPLICANT, ORG, 1)
    with pytest.raises(NotFound):
        rules.check_revocation(REPRESENTATIVE, "li", Role.APPLICANT, OTHER, 1)
    with pytest.raises(NotFound):
        rules.check_revocation(REPRESENTATIVE, "li", Role.REVIEWER, ORG, 1)


def test_the_last_administrator_cannot_be_taken_away() -> None:
    with pytest.raises(rules.LastAdministrator):
        rules.check_revocation(ADMINISTRATOR, "admin", Role.ADMINISTRATOR, rules.PLATFORM_ORGANISATION, 0)
    rules.check_revocation(ADMINISTRATOR, "admin", Role.ADMINISTRATOR, rules.PLATFORM_ORGANISATION, 1)


def test_a_role_needs_an_organisation_that_is_known_and_not_suspended() -> None:
    for good in set(OrganisationState) - {OrganisationState.SUSPENDED}:
        rules.check_organisation(good)
    for bad in (None, OrganisationState.SUSPENDED):
        with pytest.raises(Invalid):
            rules.check_organisation(bad)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (None, NOW),
        (None, NOW - timedelta(1)),
        (NOW + timedelta(2), NOW + timedelta(1)),
        (NOW - timedelta(5), NOW - timedelta(1)),
    ],
)
def test_a_period_ends_after_its_start_and_in_the_future(starts: datetime | None, ends: datetime) -> None:
    with pytest.raises(Invalid):
        rules.period(NOW, starts, ends)


days = st.integers(min_value=0, max_value=20)
periods = st.tuples(days, st.one_of(st.none(), st.integers(min_value=1, max_value=20))).map(
    lambda pair: Period(NOW + timedelta(pair[0]), NOW + timedelta(pair[0] + pair[1]) if pair[1] else None)
)


@given(one=periods, two=periods)
def test_periods_overlap_exactly_when_some_day_lies_in_both(one: Period, two: Period) -> None:
    def counts(period: Period, day: int) -> bool:
        return rules.state_at(NOW + timedelta(day), period.starts_at, period.ends_at, None) is GrantState.HELD

    assert one.overlaps(two) == two.overlaps(one) == any(counts(one, day) and counts(two, day) for day in range(60))
