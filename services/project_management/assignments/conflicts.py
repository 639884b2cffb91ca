"""Which expert may not review which application: found by joining, not by looking at every pair."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel

FORMER_EMPLOYER_YEARS = 3
"""Who left an organisation less than three years ago is still close to it."""
WAIVABLE = frozenset({"former_employer"})
"""Kinds that a named person may set aside, with a reason; the others are facts that no reason changes."""
_CLOSE = {
    ("employer", "lead"): N_("Works for %(name)s, the lead of this application."),
    ("employer", "partner"): N_("Works for %(name)s, a partner in this application."),
    ("former_employer", "lead"): N_(
        "Worked for %(name)s, the lead of this application, until %(until)s: less than three years ago."
    ),
    ("former_employer", "partner"): N_(
        "Worked for %(name)s, a partner in this application, until %(until)s: less than three years ago."
    ),
    ("acts_for", "lead"): N_("Holds a role for %(name)s, the lead of this application."),
    ("acts_for", "partner"): N_("Holds a role for %(name)s, a partner in this application."),
}
"""How an expert stands to an organisation that applies."""


def conflicts(inputs: dict[str, Any]) -> list[dict[str, str]]:
    """Every pair that must not meet, with kind and reason, in the order of applications and experts.

    Only pairs that share an organisation, a person, a declaration or a label out of reach are looked at: among ten
    thousand applications and five thousand experts those are few, and all pairs are fifty million.
    """
    as_of, experts = date.fromisoformat(inputs["as_of"]), inputs["experts"]
    declared = {(one["application_id"], one["expert_id"]): one for one in inputs["declared"]}
    known = _Known(experts, declared)
    found = []
    for application in inputs["applications"]:
        for j in known.near(application):
            expert = experts[j]
            why = _conflict(application, expert, declared.get((application["id"], expert["id"])), as_of)
            if why:
                kind, reason = why
                found.append(
                    {
                        "application_id": application["id"],
                        "expert_id": expert["id"],
                        "expert": expert["name"],
                        "kind": kind,
                        "reason": reason,
                    }
                )
    return found


class _Known:
    """Experts by what could bring them close to an application."""

    def __init__(self, experts: list[dict[str, Any]], declared: Iterable[tuple[str, str]]) -> None:
        self._of: dict[tuple[str, str], set[int]] = defaultdict(set)
        position = {}
        for j, expert in enumerate(experts):
            position[expert["id"]] = j
            for job in expert["employers"]:
                self._of["organisation", job["organisation_id"]].add(j)
            for organisation_id in expert["acts_for"]:
                self._of["organisation", organisation_id].add(j)
            self._of["subject", expert["subject"]].add(j)
            for label in SecurityLabel:
                if not label.readable_with(SecurityLabel(expert["clearance"])):
                    self._of["label", label.value].add(j)
        for application_id, expert_id in declared:
            if expert_id in position:
                self._of["declared", application_id].add(position[expert_id])

    def near(self, application: dict[str, Any]) -> list[int]:
        keys = [("declared", application["id"]), ("label", application["label"])]
        keys += [("organisation", one["id"]) for one in application["organisations"]]
        keys += [("subject", subject) for subject in application["subjects"]]
        return sorted(set().union(*(self._of.get(key, ()) for key in keys)))


def _conflict(
    application: dict[str, Any], expert: dict[str, Any], declared: dict[str, Any] | None, as_of: date
) -> tuple[str, str] | None:
    sides = {one["id"]: one for one in application["organisations"]}
    for job in expert["employers"]:
        side = sides.get(job["organisation_id"])
        if side is None or (job["since"] and date.fromisoformat(job["since"]) > as_of):
            continue
        if job["until"] is None or date.fromisoformat(job["until"]) > as_of:
            return "employer", _CLOSE["employer", side["role"]] % {"name": side["name"]}
        if date.fromisoformat(job["until"]) > as_of - timedelta(days=365 * FORMER_EMPLOYER_YEARS):
            said = _CLOSE["former_employer", side["role"]]
            return "former_employer", said % {"name": side["name"], "until": job["until"]}
    for organisation_id in expert["acts_for"]:
        if organisation_id in sides:
            side = sides[organisation_id]
            return "acts_for", _CLOSE["acts_for", side["role"]] % {"name": side["name"]}
    if expert["subject"] in application["subjects"]:
        return "author", N_("Wrote or submitted this application.")
    if declared and declared["conflict"]:
        return "declared", S_("Declared a conflict: %(reason)s", reason=declared["reason"])
    if declared:
        return "declined", S_("Declined to review this application: %(reason)s", reason=declared["reason"])
    if not SecurityLabel(application["label"]).readable_with(SecurityLabel(expert["clearance"])):
        return "clearance", S_(
            "Is cleared up to %(clearance)s; the application is %(label)s.",
            clearance=expert["clearance"],
            label=application["label"],
        )
    return None
