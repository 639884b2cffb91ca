"""Naming the people of an application, and what they say to it."""

from services.project_management.applications import rules as applications
from services.project_management.applications.rules import State
from services.project_management.teams import rules as teams
from shared.kernel.marks import N_
from shared.kernel.policy import Policy, Scope, signed_in

READ = applications.READ
NAME = applications.DRAFT
MINE = signed_in("memberships.mine")
ANSWER = Policy("memberships.answer", scope=Scope.PERSON)
"""A part is its person's alone to answer."""
LIVE = frozenset({State.DRAFT, State.SUBMITTED, State.RETURNED, State.REVIEWED})
"""While an application is in one of these, who is named can agree, or take the name off."""


def may_answer(state: State) -> None:
    """Raises MemberNotReady once it is decided or taken back."""
    if state not in LIVE:
        raise teams.MemberNotReady(N_("The application is decided or withdrawn. Nothing is to be answered any more."))


def may_leave(role: teams.Role, state: State) -> None:
    """What was handed in under a leader's name stands under it. Raises MemberNotReady."""
    if role is teams.Role.LEADER and state is not State.DRAFT:
        raise teams.MemberNotReady(
            N_("The application was handed in with you as its leader. Ask its organisation to withdraw it.")
        )
