"""Who is acting, for which organisations, in which roles."""

from dataclasses import dataclass, field
from uuid import UUID

from shared.kernel.types import Role, SecurityLabel


@dataclass(frozen=True, slots=True)
class Grant:
    """One role held for one organisation."""

    role: Role
    organisation_id: UUID
    organisation_name: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program or the system itself. `subject` is the sign-in provider's name for them."""

    subject: str
    name: str = ""
    grants: tuple[Grant, ...] = ()
    clearance: SecurityLabel = SecurityLabel.PUBLIC
    person_id: UUID | None = None
    acting_for: UUID | None = None
    """The organisation chosen in the top bar; None means the first granted."""
    session_id: str | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def has(self, *roles: Role) -> bool:
        """True when any of the roles is held for any organisation."""
        return not self.roles.isdisjoint(roles)

    def organisations(self, *roles: Role) -> frozenset[UUID]:
        """Organisations for which one of the roles is held; for any role when none is named."""
        return frozenset(grant.organisation_id for grant in self.grants if not roles or grant.role in roles)

    def organisation(self, *roles: Role) -> UUID | None:
        """The organisation to act for in one of the roles: the chosen one if it fits, else the first."""
        fitting = [grant.organisation_id for grant in self.grants if not roles or grant.role in roles]
        if self.acting_for in fitting:
            return self.acting_for
        return fitting[0] if fitting else None

    def organisation_name(self, organisation_id: UUID | None) -> str:
        return next((g.organisation_name for g in self.grants if g.organisation_id == organisation_id), "")


NOBODY = Actor(subject="")
"""An anonymous visitor: public things only."""


def system_actor(service: str) -> Actor:
    """The service itself, for reactions and timed work; it reads every label."""
    return Actor(subject=f"system:{service}", name=service, clearance=SecurityLabel.CONFIDENTIAL)
