"""Who may open which door for whom. No one decides about themself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.policy import Policy, Scope, anyone, own, roles, signed_in
from shared.kernel.types import Role

SEE_ALL = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR)
READ = own("access.read", Role.REPRESENTATIVE, supervisors=SEE_ALL)
GRANT = own("access.grant", Role.REPRESENTATIVE, supervisors=(Role.ADMINISTRATOR,))
ADMINISTER = roles("access.administer", Role.ADMINISTRATOR)
REVOKE = Policy(
    "access.revoke",
    roles=frozenset({Role.REPRESENTATIVE}),
    scope=Scope.OWN,
    supervisors=frozenset({Role.ADMINISTRATOR}),
    person_too=True,
)
"""Everybody may give up a role of their own."""
REVOKE_SESSIONS = Policy(
    "access.revoke_sessions", roles=frozenset(), supervisors=frozenset({Role.ADMINISTRATOR}), person_too=True
)
"""Administrators for everybody, everybody for themself."""
SELF = signed_in("access.self")
SIGN_IN = anyone("access.sign_in")

BY_REPRESENTATIVES = frozenset({Role.APPLICANT})
"""What a representative may grant within the own organisation; everything else is the administrators' to grant."""

PLATFORM_ORGANISATION = UUID("01900000-0000-7000-8000-000000000001")
PLATFORM_NAME = "Platform administration"


class OrganisationState(StrEnum):
    BUILT_IN = "built_in"
    REGISTERED = "registered"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"


class GrantState(StrEnum):
    COMING = "coming"
    HELD = "held"
    ENDED = "ended"
    REVOKED = "revoked"


class OwnRights(Forbidden):
    title = N_("Nobody decides about their own rights")


class AlreadyGranted(Conflict):
    title = N_("The role is held already")


class LastAdministrator(Conflict):
    title = N_("The platform needs an administrator")


@dataclass(frozen=True, slots=True)
class Period:
    """When a grant counts: from `starts_at` on, up to but not including `ends_at`."""

    starts_at: datetime
    ends_at: datetime | None = None

    def overlaps(self, other: "Period") -> bool:
        return (self.ends_at is None or other.starts_at < self.ends_at) and (
            other.ends_at is None or self.starts_at < other.ends_at
        )


def period(now: datetime, starts_at: datetime | None, ends_at: datetime | None) -> Period:
    """The period of a new grant; it begins now when no start is given. Raises Invalid."""
    start = starts_at or now
    if ends_at is not None and ends_at <= start:
        raise Invalid.field("/ends_at", N_("The end must lie after the start."))
    if ends_at is not None and ends_at <= now:
        raise Invalid.field("/ends_at", N_("The end must lie in the future."))
    return Period(start, ends_at)


def state_at(now: datetime, starts_at: datetime, ends_at: datetime | None, revoked_at: datetime | None) -> GrantState:
    if revoked_at is not None:
        return GrantState.REVOKED
    if now < starts_at:
        return GrantState.COMING
    return GrantState.ENDED if ends_at is not None and ends_at <= now else GrantState.HELD


def may_decide(actor: Actor, role: Role, organisation_id: UUID) -> bool:
    """Whether the actor may grant and revoke this role for this organisation, for somebody else."""
    if actor.has(Role.ADMINISTRATOR):
        return True
    return role in BY_REPRESENTATIVES and organisation_id in actor.organisations(Role.REPRESENTATIVE)


def check_grant(actor: Actor, subject: str, role: Role, organisation_id: UUID) -> None:
    """Raises OwnRights, Forbidden."""
    if subject == actor.subject:
        raise OwnRights(N_("Ask another administrator: nobody grants a role to themself."))
    if not may_decide(actor, role, organisation_id):
        raise Forbidden(
            N_(
                "A representative may grant the applicant role within the own organisation. "
                "Ask an administrator of the platform for any other."
            )
        )


def check_revocation(actor: Actor, subject: str, role: Role, organisation_id: UUID, administrators_left: int) -> None:
    """Giving up one's own role is always possible, unless nobody could grant it again.

    `administrators_left` counts who would still hold the administrator role. Raises NotFound, LastAdministrator.
    """
    if subject != actor.subject and not may_decide(actor, role, organisation_id):
        raise NotFound(N_("There is no such grant that you may revoke."))
    if role is Role.ADMINISTRATOR and administrators_left == 0:
        raise LastAdministrator(N_("Grant the administrator role to somebody else first."))


def check_organisation(state: OrganisationState | None) -> None:
    """Roles are held for organisations that are known and not suspended. Raises Invalid."""
    if state is None:
        raise Invalid.field(
            "/organisation_id", N_("This organisation is not known. Register it in the catalogue first.")
        )
    if state is OrganisationState.SUSPENDED:
        raise Invalid.field("/organisation_id", N_("This organisation is suspended. Admit it again first."))


def check_clearance(actor: Actor, subject: str) -> None:
    """Raises OwnRights."""
    if subject == actor.subject:
        raise OwnRights(N_("Ask another administrator: nobody sets their own clearance."))
