"""What the home page shows to whom."""

from datetime import timedelta

from shared.kernel.actor import Actor
from shared.kernel.policy import anyone
from shared.kernel.types import Role

READ = anyone("home.read")
SAME_VISIT = timedelta(minutes=30)
"""Pages opened within this time of each other are one visit."""

KINDS_OF_ROLE: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (Role.PROGRAMME_OFFICER, ("requirement", "call", "application", "project")),
    (Role.IP_OFFICER, ("disclosure", "asset")),
    (Role.FINANCE_PARTNER, ("product", "need", "match")),
    (Role.CREDIT_OFFICER, ("need", "match")),
    (Role.FINANCE_OFFICER, ("claim", "project")),
    (Role.LEGAL_OFFICER, ("project",)),
    (Role.FACILITY_OWNER, ("facility", "booking")),
    (Role.REVIEWER, ("call",)),
    (Role.APPLICANT, ("requirement", "application", "project", "disclosure", "asset", "need")),
    (Role.REPRESENTATIVE, ("requirement", "application", "project", "disclosure", "asset", "need")),
)
OWN_ONLY = frozenset({Role.APPLICANT, Role.REPRESENTATIVE, Role.LEGAL_OFFICER, Role.FACILITY_OWNER})
"""Whose plot counts the things of their own organisations only."""


def plotted(actor: Actor) -> tuple[tuple[str, ...] | None, bool]:
    """The kinds whose states matter to the actor's first role, and whether only the own ones; None: every kind."""
    for role, kinds in KINDS_OF_ROLE:
        if actor.has(role):
            return kinds, role in OWN_ONLY
    return None, False
