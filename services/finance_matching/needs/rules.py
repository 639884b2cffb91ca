"""Financing needs: states, who may write and read them, and what can be filled in from what is known."""

from datetime import date
from enum import StrEnum
from typing import Any

from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own
from shared.kernel.types import Role, SecurityLabel

APPLICANTS = (Role.APPLICANT, Role.REPRESENTATIVE)
READ = own("needs.read", *APPLICANTS, supervisors=(Role.AUDITOR,))
WRITE = own("needs.write", *APPLICANTS)


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[str, tuple[frozenset[State], frozenset[State]]] = {
    "change": (frozenset({State.DRAFT, State.OPEN}), frozenset()),
    "open": (frozenset({State.DRAFT}), frozenset({State.OPEN})),
    "withdraw": (frozenset({State.DRAFT, State.OPEN}), frozenset({State.WITHDRAWN})),
}
"""Verb → (states it may start from, the state it ends in; none: it stays)."""


SAID = (N_("open"),)
"""A state as sentences say it, where no page has the word."""


class NeedNotReady(Conflict):
    title = N_("The need's state does not allow this")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises NeedNotReady."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise NeedNotReady(
            S_(
                "The need is %(state)s; this is possible only while it is %(wanted)s.",
                state=state.value,
                wanted=wanted,
            )
        )
    return next(iter(after), state)


def label_fault(label: SecurityLabel, project_label: str | None) -> str:
    """A need says what its project is about, so it is labelled no lower, and never public; empty when it fits."""
    if label is SecurityLabel.PUBLIC:
        return N_("A need is at least internal: it tells how an organisation stands.")
    if project_label and label.rank < SecurityLabel(project_label).rank:
        return S_("The project is labelled %(label)s; the need cannot be labelled lower.", label=project_label)
    return ""


def months_until(end: date | None, today: date) -> int | None:
    """Whole months until the end of a project, at least one; None when it has ended or is not known."""
    if end is None or end <= today:
        return None
    return max(1, (end.year - today.year) * 12 + end.month - today.month - (end.day < today.day))


def prefilled(project: dict[str, Any], holds_asset: bool, today: date) -> dict[str, Any]:
    """What a need for the project would say, from the facts heard so far. The amount is what is not paid out yet."""
    unpaid = project["amount"] - project["paid"]
    return {
        "project_id": project["id"],
        "title": S_("Financing for “%(title)s”", title=project["title"][:280]),
        "purpose": "",
        "stage": project["stage"],
        "amount": {"amount": f"{unpaid:.2f}", "currency": project["currency"]} if unpaid > 0 else None,
        "term_months": months_until(project["ends_on"], today),
        "security_offered": ["ip_pledge"] if holds_asset else [],
        "field": project["field"],
        "region": project["region"],
        "label": max(SecurityLabel.INTERNAL, SecurityLabel(project["label"]), key=lambda label: label.rank).value,
    }
