"""Policies: offices act on what they have charge of, and nobody on their own case."""

from shared.kernel.actor import Actor, Grant
from shared.kernel.ids import new_id
from shared.kernel.policy import Policy, office, own, roles
from shared.kernel.types import Role

OFFICE, LEAD, PARTNER = new_id(), new_id(), new_id()
SIGN = office("sign", Role.PROGRAMME_OFFICER, owners=(Role.REPRESENTATIVE,))


def holding(*grants: tuple[Role, object]) -> Actor:
    return Actor("somebody", grants=tuple(Grant(role, organisation) for role, organisation in grants))  # type: ignore[arg-type]


def may(actor: Actor, policy: Policy = SIGN) -> bool:
    return policy.allows(actor, owners={LEAD}, parties={LEAD, PARTNER}, office=OFFICE)


def test_an_officer_of_the_office_in_charge_may_and_one_of_another_may_not() -> None:
    assert may(holding((Role.PROGRAMME_OFFICER, OFFICE)))
    assert not may(holding((Role.PROGRAMME_OFFICER, new_id())))
    assert not may(holding((Role.PROGRAMME_OFFICER, LEAD)))
    assert not may(holding((Role.REPRESENTATIVE, OFFICE)))


def test_an_officer_who_acts_for_anybody_that_takes_part_may_not() -> None:
    for side in (LEAD, PARTNER):
        assert not may(holding((Role.PROGRAMME_OFFICER, OFFICE), (Role.REVIEWER, side)))
    assert may(holding((Role.PROGRAMME_OFFICER, OFFICE), (Role.REPRESENTATIVE, LEAD)))  # for the lead, not the office
    both = holding((Role.PROGRAMME_OFFICER, OFFICE), (Role.REPRESENTATIVE, LEAD))
    assert not SIGN.in_charge(both, OFFICE, {LEAD, PARTNER})


def test_the_owners_own_roles_act_for_the_owner_alone() -> None:
    assert may(holding((Role.REPRESENTATIVE, LEAD)))
    assert not may(holding((Role.REPRESENTATIVE, PARTNER)))


def test_a_policy_without_officers_has_none_in_charge() -> None:
    for policy in (own("own", Role.APPLICANT), roles("roles", Role.APPLICANT)):
        assert not policy.in_charge(holding((Role.APPLICANT, OFFICE)), OFFICE, None)
    assert not may(holding((Role.PROGRAMME_OFFICER, OFFICE)), own("own", Role.APPLICANT))


def test_an_impartial_supervisor_may_not_oversee_the_own_case() -> None:
    watch = Policy("watch", roles=frozenset(), supervisors=frozenset({Role.AUDITOR}), impartial=True)
    assert may(holding((Role.AUDITOR, OFFICE)), watch)
    assert not may(holding((Role.AUDITOR, PARTNER)), watch)
