"""What an officer changes in an assignment: reviewers given and taken back, checked as the optimiser is bound.

Like `rules.assign`, which runs its traces again, one function of plain values.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from services.project_management.assignments import bidding, spread
from services.project_management.assignments.conflicts import Conflicts
from services.project_management.reviews.rules import ANSWERED
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.trace import Clause, DecisionTrace

RULE = "assignments.by_hand"
VERSION, BEFORE_SPREAD = 2, 1
"""2: the spread over organisations and regions holds."""


class AdjustmentRefused(Conflict):
    title = N_("The assignment cannot be changed so")


class AssignmentMovedOn(Conflict):
    title = N_("Somebody changed the assignment meanwhile")


class Asked(Protocol):
    """A review, as far as it matters here."""

    @property
    def state(self) -> str: ...
    @property
    def expert_name(self) -> str: ...


def require_unanswered(taken_back: Sequence[Asked]) -> None:
    """Nobody loses what they have accepted by one button. Raises AdjustmentRefused with their names."""
    names = sorted({one.expert_name for one in taken_back if one.state in ANSWERED})
    if names:
        raise AdjustmentRefused(
            S_(
                "These have accepted already: %(names)s. Take single reviewers back on the board, with the reason, or "
                "assign again: whoever has accepted stays.",
                names=", ".join(names),
            )
        )


_MANY = {
    "organisation": N_(
        "“%(title)s” would have %(many)s reviewers of %(name)s; at most %(may)s may come from one organisation. If "
        "that is meant, tick that you go beyond it."
    ),
    "region": N_(
        "“%(title)s” would have %(many)s reviewers from the region %(name)s; at most %(may)s may come from one region. "
        "If that is meant, tick that you go beyond it."
    ),
}
_BEYOND = {
    "organisation": N_("“%(title)s” has %(many)s reviewers of %(name)s, beyond the limit of %(may)s: %(reason)s"),
    "region": N_(
        "“%(title)s” has %(many)s reviewers from the region %(name)s, beyond the limit of %(may)s: %(reason)s"
    ),
}


def wanted(inputs: dict[str, Any], application_id: str) -> int:
    """How many experts are to review the application."""
    return int(inputs.get("demands", {}).get(application_id, inputs["demand"]))


def adjust(inputs: dict[str, Any]) -> DecisionTrace:
    """The assignment after reviewers were given and taken back; feasible when no limit is broken.

    Conflicts, experts' own limits, the call's number of reviewers and the spread over organisations and regions hold;
    what was there before is not judged anew. An officer may go `beyond` the spread, which the trace then says with the
    reason. An application may be left with fewer: the office is told of the gap. `before`: the live reviews, `open`
    those that can still be taken back.
    """
    experts = {one["id"]: one for one in inputs["experts"]}
    titles = {one["id"]: one["title"] for one in inputs["applications"]}
    names = {one["expert_id"]: one["expert"] for one in inputs["before"]}
    names |= {one["id"]: one["name"] for one in inputs["experts"]}
    before = {(one["application_id"], one["expert_id"]): one["open"] for one in inputs["before"]}
    give, take = ([(one["application_id"], one["expert_id"]) for one in inputs[side]] for side in ("give", "take"))
    after = [pair for pair in before if pair not in set(take)] + give
    load, met = Counter(e for _, e in after), Counter(a for a, _ in after)
    known = Conflicts(inputs)
    place = {one["id"]: i for i, one in enumerate(inputs["applications"])}
    seat = {one["id"]: j for j, one in enumerate(inputs["experts"])}
    clauses = []
    for a, e in take:
        said = {"expert": names.get(e, ""), "title": titles.get(a, "")}
        if (a, e) not in before:
            clauses.append(_no("take", S_("%(expert)s does not review “%(title)s”.", **said)))
        elif not before[a, e]:
            clauses.append(_no("take", S_("%(expert)s has handed in the review of “%(title)s”; it stays.", **said)))
        else:
            clauses.append(_yes("take", S_("%(expert)s no longer reviews “%(title)s”.", **said)))
    for a, e in give:
        said = {"expert": names[e], "title": titles[a]}
        barred = known.of(place[a], {seat[e]})
        if (a, e) in before or give.count((a, e)) > 1:
            clauses.append(_no("give", S_("%(expert)s already reviews “%(title)s”.", **said)))
        elif barred:
            clauses.append(
                _no(
                    "conflict",
                    S_("%(expert)s may not review “%(title)s”. %(reason)s", reason=barred[0]["reason"], **said),
                )
            )
        elif load[e] > experts[e]["cap"]:
            clauses.append(
                _no(
                    "cap",
                    S_(
                        "%(expert)s would have %(load)s reviews in this call and takes at most %(cap)s.",
                        expert=names[e],
                        load=load[e],
                        cap=experts[e]["cap"],
                    ),
                )
            )
        elif met[a] > wanted(inputs, a):
            clauses.append(
                _no(
                    "demand",
                    S_(
                        "“%(title)s” would have %(number)s reviewers and is to have %(demand)s. Ask for more first.",
                        title=titles[a],
                        number=met[a],
                        demand=wanted(inputs, a),
                    ),
                )
            )
        else:
            clauses.append(_yes("give", S_("%(expert)s reviews “%(title)s”.", **said)))
    places = {one["expert_id"]: one for one in inputs["before"]} | experts
    broken = spread.full(inputs, [{**places[e], "application_id": a} for a, e in after])
    for a, kind, name, many, may in broken:
        if any(a == one for one, _ in give):
            told = {"title": titles[a], "many": many, "name": name, "may": may}
            if inputs.get("beyond"):
                clauses.append(_yes("spread", _BEYOND[kind] % (told | {"reason": inputs["reason"]})))
            else:
                clauses.append(_no("spread", _MANY[kind] % told))
    for a in titles:
        if met[a] < (demand := wanted(inputs, a)):
            lacks = {"title": titles[a], "lacks": demand - met[a], "demand": demand}
            said_so = S_("“%(title)s” lacks %(lacks)s of %(demand)s reviewers.", **lacks)
            clauses.append(Clause(rule=f"{RULE}.gap", outcome="unknown", reason=said_so))
    weights = {
        (inputs["applications"][i]["id"], inputs["experts"][j]["id"]): weight
        for i, row in enumerate(bidding.weighed(inputs))
        for j, weight in row.items()
    }
    result = {
        "feasible": all(clause.outcome != "no" for clause in clauses),
        "conflicts": [one for i in range(len(place)) for one in known.of(i)],
        "assignments": [
            {"application_id": a, "expert_id": e, "affinity": (weights.get((a, e), 0) + 5) // 10}
            for a, e in sorted(after)
        ],
        "total": sum(weights.get(pair, 0) for pair in after),
        "total_before": sum(weights.get(pair, 0) for pair in before),
    }
    version = VERSION if "spread" in inputs else BEFORE_SPREAD
    return DecisionTrace(rule=RULE, version=version, inputs=inputs, clauses=tuple(clauses), result=result)


def _yes(rule: str, reason: str) -> Clause:
    return Clause(rule=f"{RULE}.{rule}", outcome="yes", reason=reason)


def _no(rule: str, reason: str) -> Clause:
    return Clause(rule=f"{RULE}.{rule}", outcome="no", reason=reason)
