"""An application that lacks something goes back to its lead, once or again, with a time by which it is due."""

from datetime import datetime, timedelta

from services.project_management.calls.rules import State as CallState
from services.project_management.calls.terms import USUAL
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office
from shared.kernel.types import Role

RETURN = office("completions.return", Role.PROGRAMME_OFFICER)
LEAST = timedelta(hours=24)
"""A lead needs a day to find the people. The most is its call's to say: it cannot wait for ever."""
WHILE = frozenset({CallState.RELEASED, CallState.CLOSED})
"""Later experts read what was handed in: nothing may change under them."""


class TooLateToReturn(Conflict):
    title = N_("The call is past this")


def may_be_returned(call: CallState) -> None:
    """Raises TooLateToReturn once experts are assigned."""
    if call not in WHILE:
        raise TooLateToReturn(
            N_("Experts are assigned already; from then on an application stays as it was handed in.")
        )


def due_fault(now: datetime, due_at: datetime, most: int = USUAL.completion_days) -> str:
    """What is wrong with the time; empty when nothing is."""
    if due_at < now + LEAST:
        return N_("Leave its lead at least 24 hours.")
    return S_("Choose a time within %(days)s days.", days=most) if due_at > now + timedelta(days=most) else ""
