"""Beside the answer on eligibility: the smallest change that would turn a no, and the question to ask next. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from services.project_management.applications.eligibility import findings, more_running, on_the_lead
from services.project_management.findings import Finding
from shared.kernel.marks import N_

Inputs = dict[str, Any]
MOST_CHANGES = 3
"""Who would have to change more writes another application."""
WHO_ANSWERS = (
    "amount.ceiling",
    "document.present",
    "budget.present",
    "budget.share",
    "form.complete",
    "person.agreed",
    "partner.consent",
)
"""What the applicant can settle alone, then with others; what an office settles comes after."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could be changed, and what the rule would be given then."""

    sentence: str
    params: dict[str, str]
    made: Callable[[Inputs], Inputs]

    def said(self, words: Callable[..., str]) -> str:
        return words(self.sentence, **self.params)


def plainly(message: str, **params: str) -> str:
    """English, as it is stored and sent."""
    return message % params


def told_plainly(inputs: Inputs) -> dict[str, Any]:
    """Both as programs read them."""
    question, change = next_question(inputs), smallest_change(inputs)
    return {
        "next_question": question.clause(plainly).model_dump() if question else None,
        "smallest_change": None if change is None else [one.said(plainly) for one in change],
    }


def next_question(inputs: Inputs) -> Finding | None:
    """The open clause whose answer is worth most now. None while a no stands: no answer would turn it."""
    found = findings(inputs)
    if any(one.outcome == "no" for one in found):
        return None
    unknown = [one for one in found if one.outcome == "unknown"]
    return min(unknown, key=_order, default=None)


def smallest_change(inputs: Inputs) -> list[Change] | None:
    """The fewest changes that leave no clause with a no; none needed is an empty list, none possible is None.

    Every set of changes is tried on the rule itself, the smaller first, so the answer cannot disagree with it.
    """
    if _fits(inputs):
        return []
    possible = _changes(inputs)
    for size in range(1, MOST_CHANGES + 1):
        for chosen in combinations(possible, size):
            changed = inputs
            for change in chosen:
                changed = change.made(changed)
            if _fits(changed):
                return list(chosen)
    return None


def _fits(inputs: Inputs) -> bool:
    return all(one.outcome != "no" for one in findings(inputs))


def _order(finding: Finding) -> int:
    return WHO_ANSWERS.index(finding.rule) if finding.rule in WHO_ANSWERS else len(WHO_ANSWERS)


def _changes(inputs: Inputs) -> list[Change]:
    """What could be changed, most harmless first: only what some no is about."""
    at_fault = {one.rule for one in findings(inputs) if one.outcome == "no"}
    found = []
    if "amount.ceiling" in at_fault:
        ceiling = inputs["call"]["ceiling"]
        shown = {"ceiling": f"{ceiling['amount']} {ceiling['currency']}"}
        found.append(Change(N_("Ask for at most %(ceiling)s."), shown, lambda given: given | {"requested": ceiling}))
    for partner, organisation in zip(inputs["partners"], inputs["organisations"][1:], strict=True):
        name = partner["name"]
        # Alone, a partner breaks a rule by its own state or answer.
        alone = {
            **inputs,
            "organisations": [inputs["organisations"][0], organisation],
            "partners": [partner],
        }
        bare = {**inputs, "organisations": inputs["organisations"][:1], "partners": []}
        if _noes(alone) > _noes(bare):
            sentence = N_("Take %(name)s off the application.")
            found.append(Change(sentence, {"name": name}, _without(organisation["id"])))
    lead = inputs["organisations"][0]
    if at_fault & {one.rule for one in on_the_lead(inputs["call"], lead)} or at_fault & {
        "organisation.admitted",
        "organisation.standing",
    }:
        for organisation in inputs["organisations"][1:]:
            sentence = N_("Let %(name)s lead a new application.")
            found.append(Change(sentence, {"name": organisation["name"]}, _led_by(organisation["id"])))
    found += _by_others(inputs, at_fault)
    if "costs" in inputs:  # also where another change, such as one partner less, makes it necessary
        found.append(Change(N_("Correct the budget, as its clauses say."), {}, _without_costs))
    return found


