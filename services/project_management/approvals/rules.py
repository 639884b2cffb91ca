"""Chains of offices: what is released or decided is signed by one office after the other, each time by another person.

A step is a mapping of office (its name), role and organisation_id; without an organisation, whoever holds the role may
sign. A signature is a mapping of office, subject, at and note.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_

Step = Mapping[str, Any]


class NotYourSignature(Conflict):
    title = N_("Somebody else has to approve this")


def held_by(actor: Actor) -> list[tuple[str, str]]:
    """The roles of the actor, as (role, organisation)."""
    return [(grant.role.value, str(grant.organisation_id)) for grant in actor.grants]


def holds(step: Step, held: Collection[tuple[str, str]]) -> bool:
    """Whether who holds these roles speaks for the office of the step."""
    return any(role == step["role"] and step.get("organisation_id") in (None, place) for role, place in held)


def approving(step: Step, held: Collection[tuple[str, str]], subject: str, before: Collection[str]) -> None:
    """Whether who holds these roles may give this step's signature; `before` wrote it or have signed it already.

    Raises NotYourSignature.
    """
    if subject in before:
        raise NotYourSignature(N_("You have had a hand in this already. Another person has to approve or return it."))
    if not holds(step, held):
        raise NotYourSignature(S_("The next signature is that of: %(office)s.", office=step["office"]))


def may_approve(step: Step, held: Collection[tuple[str, str]], subject: str, before: Collection[str]) -> bool:
    try:
        approving(step, held, subject, before)
    except NotYourSignature:
        return False
    return True


def steps(chain: Sequence[Step], signed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The chain as it is shown: each office with its signature, and which one signs next."""
    return [
        {**step, "signed": signed[n] if n < len(signed) else None, "next": n == len(signed)}
        for n, step in enumerate(chain)
    ]
