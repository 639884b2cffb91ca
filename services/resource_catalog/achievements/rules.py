"""Achievements: what a result must say before it is shown, and the way from a draft to the public catalogue."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import orjson

from shared.kernel.errors import Conflict, Forbidden
from shared.kernel.marks import N_, S_
from shared.kernel.policy import anyone, own
from shared.kernel.types import Role, SecurityLabel

READ = anyone("achievements.read")
"""Visitors too; what is listed, counted and found is cut by label in the query."""
DRAFT = own("achievements.draft", Role.APPLICANT, Role.REPRESENTATIVE)
REVIEW = own("achievements.review", Role.REPRESENTATIVE, supervisors=(Role.COORDINATOR,))
"""The security review: by the organisation itself or the coordination office, never by the author."""

OVERSEERS = (Role.COORDINATOR, Role.AUDITOR)


class Kind(StrEnum):
    TECHNOLOGY = "technology"
    MATERIAL = "material"
    PRODUCT = "product"
    PROCESS = "process"
    SOFTWARE = "software"
    METHOD = "method"


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    RELEASED = "released"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "edit": (frozenset({State.DRAFT, State.RETURNED}), State.DRAFT),
    "request": (frozenset({State.DRAFT, State.RETURNED}), State.IN_REVIEW),
    "approve": (frozenset({State.IN_REVIEW}), State.APPROVED),
    "return": (frozenset({State.IN_REVIEW}), State.RETURNED),
    "release": (frozenset({State.APPROVED}), State.RELEASED),
}
"""Verb → (states it may start from, state it ends in)."""


SAID = (N_("in review"), N_("approved"))
"""States as sentences say them, where no page has the word."""


class ReleaseNotPossible(Conflict):
    title = N_("The achievement's state does not allow this")


class OwnReview(Forbidden):
    title = N_("The author cannot check their own achievement")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ReleaseNotPossible naming the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(one.value for one in allowed)).replace("_", " ")
        now = state.value.replace("_", " ")
        raise ReleaseNotPossible(
            S_("It is %(state)s; this is possible only while it is %(wanted)s.", state=now, wanted=wanted)
        )
    return after


def independent(author: str, reviewer: str) -> None:
    """The security review is made by somebody else. Raises OwnReview."""
    if author == reviewer:
        raise OwnReview(N_("Somebody else of your organisation, or the coordination office, has to make this check."))


FOUR_POINTS = ("maturity", "advantage", "route_to_market", "description")
"""What buyers miss most in catalogues of results: how ripe it is, what it does better than today's solution, how it
comes to market, and a concrete description."""
NEEDED = ("title", "abstract", "trl_evidence", *FOUR_POINTS)
CHECKED = ("title", "title_zh", "kind", "abstract", "trl", "fields", *NEEDED[2:])


def missing_for_release(fields: Mapping[str, Any]) -> list[str]:
    """The entries a reader of the catalogue needs and that are still blank."""
    return [name for name in NEEDED if not str(fields[name]).strip()]


def content_hash(fields: Mapping[str, Any]) -> str:
    """What the reviewer has checked, as a SHA-256: what is released must be the same."""
    content = {name: fields[name] for name in CHECKED}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def checked_label(label: SecurityLabel | None, clearance: SecurityLabel) -> SecurityLabel:
    """The label a reviewer sets. Raises ValueError when none is given or it lies above the reviewer's clearance."""
    if label is None:
        raise ValueError("Choose the label under which it may be shown.")
    if not label.readable_with(clearance):
        raise ValueError("Your clearance does not reach this label. Ask the coordination office to review it.")
    return label
