"""Who may do what: role, organisation, label. Each route names one policy, each action asks it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.kernel.actor import Actor
from shared.kernel.errors import Forbidden, NotFound, Unauthenticated
from shared.kernel.marks import N_, S_
from shared.kernel.types import Role, SecurityLabel


class Scope(StrEnum):
    """For whose things a policy speaks."""

    ANY = "any"
    OWN = "own"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Policy:
    """A named rule of access.

    `roles` None means everybody signed in; `public` means without sign-in too. With `Scope.OWN` the thing must belong
    to an organisation for which one of the roles is held, with `Scope.PERSON` it must be about the actor. `supervisors`
    may act on everybody's things, `officers` on those that their office has charge of. With `impartial`, neither may
    who acts for one of the organisations that take part: nobody oversees their own case. With `person_too`, whoever the
    thing is about may act on it whatever their roles. The label is always checked where the thing has one.
    """

    name: str
    roles: frozenset[Role] | None = None
    public: bool = False
    scope: Scope = Scope.ANY
    supervisors: frozenset[Role] = frozenset()
    officers: frozenset[Role] = frozenset()
    person_too: bool = False
    impartial: bool = False

    def admits(self, actor: Actor) -> None:
        """The check that needs no thing: signed in, and one of the roles.

        Raises Unauthenticated, Forbidden.
        """
        if self.public:
            return
        if not actor.subject:
            raise Unauthenticated(N_("Sign in, then repeat what you did."))
        if self.roles is None or self.person_too or actor.has(*self.roles, *self.supervisors, *self.officers):
            return
        admitted = self.roles | self.supervisors | self.officers
        wanted = ", ".join(sorted(role.value.replace("_", " ") for role in admitted))
        raise Forbidden(
            S_(
                "This needs one of the roles: %(roles)s. Ask your organisation's administrator to grant it.",
                roles=wanted,
            )
        )

    def allows(
        self,
        actor: Actor,
        *,
        owners: set[UUID] | frozenset[UUID] | None = None,
        label: SecurityLabel | None = None,
        person: str | None = None,
        office: UUID | None = None,
        parties: set[UUID] | frozenset[UUID] | None = None,
    ) -> bool:
        """Whether the actor may act on a thing of these owning organisations, with this label, about this person.

        `office` has charge of it; `parties` are all that take part, the owners when they are not given.
        """
        if label is not None and not label.readable_with(actor.clearance):
            return False
        if self.public:
            return True
        if not actor.subject:
            return False
        taking_part = parties if parties is not None else owners
        if self.in_charge(actor, office, taking_part) or (self.person_too and actor.subject == person):
            return True
        if actor.has(*self.supervisors) and self._fair(actor, taking_part):
            return True
        if self.roles is not None and not actor.has(*self.roles):
            return False
        if self.scope is Scope.PERSON:
            return actor.subject == person
        if self.scope is Scope.OWN:
            held = actor.organisations(*(self.roles or ()))
            return not held.isdisjoint(owners or ())
        return True

    def in_charge(self, actor: Actor, office: UUID | None, parties: set[UUID] | frozenset[UUID] | None) -> bool:
        """Whether the actor may act for the office that has charge of the thing."""
        held = actor.organisations(*self.officers) if self.officers else frozenset()
        return office in held and self._fair(actor, parties)

    def _fair(self, actor: Actor, parties: set[UUID] | frozenset[UUID] | None) -> bool:
        return not self.impartial or actor.organisations().isdisjoint(parties or ())

    def sight(self, actor: Actor) -> dict[str, Any]:
        """The same rule for a query to cut by in SQL: `labels` that may be read, `all` organisations' things or only
        those of `organisations`, and those in the charge of `offices`. Says nothing of persons."""
        return {
            "labels": actor.clearance.readable_labels(),
            "all": actor.has(*self.supervisors),
            "organisations": list(actor.organisations(*self.roles)) if self.roles else [],
            "offices": list(actor.organisations(*self.officers)) if self.officers else [],
        }

    def require(
        self,
        actor: Actor,
        *,
        owners: set[UUID] | frozenset[UUID] | None = None,
        label: SecurityLabel | None = None,
        person: str | None = None,
        office: UUID | None = None,
        parties: set[UUID] | frozenset[UUID] | None = None,
        thing: str = "thing",
    ) -> None:
        """Refuse what `allows` does not allow: not found rather than forbidden, for the thing may be a secret.

        Raises Unauthenticated, Forbidden, NotFound.
        """
        self.admits(actor)
        if not self.allows(actor, owners=owners, label=label, person=person, office=office, parties=parties):
            raise NotFound(S_("There is no %(thing)s here that you may see.", thing=thing))


def anyone(name: str) -> Policy:
    """Visitors without sign-in too (what they see is still cut by label)."""
    return Policy(name, public=True)


def signed_in(name: str) -> Policy:
    return Policy(name)


def roles(name: str, *allowed: Role) -> Policy:
    """Holders of one of the roles, for things of every organisation."""
    return Policy(name, roles=frozenset(allowed))


def own(name: str, *allowed: Role, supervisors: tuple[Role, ...] = (), officers: tuple[Role, ...] = ()) -> Policy:
    """Holders of one of the roles for the organisation the thing belongs to; supervisors for all; officers for what
    their office has charge of."""
    return Policy(
        name,
        roles=frozenset(allowed),
        scope=Scope.OWN,
        supervisors=frozenset(supervisors),
        officers=frozenset(officers),
    )


def office(name: str, *officers: Role, owners: tuple[Role, ...] = ()) -> Policy:
    """Holders of one of the roles for the office in charge who act for nobody that takes part; and, beside them,
    whoever holds one of the roles `owners` for the organisation the thing belongs to."""
    return Policy(name, roles=frozenset(owners), scope=Scope.OWN, officers=frozenset(officers), impartial=True)