def _by_others(inputs: Inputs, at_fault: set[str]) -> list[Change]:
    """What takes time, or an office."""
    found = []
    call = inputs["call"]
    if "call.open" in at_fault and inputs["now"] < call["opens_at"]:
        opens = f"{datetime.fromisoformat(call['opens_at']):%Y-%m-%d %H:%M} UTC"
        sentence = N_("Submit after it opens on %(opens_at)s.")
        found.append(Change(sentence, {"opens_at": opens}, lambda given: given | {"now": call["opens_at"]}))
    for one in inputs["organisations"]:
        if one["state"] and _noes({**inputs, "organisations": [one], "partners": []}) > _noes(
            {**inputs, "organisations": [_admitted(one)], "partners": []}
        ):
            sentence = N_("Ask the coordination office to admit %(name)s.")
            found.append(Change(sentence, {"name": one["name"]}, _with(one["id"], _admitted)))
    lead = inputs["organisations"][0]
    if "organisation.running" in at_fault:
        limit = call["running_per_organisation"] + more_running(inputs)
        sentence = N_("Wait until %(name)s leads fewer than %(limit)s running projects.")
        params = {"name": lead["name"], "limit": str(limit)}
        found.append(Change(sentence, params, _with(lead["id"], lambda one: one | {"running": limit - 1})))
    if "no" in lead.get("kept_back", {}).values() or "no" in inputs.get("person", {}).get("kept_back", {}).values():
        sentence = N_("Ask %(name)s: it reads what keeps the application back, and what would help.")
        found.append(Change(sentence, {"name": lead["name"]}, _settled_by_the_lead))
    for one in inputs.get("team", ()):
        if one["role"] == "member" and _noes(inputs) > _noes(_without_member(one)(inputs)):
            sentence = N_("Take %(name)s off the people.")
            found.append(Change(sentence, {"name": one["name"]}, _without_member(one)))
    if "person.standing" in at_fault:
        sentence = N_("Let somebody else lead the application.")
        found.append(Change(sentence, {}, lambda given: given | {"person": given["person"] | {"standing": {}}}))
    if "person.running" in at_fault:
        sentence = N_("Let somebody with fewer than %(limit)s running projects lead the application.")
        params = {"limit": str(call["running_per_person"])}
        found.append(Change(sentence, params, lambda given: given | {"person": given["person"] | {"running": 0}}))
    return found


def _without_costs(given: Inputs) -> Inputs:
    return {name: value for name, value in given.items() if name != "costs"}


def _admitted(organisation: dict[str, Any]) -> dict[str, Any]:
    return organisation | {"state": "admitted", "admitted_until": "9999-12-31T00:00:00+00:00"}


def _settled_by_the_lead(given: Inputs) -> Inputs:
    lead, *rest = given["organisations"]
    settled = {"kept_back": {"standing": "yes", "running": "yes"}}
    return {**given, "organisations": [lead | settled, *rest], "person": given["person"] | settled}


def _with(id: str, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Inputs], Inputs]:
    def made(given: Inputs) -> Inputs:
        return {**given, "organisations": [changed(one) if one["id"] == id else one for one in given["organisations"]]}

    return made


def _noes(inputs: Inputs) -> int:
    """Of what organisations and people are at fault in; the sums of a budget are everybody's."""
    return sum(one.outcome == "no" for one in findings(_without_costs(inputs)))


def _without(id: str) -> Callable[[Inputs], Inputs]:
    def made(given: Inputs) -> Inputs:
        keep = [n for n, one in enumerate(given["organisations"]) if n == 0 or one["id"] != id]
        return {
            **given,
            "organisations": [given["organisations"][n] for n in keep],
            "partners": [given["partners"][n - 1] for n in keep if n],
        }

    return made


def _without_member(member: dict[str, Any]) -> Callable[[Inputs], Inputs]:
    return lambda given: given | {"team": [one for one in given["team"] if one["id"] != member["id"]]}


def _led_by(id: str) -> Callable[[Inputs], Inputs]:
    """Another lead; the one before takes part if it may, and is asked for its consent like everybody."""

    def made(given: Inputs) -> Inputs:
        lead = next((one for one in given["organisations"] if one["id"] == id), None)
        if lead is None:
            return given
        others = [one for one in given["organisations"] if one["id"] != id and one["state"] == "admitted"]
        asked = {partner["name"]: partner["answer"] for partner in given["partners"]}
        return {
            **given,
            "organisations": [lead, *others],
            "partners": [{"name": one["name"], "answer": asked.get(one["name"], "pending")} for one in others],
        }

    return made
