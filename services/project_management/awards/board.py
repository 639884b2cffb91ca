"""The ranking as a board: what an officer moves by hand, what that comes to, and where it departs from the rule.

Pure. A board is nothing that is stored: it is what the rule proposes with the moves made since, so that the last one
can be taken back and a page without script carries it along in its form. Only two things of it have an effect, and need
a reason: another outcome, and another place on the reserve list, which is asked in its order.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from decimal import Decimal
from typing import Any

from services.project_management.awards.limits import reached
from services.project_management.awards.rules import Case, Outcome
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_

ZONES: tuple[Outcome, ...] = ("funded", "reserve", "declined")
MOST_MOVES = 500
"""Moves that a board keeps; nobody makes more by hand."""
Zones = dict[str, list[str]]


def proposed(items: Sequence[dict[str, Any]]) -> Zones:
    """Applications by outcome, in the order of rank."""
    return {zone: [one["id"] for one in items if one["outcome"] == zone] for zone in ZONES}


def moves_of(text: str) -> list[str]:
    """The moves that a page carried along; what is none is left out, for it has moved nothing."""
    return [one for one in text.split()[:MOST_MOVES] if _read(one)]


def _read(move: str) -> tuple[str, str, int] | None:
    """Application, where to, and the place there, 0 for the one by rank."""
    parts = move.split(":")
    if len(parts) not in (2, 3) or parts[1] not in (*ZONES, "up", "down"):
        return None
    place = parts[2] if len(parts) == 3 else "0"
    return (parts[0], parts[1], int(place)) if place.isascii() and place.isdigit() and len(place) < 6 else None


def played(items: Sequence[dict[str, Any]], moves: Iterable[str]) -> Zones:
    """The board after the moves. One that nothing can follow any more, as of an application that was withdrawn
    meanwhile, changes nothing."""
    zones = proposed(items)
    rank = {one["id"]: n for n, one in enumerate(items)}
    for move in moves:
        read = _read(move)
        if read is None or read[0] not in rank:
            continue
        id, way, place = read
        zone = next(one for one in ZONES if id in zones[one])
        if way in ("up", "down"):
            way, place = _stepped(zones, id, zone, way)
        zones[zone].remove(id)
        if way == "reserve" and place:
            zones[way].insert(place - 1, id)
        else:
            zones[way].insert(_by_rank(zones[way], rank, id), id)
    return zones


def _stepped(zones: Zones, id: str, zone: str, way: str) -> tuple[str, int]:
    """One step up or down: on the reserve list to the next place, past its ends and elsewhere over the line."""
    step = -1 if way == "up" else 1
    at = zones[zone].index(id) + step
    if zone == "reserve" and 0 <= at < len(zones[zone]):
        return zone, at + 1
    there = ZONES.index(zone) + step
    if not 0 <= there < len(ZONES):
        return zone, 0
    if ZONES[there] != "reserve":
        return ZONES[there], 0
    return "reserve", 1 if step > 0 else len(zones["reserve"]) + 1


def _by_rank(order: Sequence[str], rank: dict[str, int], id: str) -> int:
    """Before the first that ranks after it."""
    return next((n for n, one in enumerate(order) if rank[one] > rank[id]), len(order))


def departures(items: Sequence[dict[str, Any]], zones: Zones) -> list[dict[str, Any]]:
    """Where the board is not what the rule proposes: application_id, outcome, and place on the reserve list or None.

    Of the reserve list as few as possible are said to be moved: all but a longest row of them that is still in the
    order of rank.
    """
    rank = {one["id"]: n for n, one in enumerate(items)}
    still = _longest([rank[id] for id in zones["reserve"]])
    place = {id: n for n, id in enumerate(zones["reserve"], 1) if rank[id] not in still}
    after = {id: zone for zone in ZONES for id in zones[zone]}
    return [
        {"application_id": one["id"], "outcome": after[one["id"]], "place": place.get(one["id"])}
        for one in items
        if after[one["id"]] != one["outcome"] or one["id"] in place
    ]


def require_sound(choices: Sequence[dict[str, Any]], known: Set[str]) -> None:
    """Whether these choices can be decided or tried: of what competes (`known`), each once. Raises Invalid."""
    faults = [
        {"pointer": f"/overrides/{n}/application_id", "detail": N_("This application does not compete in the call.")}
        for n, one in enumerate(choices)
        if one["application_id"] not in known
    ]
    faults += [
        {"pointer": f"/overrides/{n}/place", "detail": N_("Only an application on the reserve list has a place there.")}
        for n, one in enumerate(choices)
        if one.get("place") and one["outcome"] != "reserve"
    ]
    if len({one["application_id"] for one in choices}) < len(choices):
        faults.append({"pointer": "/overrides", "detail": N_("Decide each application once.")})
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)


def _longest(ranks: Sequence[int]) -> set[int]:
    """A longest rising row of different numbers."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for one in ranks:
        n = bisect_left(ends, one)
        before[one] = ends[n - 1] if n else None
        ends[n : n + 1] = [one]
    row: set[int] = set()
    at = ends[-1] if ends else None
    while at is not None:
        row.add(at)
        at = before[at]
    return row


def tally(case: Case, funded: Sequence[str], reserve: Sequence[str]) -> dict[str, Any]:
    """What funding these comes to: spent, left (below zero where it is too much), each share limit, whether it could be
    put forward so, and what the first of the reserve list would cost."""
    at = {one["id"]: n for n, one in enumerate(case.ranked)}
    amounts = case.problem.amounts
    chosen = [at[id] for id in funded]
    spent = sum((amounts[n] for n in chosen), Decimal(0))
    left = case.problem.budget - spent
    limits = reached(case.problem, chosen)
    following = None
    if reserve:
        n = at[reserve[0]]
        kept = {one["limit"] for one in limits if one["holds"]}
        with_it = reached(case.problem, [*chosen, n])
        following = {
            "application_id": reserve[0],
            "title": case.ranked[n]["title"],
            "requested": str(amounts[n]),
            "left": str(left - amounts[n]),
            "breaks": [one["limit"] for one in with_it if not one["holds"] and one["limit"] in kept],
        }
    return {
        "spent": str(spent),
        "left": str(left),
        "awards": len(chosen),
        "limits": [{name: one[name] for name in ("limit", "reached", "holds", "note")} for one in limits],
        "allowed": left >= 0 and all(one["holds"] or not one["ceiling"] for one in limits),
        "next": following,
    }
