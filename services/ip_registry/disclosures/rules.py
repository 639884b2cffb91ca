"""Disclosures: who may file and triage, and what shares of inventors must come to."""

from enum import StrEnum
from fractions import Fraction

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own, roles
from shared.kernel.types import Role, SecurityLabel

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
    title = N_("The disclosure was triaged already")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises AlreadyTriaged."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise AlreadyTriaged(N_("It has been decided already. File a new disclosure if there is something new."))
    return after


LABELS = tuple(label for label in SecurityLabel if label is not SecurityLabel.PUBLIC)
"""An invention that anybody may read is published, and publication can cost the protection."""


def label_fault(label: SecurityLabel, project_label: SecurityLabel | None) -> str:
    """What is wrong with a disclosure's label; empty when nothing is. It names the project, so it is not below it."""
    if label not in LABELS:
        return N_("A disclosure is at least internal: publication before filing can cost the protection.")
    if project_label is not None and label.rank < project_label.rank:
        return N_("The project has a higher label. Choose that one, or a higher one.")
    return ""


def shares_fault(shares: list[Fraction]) -> str:
    """What is wrong with exact shares that must sum to one; empty when nothing is."""
    if any(share <= 0 for share in shares):
        return N_("Every share must be above zero.")
    total = sum(shares, Fraction(0))
    if total < 1:
        return S_("The shares come to %(total)s: %(off)s is missing.", total=str(total), off=str(1 - total))
    if total > 1:
        return S_("The shares come to %(total)s: %(off)s too much.", total=str(total), off=str(total - 1))
    return ""
