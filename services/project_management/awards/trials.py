"""Reads for the board: what a ranking that somebody arranges by hand would come to. Nothing of it is stored."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from services.project_management.awards import board, rules
from services.project_management.awards.queries import ranking
from services.project_management.calls.rules import CallNotReady
from services.project_management.calls.rules import State as CallState
from shared.db.work import Rows
from shared.kernel.marks import N_

_REMEMBERED = 8
"""Cases that a process remembers with the floors that cannot be met, which takes a solver to know."""


async def trial(rows: Rows, call_id: UUID, scores: rules.Basis, overrides: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What these choices would come to, if they were put forward now. Raises NotFound, OwnApplication, CallNotReady,
    and Invalid as a decision does."""
    found = await ranking(rows, call_id, scores)
    if not arrangeable(found):
        raise CallNotReady(N_("A ranking is arranged once its reviews are in, until the decision is put forward."))
    items = found["trace"]["result"]["items"]
    board.require_sound(overrides, {one["id"] for one in items})
    wanted = {one["application_id"]: one for one in overrides}
    chosen = [one | {"outcome": wanted.get(one["id"], one)["outcome"]} for one in items]
    placed = rules.placed(chosen, [one for one in overrides if one["outcome"] == "reserve"])
    zones = board.proposed(placed)
    zones["reserve"].sort(key={one["id"]: one.get("place", n) for n, one in enumerate(placed)}.__getitem__)
    return await tallied(found, zones)


def arrangeable(found: dict[str, Any]) -> bool:
    """Whether a ranking can be decided on now: every review is in, and nothing is put forward."""
    return bool(found["state"] == CallState.DECIDING.value and found["complete"] and found["decision"] is None)


async def tallied(found: dict[str, Any], zones: board.Zones) -> dict[str, Any]:
    """A board over a ranking with its figures: spent, left, awards, limits, allowed, next, departures."""
    trace, currency = found["trace"], found["budget"]["currency"]
    case = await asyncio.to_thread(_case, json.dumps(trace["inputs"], sort_keys=True))
    told = await asyncio.to_thread(board.tally, case, zones["funded"], zones["reserve"])
    titles = {one["id"]: one["title"] for one in trace["result"]["items"]}

    def money(amount: str) -> dict[str, Any]:
        return {"amount": Decimal(amount), "currency": currency}

    following = told["next"]
    return {
        **told,
        "spent": money(told["spent"]),
        "left": money(told["left"]),
        "next": following
        and {**following, "requested": money(following["requested"]), "left": money(following["left"])},
        "departures": [
            one | {"title": titles[one["application_id"]]} for one in board.departures(trace["result"]["items"], zones)
        ],
        "reserve": zones["reserve"],
    }


def mark_of(found: dict[str, Any]) -> str:
    """Stands for what the rule proposes and for the list that it would follow, so that moves are not carried over to
    another proposal, nor past a list that was put forward and returned meanwhile."""
    shown = [found["number"], [[one["id"], one["outcome"]] for one in found["trace"]["result"]["items"]]]
    return sha256(json.dumps(shown).encode()).hexdigest()[:16]


@lru_cache(maxsize=_REMEMBERED)
def _case(inputs: str) -> rules.Case:
    return rules.case_of(json.loads(inputs))
