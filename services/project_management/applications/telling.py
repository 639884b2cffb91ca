"""What whom is told of an eligibility: of some the outcome alone. Pure."""

from collections.abc import Container, Sequence
from typing import Any
from uuid import UUID

from services.project_management.applications.eligibility import findings, in_ledger, in_standing
from shared.kernel.trace import Outcome


def kept_from(inputs: dict[str, Any], hidden: Container[str]) -> dict[str, Any]:
    """The inputs for who may not read what the ledger says of these organisations: of their standing, and of the
    running projects that a reward lets them pass, the outcome alone. With the lead goes who writes the application,
    for the ledger's rewards of both add up."""
    if "team" in inputs:
        inputs = inputs | {"team": [_member(one, inputs["now"]) for one in inputs["team"]]}
    lead, *partners = inputs["organisations"]
    person = inputs.get("person")
    if not (in_ledger(lead) and person) or "kept_back" in lead:
        return inputs
    told = [_outcome_alone(one, inputs) if one["id"] in hidden else one for one in partners]
    if lead["id"] in hidden:
        outcomes = {one.rule: one.outcome for one in reversed(findings(inputs))}  # the lead's is the first of its rule
        lead = _without_standing(lead, {what: outcomes.get(f"organisation.{what}", "yes") for what in _KEPT_BACK})
        person = _without_standing(person, {what: outcomes.get(f"person.{what}", "yes") for what in _KEPT_BACK})
    elif told == partners:
        return inputs
    return {**inputs, "organisations": [lead, *told], "person": person}


def own_partner(ours: Sequence[dict[str, Any]], acting: UUID | None) -> dict[str, Any] | None:
    """For which of their organisations somebody answers: as `answer_for_partner` chooses."""
    chosen = [one for one in ours if one["id"] == acting] + [one for one in ours if one["answer"] == "pending"]
    return next(iter([*chosen, *ours]), None)


def own_part_open(inputs: dict[str, Any], partner_id: UUID) -> dict[str, Any]:
    """What of its part a partner had better write before it consents, for whatever is written later asks it anew:
    `budget`, whether it has no lines yet, and `answers`, how many are open."""
    lines = inputs["costs"]["lines"] if "costs" in inputs else {str(partner_id): True}
    return {"budget": not lines.get(str(partner_id)), "answers": inputs.get("form", {}).get("open", 0)}


_KEPT_BACK = ("standing", "running")


def _outcome_alone(partner: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    outcome = in_standing(partner, inputs["now"], leads=False).outcome
    return _without_standing(partner, {"standing": outcome})


def _without_standing(who: dict[str, Any], told: dict[str, Outcome]) -> dict[str, Any]:
    return {name: value for name, value in who.items() if name not in _KEPT_BACK} | {"kept_back": told}


def _member(one: dict[str, Any], now: str) -> dict[str, Any]:
    """Nobody but the person reads of a member's entries."""
    if "standing" not in one:
        return one
    outcome = in_standing(one, now, leads=False).outcome
    return {name: value for name, value in one.items() if name != "standing"} | {"kept_back": {"member": outcome}}
