"""What becomes of a call after its release: who reads its versions and is told of a new one, and what may be amended.

An amendment is asked for by the call's office and signed by the offices that sign a release, one after the other, as
the call was: until then nothing of it is told. What somebody has relied on already is not taken from them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.project_management.applications import rules as applications
from services.project_management.approvals.rules import NotYourSignature, Step, approving, held_by, holds
from services.project_management.calls import rules as calls
from services.project_management.calls.terms import APPLICANTS_TIME
from shared.kernel.actor import Actor
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own
from shared.kernel.types import Role

READ = calls.READ
CHANGES = applications.READ
"""Reading, beside an application, what changed in its call."""
ACKNOWLEDGE = applications.DRAFT
SEE = own("amendments.see", Role.PROGRAMME_OFFICER, supervisors=(Role.COORDINATOR, Role.AUDITOR))
"""An amendment that is not signed yet is known to the offices alone: its own, and those that sign (`knowing`)."""
AMEND = own("amendments.amend", Role.PROGRAMME_OFFICER)
JUDGE = own("amendments.judge", Role.PROGRAMME_OFFICER, supervisors=(Role.COORDINATOR,))
"""Of those who may know of it. Which of them signs is the amendment's to say: its chain of offices."""


LATE = ("indicators", "offices", "award_terms")
"""What is still amended after the closing, as columns of the call: until a decision list is put forward nothing has
been decided from its indicators, and the offices that approve the list have not begun to sign."""
CONDITIONS = ("kinds", "regions", "sectors", "running_per_organisation", "running_per_person", "credit")
"""Who may apply."""
_STANDINGS = ("", "fair", "good")


def narrower(name: str, before: Any, after: Any) -> bool:
    """Whether a condition shuts out somebody whom it let in before. Empty, and 0, mean: any."""
    if name == "credit":
        return _STANDINGS.index(after) > _STANDINGS.index(before)
    if isinstance(after, list):
        return bool(after) and (not before or not set(before) <= set(after))
    return bool(after) and (not before or after < before)


