"""Why an assignment is impossible, and what would make it possible."""

from typing import Any

import numpy as np

from services.project_management.assignments import flow
from services.project_management.assignments.conflicts import WAIVABLE
from services.project_management.assignments.spread import Groups
from shared.kernel.marks import N_, S_

_HELD = {
    "organisation": N_(
        "%(count)s experts of %(name)s could review “%(title)s”; one application gets %(room)s from there at most."
    ),
    "region": N_(
        "%(count)s experts from the region %(name)s could review “%(title)s”; one application gets %(room)s from there "
        "at most."
    ),
}
"""What a limit of the spread keeps from an application; reviews that are kept count against it."""


def certificate(
    inputs: dict[str, Any], given: flow.Problem, chosen: flow.Flags, barred: list[dict[str, Any]], groups: Groups
) -> dict[str, Any]:
    """A set of applications that together need more than the experts they may have can give (the near side of a minimum
    cut), the limits of groups that hold them back, each application's own lack, and the cheapest change that would
    help."""
    applications, experts = inputs["applications"], inputs["experts"]
    found = flow.cut(given, chosen)
    tight, used = found.applications, found.experts
    held = _held_back(inputs, given, found, groups)
    lacks = given.needs - np.bincount(given.first[chosen], minlength=len(given.needs))
    full = np.bincount(given.second[chosen], minlength=len(given.rooms)) >= given.rooms
    steps = _steps(inputs, given, barred, groups)
    return {
        "missing": int(lacks.sum()),
        "together": {
            "applications": [applications[i]["title"] for i in tight],
            "need": int(given.needs[tight].sum()),
            "experts": [experts[j]["name"] for j in used],
            # Through a minimum cut goes all that can be given.
            "can_give": int(given.needs[tight].sum() - lacks.sum()),
            "spread": [what for of in held.values() for what in of],
        },
        "applications": [
            {
                "application_id": applications[k]["id"],
                "title": applications[k]["title"],
                "needs": int(given.needs[k]),
                "lacks": int(lacks[k]),
                "eligible": [experts[j]["name"] for j in given.second[given.first == k]],
                "at_cap": [experts[j]["name"] for j in given.second[(given.first == k) & ~chosen & full[given.second]]],
                "excluded": [
                    {"expert": one["expert"], "reason": one["reason"]}
                    for one in barred
                    if one["application_id"] == applications[k]["id"]
                ],
                "held_back": held.get(k, []),
            }
            for k in np.nonzero(lacks)[0].tolist()
        ],
        "steps": steps,
        "remedy": steps[0]["what"] if len(steps) == 1 else N_("The smallest set of changes that helps stands below."),
    }


def too_low(
    inputs: dict[str, Any], given: flow.Problem, short: list[int], least: int, barred: list[dict[str, Any]]
) -> dict[str, Any]:
    """The bound on a pair's probability asks for more experts than there are; the lowest that does not is `least`."""
    applications, experts = inputs["applications"], inputs["experts"]
    lacking = [k for k, lacks in enumerate(short) if lacks]
    step = {
        "kind": "raise_bound",
        "by": least - inputs["bound"],
        "what": S_("Let a pair be as likely as %(least)s %%: the lowest bound that is possible here.", least=least),
    }
    return {
        "missing": sum(short),
        "together": {
            "applications": [applications[k]["title"] for k in lacking],
            "need": int(given.needs[lacking].sum()),
            "experts": [experts[j]["name"] for j in np.unique(given.second[np.isin(given.first, lacking)])],
            "can_give": int(given.needs[lacking].sum()) - sum(short),
            "spread": [],
        },
        "applications": [
            {
                "application_id": applications[k]["id"],
                "title": applications[k]["title"],
                "needs": int(given.needs[k]),
                "lacks": short[k],
                "eligible": [experts[j]["name"] for j in given.second[given.first == k]],
                "at_cap": [],
                "excluded": [
                    {"expert": one["expert"], "reason": one["reason"]}
                    for one in barred
                    if one["application_id"] == applications[k]["id"]
                ],
                "held_back": [],
            }
            for k in lacking
        ],
        "steps": [step],
        "remedy": step["what"],
    }


def _held_back(inputs: dict[str, Any], given: flow.Problem, found: flow.Cut, groups: Groups) -> dict[int, list[str]]:
    """Of each application what the limits of groups keep from it, a sentence a limit of the cut."""
    way, said = given.routes, dict[int, list[str]]()
    count = way.load(np.ones(len(given.first), dtype=np.int64))
    for k in found.groups:
        i, (kind, _key, name) = int(way.application[k]), groups.named(int(way.level[k]), int(way.group[k]))
        told = {"title": inputs["applications"][i]["title"], "name": name, "room": int(way.room[k])}
        told["count"] = int(count[k])
        said.setdefault(i, []).append(_HELD[kind] % told)
    return said


def _steps(
    inputs: dict[str, Any], given: flow.Problem, barred: list[dict[str, Any]], groups: Groups
) -> list[dict[str, Any]]:
    """The cheapest change, one sentence a step."""
    applications, experts = inputs["applications"], inputs["experts"]
    place = {one["id"]: i for i, one in enumerate(applications)}
    seat = {one["id"]: j for j, one in enumerate(experts)}
    waivable = {
        (place[one["application_id"]], seat[one["expert_id"]]): one for one in barred if one["kind"] in WAIVABLE
    }
    change = flow.relaxation(given, list(waivable))
    wider = [(i, *groups.named(level, group), by) for (level, i, group), by in change.widened.items()]
    return [
        *(
            {
                "kind": "raise_cap",
                "expert_id": experts[j]["id"],
                "by": by,
                "what": S_(
                    "Let %(expert)s review %(by)s more: up to %(cap)s in this call.",
                    expert=experts[j]["name"],
                    by=by,
                    cap=experts[j]["cap"] + by,
                ),
            }
            for j, by in change.raised.items()
        ),
        *(
            {
                "kind": "widen",
                "application_id": applications[i]["id"],
                "of": kind,
                "group": key,
                "by": by,
                "what": S_(
                    "Let somebody decide whether “%(title)s” may have %(by)s more from %(name)s.",
                    title=applications[i]["title"],
                    by=by,
                    name=name,
                ),
            }
            for i, kind, key, name, by in wider
        ),
        *(
            {
                "kind": "waive",
                "application_id": applications[i]["id"],
                "expert_id": experts[j]["id"],
                "by": 1,
                "of": one["kind"],
                "what": S_(
                    "Let somebody decide whether the conflict of %(expert)s with “%(title)s” may be waived: %(reason)s",
                    expert=experts[j]["name"],
                    title=applications[i]["title"],
                    reason=one["reason"],
                ),
            }
            for i, j in change.waived
            for one in (waivable[i, j], *waivable[i, j].get("further", ()))
        ),
        *(
            {
                "kind": "invite",
                "application_id": applications[i]["id"],
                "by": by,
                "what": S_(
                    "Invite %(by)s more for “%(title)s”: no cap helps, too few experts without a conflict are there.",
                    by=by,
                    title=applications[i]["title"],
                ),
            }
            for i, by in change.lowered.items()
        ),
    ]
