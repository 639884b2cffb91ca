"""Who supervised whom, and who is close to whom, as one of the two declared it."""

from datetime import date
from enum import StrEnum

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_
from shared.kernel.policy import Policy, Scope, signed_in

DECLARE = signed_in("relations.declare")
OWN = Policy("relations.own", scope=Scope.PERSON)
"""What somebody declared is shown to them alone, and to an office only where it keeps an expert from a review."""


class Kind(StrEnum):
    SUPERVISED = "supervised"
    SUPERVISED_BY = "supervised_by"
    CLOSE = "close"
    """Family, or work that is that close."""


MOST = 100


class TooMany(Conflict):
    title = N_("There are too many already")


def faults(since: date | None, until: date | None, today: date) -> list[tuple[str, str]]:
    """What is wrong with its days, as (JSON pointer, sentence)."""
    found = []
    if since and since > today:
        found.append(("/since", N_("It begins today at the latest.")))
    if since and until and until < since:
        found.append(("/until", N_("It ends after it begins.")))
    return found
