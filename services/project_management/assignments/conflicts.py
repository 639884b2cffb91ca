"""Which expert may not review which application: found by joining, not by looking at every pair."""

from collections import defaultdict
from collections.abc import Iterator, Set
from datetime import date, timedelta
from typing import Any

from services.project_management.assignments.ties import KINDS as TIES
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel

FORMER_EMPLOYER_YEARS = 3
"""Where a trace names no policy: so it was before calls could set one."""
WAIVABLE = frozenset({"former_employer", "maybe_author", *TIES})
"""Kinds that a named person may set aside, with a reason; the others are facts that no reason changes."""
OLDER = frozenset({"former_employer", "maybe_author"})
"""Kinds that a decision stands for which names none: there were no others."""
_CLOSE = {
    ("employer", "lead"): N_("Works for %(name)s, the lead of this application."),
    ("employer", "partner"): N_("Works for %(name)s, a partner in this application."),
    ("employer", "former"): N_("Works for %(name)s, which had a part in this application."),
    ("former_employer", "lead"): N_(
        "Worked for %(name)s, the lead of this application, until %(until)s: less than three years ago."
    ),
    ("former_employer", "partner"): N_(
        "Worked for %(name)s, a partner in this application, until %(until)s: less than three years ago."
    ),
    ("former_employer", "former"): N_(
        "Worked for %(name)s, which had a part in this application, until %(until)s: less than three years ago."
    ),
    ("acts_for", "lead"): N_("Holds a role for %(name)s, the lead of this application."),
    ("acts_for", "partner"): N_("Holds a role for %(name)s, a partner in this application."),
    ("acts_for", "former"): N_("Holds a role for %(name)s, which had a part in this application."),
}
"""How an expert stands to an organisation that applies."""
_FORMER = {
    "lead": N_("Worked for %(name)s, the lead of this application, until %(until)s. Years looked back: %(years)s."),
    "partner": N_("Worked for %(name)s, a partner in this application, until %(until)s. Years looked back: %(years)s."),
    "former": N_(
        "Worked for %(name)s, which had a part in this application, until %(until)s. Years looked back: %(years)s."
    ),
}
"""Where a call looks back for another time than three years."""


