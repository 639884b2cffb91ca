"""The rules of requirements, without a database."""

import pytest

from services.project_management.requirements import rules
from services.project_management.requirements.rules import State
from shared.kernel.actor import Actor, Grant
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel

HERE = new_id()


@pytest.mark.parametrize("verb", rules.TRANSITIONS)
@pytest.mark.parametrize("state", State)
def test_each_verb_works_from_its_states_and_from_no_other(verb: str, state: State) -> None:
    allowed, after = rules.TRANSITIONS[verb]
    if state in allowed:
        assert rules.next_state(verb, state) is (after or state)
    else:
        with pytest.raises(rules.RequirementNotReady):
            rules.next_state(verb, state)


def test_what_is_over_stays_over() -> None:
    leaving = {state for allowed, after in rules.TRANSITIONS.values() if after for state in allowed if state != after}
    assert set(State) - leaving == {State.ADOPTED, State.DECLINED, State.MERGED, State.WITHDRAWN, State.DISCARDED}


def test_every_state_can_be_reached_and_has_a_word() -> None:
    reached = {after for _allowed, after in rules.TRANSITIONS.values() if after} | {State.DRAFT}
    assert reached == set(State) == set(rules.SAID)


def test_nobody_outside_reads_what_is_being_written() -> None:
    assert rules.HIDDEN.isdisjoint(rules.OPEN)
    assert rules.HIDDEN.isdisjoint(rules.CONSULTED)
    assert State.IN_CONSULTATION not in rules.CONSULTED


def test_a_requirement_needs_a_problem_and_an_indicator() -> None:
    assert len(rules.lacking(" ", 0)) == 2
    assert len(rules.lacking("It breaks.", 0)) == 1
    assert rules.lacking("It breaks.", 1) == []


def test_offices_need_no_admission_and_others_do() -> None:
    rules.require_admitted(admitted=True, office=False)
    rules.require_admitted(admitted=False, office=True)
    with pytest.raises(rules.NotAdmitted):
        rules.require_admitted(admitted=False, office=False)


@pytest.mark.parametrize("role", Role)
def test_an_officer_who_is_also_something_else_there_does_not_judge(role: Role) -> None:
    actor = Actor("officer", grants=(Grant(Role.PROGRAMME_OFFICER, new_id()), Grant(role, HERE)))
    assert rules.involved(actor, {HERE}) is (role in rules.MEMBERS)
    if role in rules.MEMBERS:
        with pytest.raises(rules.OwnRequirement):
            rules.require_uninvolved(actor, {HERE, new_id()})
    rules.require_uninvolved(actor, {new_id()})


def test_what_is_written_from_several_bears_the_highest_label() -> None:
    labels = [SecurityLabel.INTERNAL, SecurityLabel.CONFIDENTIAL, SecurityLabel.PUBLIC]
    assert rules.highest(labels) is SecurityLabel.CONFIDENTIAL
