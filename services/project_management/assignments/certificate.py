"""Why an assignment is impossible, and what would make it possible."""

from typing import Any

import numpy as np

from services.project_management.assignments import flow
from services.project_management.assignments.conflicts import WAIVABLE
from shared.kernel.marks import N_, S_


def certificate(
    inputs: dict[str, Any], given: flow.Problem, chosen: flow.Flags, barred: list[dict[str, str]]
) -> dict[str, Any]:
    """A set of applications that together need more than the experts they may have can give (the near side of a minimum
    cut), each application's own lack, and the cheapest change that would help."""
    applications, experts = inputs["applications"], inputs["experts"]
    tight, used = flow.bottleneck(given, chosen)
    outside = np.isin(given.first, tight) & ~np.isin(given.second, used)
    lacks = given.needs - np.bincount(given.first[chosen], minlength=len(given.needs))
    full = np.bincount(given.second[chosen], minlength=len(given.rooms)) >= given.rooms
    steps = _steps(inputs, given, barred)
    return {
        "missing": int(lacks.sum()),
        "together": {
            "applications": [applications[i]["title"] for i in tight],
            "need": int(given.needs[tight].sum()),
            "experts": [experts[j]["name"] for j in used],
            "can_give": int(given.rooms[used].sum()) + int(outside.sum()),
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
            }
            for k in np.nonzero(lacks)[0].tolist()
        ],
        "steps": steps,
        "remedy": steps[0]["what"] if len(steps) == 1 else N_("The smallest set of changes that helps stands below."),
    }


def too_low(
    inputs: dict[str, Any], given: flow.Problem, short: list[int], least: int, barred: list[dict[str, str]]
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
            }
            for k in lacking
        ],
        "steps": [step],
        "remedy": step["what"],
    }


def _steps(inputs: dict[str, Any], given: flow.Problem, barred: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The cheapest change, one sentence a step."""
    applications, experts = inputs["applications"], inputs["experts"]
    place = {one["id"]: i for i, one in enumerate(applications)}
    seat = {one["id"]: j for j, one in enumerate(experts)}
    waivable = {
        (place[one["application_id"]], seat[one["expert_id"]]): one for one in barred if one["kind"] in WAIVABLE
    }
    change = flow.relaxation(given, list(waivable))
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
                "kind": "waive",
                "application_id": applications[i]["id"],
                "expert_id": experts[j]["id"],
                "by": 1,
                "what": S_(
                    "Let somebody decide whether the conflict of %(expert)s with “%(title)s” may be waived: %(reason)s",
                    expert=experts[j]["name"],
                    title=applications[i]["title"],
                    reason=waivable[i, j]["reason"],
                ),
            }
            for i, j in change.waived
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
