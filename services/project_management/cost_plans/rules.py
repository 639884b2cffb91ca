"""The budget of an application by lines: while it is written, its lead writes all of it, a partner its own part."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from services.project_management.applications import rules as applications
from services.project_management.costs.rules import MOST_LINES, amount
from shared.kernel.errors import Invalid
from shared.kernel.marks import S_
from shared.kernel.policy import own
from shared.kernel.types import Role, plain_number

READ = applications.READ
WRITE = own("cost_plans.write", Role.APPLICANT, Role.REPRESENTATIVE)
WRITING = frozenset({applications.State.DRAFT, applications.State.RETURNED})
COLUMNS = ("category", "year", "requested", "own")
_LONGEST = 40


def tidy(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The lines as they are kept: amounts with cents, blank lines left out; what cannot be read stays as it was typed,
    nothing is lost. Raises Invalid for too many."""
    kept = [tidied for line in lines if (tidied := _tidied(line))]
    if len(kept) > MOST_LINES:
        sentence = S_("An organisation has at most %(most)s budget lines. Add some together.", most=MOST_LINES)
        raise Invalid.field("/lines", sentence)
    return kept


def _tidied(line: Mapping[str, Any]) -> dict[str, str] | None:
    typed = {name: _text(line.get(name)) for name in COLUMNS}
    if not any(typed.values()):
        return None
    for name in ("requested", "own"):
        number = amount(plain_number(typed[name]))
        if number is not None:
            typed[name] = f"{number + 0:.2f}"
    # Who writes one of the two amounts means nothing by the other.
    for name, other in (("requested", "own"), ("own", "requested")):
        if not typed[name] and typed[other]:
            typed[name] = "0.00"
    return typed


def _text(given: Any) -> str:
    text = "" if given is None else str(given)
    return unicodedata.normalize("NFKC", text).replace("\x00", "").strip()[:_LONGEST]