class State(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "sign": (frozenset({State.REQUESTED}), State.REQUESTED),
    "approve": (frozenset({State.REQUESTED}), State.APPROVED),
    "decline": (frozenset({State.REQUESTED}), State.DECLINED),
    "withdraw": (frozenset({State.REQUESTED}), State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in). The last office of the chain approves, those before it sign."""


class AmendmentNotReady(Conflict):
    title = N_("The amendment's state does not allow this")


class OneWaits(Conflict):
    title = N_("An amendment waits already")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises AmendmentNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise AmendmentNotReady(N_("No amendment of this call waits for an answer."))
    return after


def is_amendable(
    state: calls.State, closes_at: datetime, now: datetime, changed: Collection[str] = (), *, list_made: bool = False
) -> bool:
    """Whether these columns may be amended now; without any: whether all of it may."""
    try:
        amendable(state, closes_at, now, changed, list_made=list_made)
    except calls.CallNotReady:
        return False
    return True


def amendable(
    state: calls.State, closes_at: datetime, now: datetime, changed: Collection[str] = (), *, list_made: bool = False
) -> None:
    """Until the closing time, whether or not the timer has written the close: then the terms have been relied on. What
    only rules later steps, until they begin. Raises CallNotReady with what can be done instead."""
    if state is calls.State.RELEASED and now < closes_at:
        return
    if state in (calls.State.DRAFT, calls.State.IN_SIGNOFF, calls.State.SIGNED_OFF):
        raise calls.CallNotReady(N_("The call is not released yet. Change its draft instead."))
    if state is calls.State.CANCELLED:
        raise calls.CallNotReady(N_("The call is cancelled. What has to differ belongs in a new call."))
    if list_made or state in (calls.State.DECIDED, calls.State.ARCHIVED):
        raise calls.CallNotReady(
            N_(
                "A decision list is put forward: awards are decided from the indicators of the call, and its offices "
                "sign. What one project promises is changed in its task book; what else has to differ belongs in a new "
                "call."
            )
        )
    if not changed or not set(changed) <= set(LATE):
        raise calls.CallNotReady(
            N_(
                "The call has closed, and what applicants relied on stays as it was. Only its indicators and the "
                "offices that sign are still amended. An amendment that waits can be declined or withdrawn; what has "
                "to differ belongs in a new call."
            )
        )


def faults(
    changed: Collection[str],
    *,
    closes: tuple[datetime, datetime],
    ceilings: tuple[Decimal, Decimal],
    terms: tuple[Mapping[str, Any], ...] = ({}, {}),
    conditions: tuple[Mapping[str, Any], ...] = ({}, {}),
    begun: bool,
) -> list[tuple[str, str]]:
    """What may not be amended so, as (field, sentence). Pairs are before and after; `begun`: somebody writes or has
    handed in an application."""
    found = []
    if not changed:
        found.append(("reason", N_("Nothing differs from the call as it is released.")))
    if closes[1] < closes[0] and begun:
        found.append(
            ("closes_at", N_("Somebody has begun an application in the time that was given. Choose a later time."))
        )
    if ceilings[1] < ceilings[0] and begun:
        found.append(
            ("ceiling", N_("Somebody has begun an application with the ceiling that was given. It can only be raised."))
        )
    if begun:
        found += [
            (
                f"terms/{name}",
                N_("Somebody has begun an application with the time that was given. It can only be longer."),
            )
            for name in APPLICANTS_TIME
            if terms[1].get(name, 0) < terms[0].get(name, 0)
        ]
        # Not even for those alone who have not begun: two who apply to one call would be measured by two conditions,
        # and who looks at the call could not tell which of them holds.
        found += [
            (
                name,
                N_(
                    "Somebody has begun an application, and all who apply meet the same conditions. "
                    "It can only be widened."
                ),
            )
            for name, before in conditions[0].items()
            if narrower(name, before, conditions[1][name])
        ]
    return found


def verb_of(decision: str, chain: Sequence[Step], signed: Sequence[Mapping[str, Any]]) -> str:
    """What an answer comes to, with these signatures under it already."""
    if decision == "decline":
        return "decline"
    return "approve" if len(signed) + 1 >= len(chain) else "sign"


def answering(
    decision: str, chain: Sequence[Step], signed: Sequence[Mapping[str, Any]], actor: Actor, requested_by: str
) -> None:
    """Whether this person may sign an amendment that waits, or decline it. The office whose turn it is signs; any of
    the chain declines, also one that has signed, for it may think better of it. Raises OwnSignoff, NotYourSignature.
    """
    if actor.subject == requested_by:
        raise calls.OwnSignoff(N_("You asked for this amendment. Another person has to sign it off."))
    if decision != "decline":
        approving(chain[len(signed)], held_by(actor), actor.subject, [one["subject"] for one in signed])
    elif not any(holds(step, held_by(actor)) for step in chain):
        raise NotYourSignature(N_("Only the offices that sign this amendment can decline it."))


def may_answer(
    decision: str, chain: Sequence[Step], signed: Sequence[Mapping[str, Any]], actor: Actor, requested_by: str
) -> bool:
    try:
        answering(decision, chain, signed, actor, requested_by)
    except (calls.OwnSignoff, NotYourSignature):
        return False
    return True


def knowing(office: UUID, chain: Sequence[Step], actor: Actor) -> set[UUID]:
    """The organisations for which somebody knows of it, as owners for `SEE` and `JUDGE`: the call's office, and the
    actor's own where they speak for an office of the chain."""
    held = held_by(actor)
    return {office, *(UUID(place) for role, place in held if any(holds(step, [(role, place)]) for step in chain))}


def title_of(title: str) -> str:
    """What is to be done, on worklists."""
    return S_("Sign off the amendment of the call “%(title)s”", title=title)
