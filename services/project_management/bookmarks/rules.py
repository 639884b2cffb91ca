"""Calls and searches that a person keeps, for themselves alone, and when they are told of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from services.project_management.calls.rules import State, ceilings_within
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy, Scope, signed_in

SAVE = signed_in("bookmarks.save")
OWN = Policy("bookmarks.own", scope=Scope.PERSON)
"""To anybody else a saved search does not exist."""
MOST_CALLS, MOST_SEARCHES, MOST_TOLD = 200, 30, 1_000
SOON = timedelta(days=7)
"""So long before its closing whoever saved a call is told: enough to find partners who consent."""


class TooMany(Conflict):
    title = N_("There are too many already")


def room_for(count: int, most: int) -> None:
    """Raises TooMany."""
    if count >= most:
        raise TooMany(S_("You keep %(most)s already. Take one off the page “Saved” first.", most=most))


def address(search: str, phases: Sequence[str], filters: Mapping[str, Any]) -> str:
    """The list of calls as a kept search narrows it."""
    bounds = [Decimal(text) if (text := filters.get(name)) else None for name in ("ceiling_from", "ceiling_to")]
    several = {
        "phase": phases,
        "soon": filters.get("soon", ()),
        "kind": filters.get("kinds", ()),
        "region": filters.get("regions", ()),
        "field": filters.get("fields", ()),
        "ceiling": ceilings_within(*bounds),
    }
    asked = [("q", search)] if search else []
    asked += [(name, value) for name, values in several.items() for value in values]
    return "/projects/calls" + (f"?{urlencode(asked)}" if asked else "")


def news_of(
    *,
    state: State,
    closes_at: datetime,
    released_version: int,
    told_version: int,
    told_state: State,
    told_closing: datetime | None,
    now: datetime,
    amended_late: bool = False,
) -> str:
    """What to tell of a saved call now: "cancelled", "changed", "closing", or nothing. `amended_late`: its newest
    version came after its closing."""
    if state is State.CANCELLED and told_state is not State.CANCELLED:
        return "cancelled"
    if state is State.RELEASED and now < closes_at:
        if released_version > told_version:
            return "changed"
        if closes_at - now <= SOON and told_closing != closes_at:
            return "closing"
    if state in (State.CLOSED, State.DECIDING) and amended_late and released_version > told_version:
        return "changed"
    return ""
