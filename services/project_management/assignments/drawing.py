"""The assignment board as a picture: who reviews what, what else is possible, and how much each expert carries."""

from collections import Counter
from typing import Any

from services.project_management.assignments import bidding
from shared.web.forms import FormState
from shared.web.i18n import _

OUT = ("declined", "set_aside")
"""States of reviews that nobody writes and that do not count."""
MOST_CELLS = 2_000
"""Up to so many pairs the board shows all; of a larger call it shows some applications with their nearest experts."""
PART = 20
NEAREST = 4


def matrix(assignment: dict[str, Any], start: int, change: FormState | None = None) -> dict[str, Any]:
    """Applications down, experts across: the review, the conflict, or how near they are. Of `change` the boxes as they
    were sent."""
    inputs = assignment["trace"]["inputs"]
    experts, applications = inputs["experts"], inputs["applications"]
    reviews = {(str(one["application_id"]), str(one["expert_id"])): one for one in assignment["assignments"]}
    barred = {(one["application_id"], one["expert_id"]): one for one in assignment["conflicts"]}
    near = {
        (applications[i]["id"], experts[j]["id"]): weight
        for i, row in enumerate(bidding.weighed(inputs) if "affinities" in inputs else ())
        for j, weight in row.items()
    }
    bids = {(one["application_id"], one["expert_id"]): one["bid"] for one in inputs.get("bids", ())}
    for pair, review in reviews.items():
        near.setdefault(pair, 10 * int(review["affinity"]))
    load = Counter(str(one["expert_id"]) for one in _live(assignment))
    part = len(applications) * len(experts) > MOST_CELLS
    shown = applications[start : start + PART] if part else applications
    people = _people(assignment, shown, near, barred) if part else _everybody(assignment)
    ticked = set(change.all("pair")) if change is not None else None
    places = {one["id"]: one["organisation"]["name"] for one in experts if one.get("organisation")}
    asked = {str(one["application_id"]): one["number"] for one in assignment["demands"]}
    rows = []
    for one in shown:
        cells = [
            _cell(one, who, reviews, barred, near, ticked) | {"bid": bids.get((one["id"], who))}
            for who, _name, _cap in people
        ]
        met = sum(1 for cell in cells if cell["review"] and cell["review"]["state"] not in OUT)
        demand = asked.get(one["id"], inputs.get("demand"))
        rows.append({"id": one["id"], "title": one["title"], "cells": cells, "met": met, "demand": demand})
    return {
        "experts": [
            {"id": who, "name": name, "cap": cap, "load": load[who], "place": places.get(who, "")}
            for who, name, cap in people
        ],
        "rows": rows,
        "titles": {one["id"]: one["title"] for one in applications},
        "people": [(who, name) for who, name, _cap in _everybody(assignment)],
        "total": sum(near[str(one["application_id"]), str(one["expert_id"])] for one in _live(assignment)),
        "measured": bool(near),
        "start": start if part else 0,
        "all": len(applications),
        "before": max(0, start - PART) if part and start else None,
        "after": start + PART if part and start + PART < len(applications) else None,
    }


def _cell(
    application: dict[str, Any],
    who: str,
    reviews: dict[tuple[str, str], dict[str, Any]],
    barred: dict[tuple[str, str], dict[str, Any]],
    near: dict[tuple[str, str], int],
    ticked: set[str] | None,
) -> dict[str, Any]:
    pair = application["id"], who
    review, value = reviews.get(pair), f"{pair[0]}:{who}"
    there = review is not None and review["state"] in ("invited", "accepted", "scored")
    return {
        "value": value,
        "review": review,
        "barred": barred.get(pair),
        "near": near.get(pair, 0),
        "there": there,
        "open": there or (review is None and pair not in barred),
        "ticked": there if ticked is None else value in ticked,
    }


def _everybody(assignment: dict[str, Any]) -> list[tuple[str, str, int | None]]:
    """Experts of the run, then whoever has a review from an earlier one."""
    found: dict[str, tuple[str, int | None]] = {
        one["id"]: (one["name"], one["cap"]) for one in assignment["trace"]["inputs"]["experts"]
    }
    for one in assignment["assignments"]:
        found.setdefault(str(one["expert_id"]), (one["expert"], None))
    return [(who, name, cap) for who, (name, cap) in found.items()]


def _people(
    assignment: dict[str, Any],
    shown: list[dict[str, Any]],
    near: dict[tuple[str, str], int],
    barred: dict[tuple[str, str], dict[str, Any]],
) -> list[tuple[str, str, int | None]]:
    """Who reviews one of the shown applications, and each one's nearest experts without a conflict."""
    ids = {one["id"] for one in shown}
    wanted = {str(one["expert_id"]) for one in assignment["assignments"] if str(one["application_id"]) in ids}
    of: dict[str, list[tuple[int, str]]] = {}
    for (application_id, who), weight in near.items():
        if application_id in ids and (application_id, who) not in barred:
            of.setdefault(application_id, []).append((weight, who))
    for row in of.values():
        wanted |= {who for _weight, who in sorted(row, reverse=True)[:NEAREST]}
    return [one for one in _everybody(assignment) if one[0] in wanted]


def load(assignment: dict[str, Any]) -> dict[str, Any]:
    """Reviews and cap of each expert, as a plot; of many experts those who have any."""
    carried = Counter(str(one["expert_id"]) for one in _live(assignment))
    people = _everybody(assignment)
    rows = [[name, carried[who], cap] for who, name, cap in people if carried[who] or len(people) <= 60]
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": [row[0] for row in rows]},
        "series": [
            {"type": "bar", "name": _("Reviews"), "data": [row[1] for row in rows]},
            {"type": "bar", "name": _("Most reviews of one expert"), "data": [row[2] for row in rows]},
        ],
    }
    return {"option": option, "rows": rows, "reviews": len(_live(assignment)), "experts": sum(1 for r in rows if r[1])}


def _live(assignment: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in assignment["assignments"] if one["state"] not in OUT]
