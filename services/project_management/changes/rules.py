"""Changes of a signed task book: who asks, who answers, what may change, and the task book that follows."""

from collections import defaultdict
from copy import deepcopy
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.project_management.budgets import rules as budgets
from services.project_management.costs.rules import SAID as CATEGORIES
from services.project_management.costs.rules import Category
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.types import Role

OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)
READ = own(
    "changes.read",
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    Role.FINANCE_OFFICER,
    Role.LEGAL_OFFICER,
    supervisors=OVERSEERS,
    officers=(Role.FINANCE_OFFICER, Role.LEGAL_OFFICER),
)
REQUEST = own("changes.request", Role.REPRESENTATIVE)
"""Whoever signs for the lead asks; the office's approval is the other signature."""
JUDGE = office("changes.judge", Role.PROGRAMME_OFFICER)


class State(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Kind(StrEnum):
    """What of the task book is to change."""

    SCOPE = "scope"
    TIME = "time"
    BUDGET = "budget"
    PEOPLE = "people"
    PARTNER = "partner"


TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "approve": (frozenset({State.REQUESTED}), State.APPROVED),
    "decline": (frozenset({State.REQUESTED}), State.DECLINED),
    "withdraw": (frozenset({State.REQUESTED}), State.WITHDRAWN),
}
"""Verb → (states it may start from, state it ends in)."""
SAID = {
    State.REQUESTED: N_("asked for"),
    State.APPROVED: N_("agreed to"),
    State.DECLINED: N_("not agreed to"),
    State.WITHDRAWN: N_("withdrawn"),
}
"""States as sentences say them."""
FIELDS: dict[Kind, frozenset[str]] = {
    Kind.SCOPE: frozenset({"title", "deliverable", "test"}),
    Kind.TIME: frozenset({"due_on"}),
}
"""What of a milestone a change of this kind may touch."""


class ChangeNotReady(Conflict):
    title = N_("The change's state does not allow this")


class ProjectNotRunning(Conflict):
    title = N_("The project does not run")


class AnotherChangeWaits(Conflict):
    title = N_("Another change waits for its answer")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ChangeNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise ChangeNotReady(
            S_(
                "The change is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    return after


def amended(book: dict[str, Any], kind: Kind, proposal: dict[str, Any]) -> dict[str, Any]:
    """The task book as it would read with the change: only what its kind may touch is taken over."""
    new = deepcopy(book)
    if kind in FIELDS:
        for one in proposal["milestones"]:
            for milestone in new["milestones"]:
                if milestone["number"] == one["number"]:
                    milestone |= {name: one[name] for name in FIELDS[kind] if one.get(name) is not None}
    if kind is Kind.TIME and proposal["ends_on"]:
        new["ends_on"] = proposal["ends_on"]
    if kind is Kind.BUDGET:
        known = _organisations(book)
        new["budget"] = [
            ({"organisation": known[one["organisation_id"]]} if one.get("organisation_id") in known else {})
            | {"category": one["category"], "year": one["year"], "amount": one["amount"]["amount"]}
            for one in proposal["budget"]
        ]
    if kind is Kind.PEOPLE:
        new["people"] = proposal["people"]
    if kind is Kind.PARTNER:
        stays = [one for one in new["partners"] if one["id"] not in proposal["leaving"]]
        new["partners"] = [*stays, *proposal["joining"]]
    return new


def _organisations(book: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Who may have lines in a budget: the organisations of the project, and those that had some and left."""
    had = [one["organisation"] for one in book["budget"] if "organisation" in one]
    return {one["id"]: {"id": one["id"], "name": one["name"]} for one in (*had, book["lead"], *book["partners"])}


def faults(
    book: dict[str, Any],
    kind: Kind,
    proposal: dict[str, Any],
    *,
    accepted: set[int],
    claimed: dict[tuple[str, str, int], Decimal],
) -> list[tuple[str, str]]:
    """What is wrong with a change, as (JSON pointer, sentence); `accepted` are numbers of milestones that are done,
    `claimed` what was claimed by organisation, category and year."""
    new = amended(book, kind, proposal)
    found: list[tuple[str, str]] = []
    if kind in FIELDS:
        found += _milestone_faults(book, new, proposal["milestones"], accepted)
    if kind is Kind.BUDGET:
        lines = [
            (one["category"], one["year"], Decimal(one["amount"]["amount"]), one["amount"]["currency"])
            for one in proposal["budget"]
        ]
        found += budgets.faults(
            lines,
            award=Decimal(book["amount"]),
            currency=book["currency"],
            first=int(book["starts_on"][:4]),
            last=int(book["ends_on"][:4]),
            whose=[one.get("organisation_id") for one in proposal["budget"]],
            parties=_organisations(book),
        )
        apart = any(one.get("organisation_id") for one in proposal["budget"])
        kept = {
            (one.get("organisation_id") or "", category, year): amount
            for one, (category, year, amount, _) in zip(proposal["budget"], lines, strict=True)
        }
        used: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
        for (id, category, year), amount in claimed.items():
            used[id if apart else "", category, year] += amount
        for (id, category, year), amount in sorted(used.items()):
            if amount > kept.get((id, category, year), Decimal(0)):
                sentence = S_(
                    "%(amount)s of the line for %(category)s in %(year)s is claimed already; keep at least that.",
                    amount=f"{amount:,.2f} {book['currency']}",
                    category=CATEGORIES[Category(category)],
                    year=year,
                )
                found.append(("/budget", sentence))
    if kind is Kind.PARTNER:
        inside = {one["id"] for one in book["partners"]} | {book["lead"]["id"]}
        if set(proposal["leaving"]) - {one["id"] for one in book["partners"]}:
            found.append(("/leaving", N_("Only a partner of the project can leave it.")))
        if any(one["id"] in inside for one in proposal["joining"]):
            found.append(("/joining", N_("This organisation takes part already.")))
    if not found and new == book:
        found.append(("/kind", N_("Nothing would change. Enter what is to be different.")))
    return found


def _milestone_faults(
    book: dict[str, Any], new: dict[str, Any], changes: list[dict[str, Any]], accepted: set[int]
) -> list[tuple[str, str]]:
    found = []
    known = {one["number"] for one in book["milestones"]}
    for n, one in enumerate(changes):
        if one["number"] not in known:
            found.append((f"/milestones/{n}/number", N_("The project has no milestone of this number.")))
        elif one["number"] in accepted:
            found.append((f"/milestones/{n}/number", N_("This milestone is accepted and does not change any more.")))
    starts, ends = date.fromisoformat(new["starts_on"]), date.fromisoformat(new["ends_on"])
    if ends <= starts:
        found.append(("/ends_on", N_("The project must end after it starts.")))
    elif any(not starts <= date.fromisoformat(one["due_on"]) <= ends for one in new["milestones"]):
        found.append(("/ends_on", N_("Every milestone must be due while the project runs.")))
    return found