class Conflicts:
    """Every pair of an application and an expert that must not meet, found by what they share.

    Only pairs that share an organisation, a person, a declaration or a label out of reach are looked at: among ten
    thousand applications and five thousand experts those are few, and all pairs are fifty million.
    """

    def __init__(self, inputs: dict[str, Any]) -> None:
        self._applications, self._experts = inputs["applications"], inputs["experts"]
        self._as_of = date.fromisoformat(inputs["as_of"])
        policy = inputs.get("policy")
        self._years: int = policy["former_employer_years"] if policy else FORMER_EMPLOYER_YEARS
        self._all = policy is not None
        self._told = {
            kind: {(one["application_id"], one["expert_id"]): one for one in inputs.get(kind, ())}
            for kind in ("declared", "entered", "alike")
        }
        self._waived: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in inputs.get("waived", ()):
            kinds = [one["kind"]] if one.get("kind") else OLDER
            self._waived[one["application_id"], one["expert_id"]].update(kinds)
        self._ties: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for one in inputs.get("ties", ()):
            self._ties[one["application_id"], one["expert_id"]].append(one)
        self._of: dict[tuple[str, str], set[int]] = defaultdict(set)
        position = {}
        for j, expert in enumerate(self._experts):
            position[expert["id"]] = j
            for job in expert["employers"]:
                self._of["organisation", job["organisation_id"]].add(j)
            for organisation_id in expert["acts_for"]:
                self._of["organisation", organisation_id].add(j)
            self._of["subject", expert["subject"]].add(j)
            self._of["subject", expert["id"]].add(j)
            for label in SecurityLabel:
                if not label.readable_with(SecurityLabel(expert["clearance"])):
                    self._of["label", label.value].add(j)
        for told in (*self._told.values(), self._ties):
            for application_id, expert_id in told:
                if expert_id in position:
                    self._of["told", application_id].add(position[expert_id])

    def of(self, i: int, among: Set[int] | None = None) -> list[dict[str, Any]]:
        """The conflicts of one application, with kind and reason, in the order of experts; only `among` these. What a
        named person has set aside is left out, where the kind allows it; `further` are those behind the gravest."""
        application = self._applications[i]
        keys = [("told", application["id"]), ("label", application["label"])]
        keys += [("organisation", one["id"]) for one in application["organisations"]]
        keys += [("subject", key) for key in (*application["subjects"], *application.get("members", ()))]
        near = set[int]().union(*(self._of.get(key, ()) for key in keys))
        found = []
        for j in sorted(near if among is None else near & among):
            expert = self._experts[j]
            pair = application["id"], expert["id"]
            waived = self._waived.get(pair, ())
            whys = list(self._whys(application, expert))
            if not self._all and whys and whys[0][0] in waived:
                continue  # in traces from before ties one decision freed the pair, whatever stood behind the gravest
            whys = [one for one in whys if one[0] not in waived]
            if self._all:
                whys.sort(key=lambda one: one[0] in WAIVABLE)
            if whys:
                why = whys[0]
                one = {
                    "application_id": application["id"],
                    "expert_id": expert["id"],
                    "expert": expert["name"],
                    "kind": why[0],
                    "reason": why[1],
                }
                further = {kind: reason for kind, reason in whys[1:] if kind != why[0]} if self._all else {}
                if further:
                    one["further"] = [{"kind": kind, "reason": reason} for kind, reason in further.items()]
                found.append(one)
        return found

    def _whys(self, application: dict[str, Any], expert: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Everything between the two; one that is set aside leaves the others as they are."""
        pair = application["id"], expert["id"]
        yield from _conflict(application, expert, self._told["declared"].get(pair), self._as_of, self._years)
        yield from _entered(self._told["entered"].get(pair))
        yield from _alike(self._told["alike"].get(pair))
        yield from ((one["kind"], one["reason"]) for one in self._ties.get(pair, ()))


def conflicts(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """All of them, in the order of applications and experts."""
    known = Conflicts(inputs)
    return [one for i in range(len(inputs["applications"])) for one in known.of(i)]


def _entered(one: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What somebody of the office knows and no register does."""
    if one:
        yield "entered", S_("Recorded by the office: %(reason)s", reason=one["reason"])


def _alike(one: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """A record of somebody who takes part in the application that may be a second record of the expert."""
    if one is None:
        return
    kind = "author" if one["strength"] == "certain" else "maybe_author"
    yield (
        kind,
        S_(
            "May be “%(name)s”, who takes part in this application: %(evidence)s",
            name=one["name"],
            evidence=one["evidence"],
        ),
    )


def _conflict(
    application: dict[str, Any], expert: dict[str, Any], declared: dict[str, Any] | None, as_of: date, years: int
) -> Iterator[tuple[str, str]]:
    sides = {one["id"]: one for one in application["organisations"]}
    for job in expert["employers"]:
        side = sides.get(job["organisation_id"])
        if side is None or (job["since"] and date.fromisoformat(job["since"]) > as_of):
            continue
        if job["until"] is None or date.fromisoformat(job["until"]) > as_of:
            yield "employer", _CLOSE["employer", side["role"]] % {"name": side["name"]}
        elif date.fromisoformat(job["until"]) > as_of - timedelta(days=365 * years):
            said = _CLOSE["former_employer", side["role"]] if years == FORMER_EMPLOYER_YEARS else _FORMER[side["role"]]
            yield "former_employer", said % {"name": side["name"], "until": job["until"], "years": years}
    for organisation_id in expert["acts_for"]:
        if organisation_id in sides:
            side = sides[organisation_id]
            yield "acts_for", _CLOSE["acts_for", side["role"]] % {"name": side["name"]}
    if expert["subject"] in application["subjects"]:
        yield "author", N_("Wrote or submitted this application.")
    if not {expert["subject"], expert["id"]}.isdisjoint(application.get("members", ())):
        yield "author", N_("Is one of the people of this application.")
    if declared and declared["conflict"]:
        yield "declared", S_("Declared a conflict: %(reason)s", reason=declared["reason"])
    elif declared:
        yield "declined", S_("Declined to review this application: %(reason)s", reason=declared["reason"])
    if not SecurityLabel(application["label"]).readable_with(SecurityLabel(expert["clearance"])):
        yield (
            "clearance",
            S_(
                "Is cleared up to %(clearance)s; the application is %(label)s.",
                clearance=expert["clearance"],
                label=application["label"],
            ),
        )
