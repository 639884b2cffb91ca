"""Disclosures: who may file and triage, and what shares of inventors must come to."""

from enum import StrEnum
from fractions import Fraction

from shared.kernel.errors import Conflict
from shared.kernel.policy import own, roles
from shared.kernel.types import Role

FILE = roles("disclosures.file", Role.APPLICANT, Role.REPRESENTATIVE)
READ = own("disclosures.read", Role.APPLICANT, Role.REPRESENTATIVE, supervisors=(Role.IP_OFFICER, Role.AUDITOR))
TRIAGE = roles("disclosures.triage", Role.IP_OFFICER)


class State(StrEnum):
    FILED = "filed"
    TRIAGED = "triaged"


class Outcome(StrEnum):
    PROTECT = "protect"
    KEEP_SECRET = "keep_secret"  # noqa: S105 -- a trade secret, not a password
    PUBLISH = "publish"
    RELEASE = "release"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {"triage": (frozenset({State.FILED}), State.TRIAGED)}
"""Verb → (states it may start from, state it ends in)."""


class AlreadyTriaged(Conflict):
    title = "The disclosure was triaged already"


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises AlreadyTriaged."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise AlreadyTriaged("It has been decided already. File a new disclosure if there is something new.")
    return after


def shares_fault(shares: list[Fraction], of: str) -> str:
    """What is wrong with exact shares that must sum to one; empty when nothing is."""
    if any(share <= 0 for share in shares):
        return f"every share of the {of} must be above zero"
    total = sum(shares, Fraction(0))
    if total == 1:
        return ""
    off = "too little" if total < 1 else "too much"
    return f"the shares of the {of} come to {total}, not to 1: {abs(1 - total)} {off}"
