"""Where things of any service have their page: the platform's addresses, known without asking anybody."""

from uuid import UUID

from shared.kernel.actor import Actor
from shared.kernel.types import Role
from shared.web.i18n import Lazy, lazy

THINGS: dict[str, tuple[Lazy, str]] = {
    "account": (lazy("Account"), "/access/{id}"),
    "organisation": (lazy("Organisation"), "/catalog/organisations/{id}"),
    "person": (lazy("Person"), "/catalog/people/{id}"),
    "facility": (lazy("Facility"), "/catalog/facilities/{id}"),
    "booking": (lazy("Booking"), "/catalog/bookings/{id}"),
    "achievement": (lazy("Achievement"), "/catalog/achievements/{id}"),
    "requirement": (lazy("Requirement"), "/projects/requirements/{id}"),
    "outage": (lazy("Outage"), "/projects/outages"),
    "call": (lazy("Call"), "/projects/calls/{id}"),
    "application": (lazy("Application"), "/projects/applications/{id}"),
    "review": (lazy("Review"), "/projects/reviews/{id}"),
    "rights": (lazy("Agreement on results"), "/projects/agreements/{id}"),
    "project": (lazy("Project"), "/projects/projects/{id}"),
    "milestone": (lazy("Milestone"), "/projects/milestones/{id}"),
    "claim": (lazy("Expenditure claim"), "/projects/claims/{id}"),
    "change": (lazy("Change of a task book"), "/projects/changes/{id}"),
    "risk": (lazy("Risk"), "/projects/risks/{id}"),
    "report": (lazy("Progress report"), "/projects/reports/{id}"),
    "report_plan": (lazy("Reporting of a call"), ""),
    "evaluation": (lazy("Evaluation"), "/projects/evaluations/{id}"),
    "evaluation_sheet": (lazy("Sheet of a panel"), "/projects/evaluation-sheets/{id}"),
    "standing": (lazy("Ledger entry"), "/projects/standing/{id}"),
    "duplicate_check": (lazy("Duplicate check"), ""),
    "calendar_address": (lazy("Calendar address"), "/projects/calendars"),
    "disclosure": (lazy("Disclosure"), "/ip/disclosures/{id}"),
    "asset": (lazy("IP asset"), "/ip/assets/{id}"),
    "product": (lazy("Financial product"), "/finance/products/{id}"),
    "need": (lazy("Financing need"), "/finance/needs/{id}"),
    "match": (lazy("Match"), "/finance/matches/{id}"),
}
"""Kind → its word and its page."""

_APPLICANTS = frozenset({Role.APPLICANT, Role.REPRESENTATIVE, Role.AUDITOR})
_OFFICES = _APPLICANTS | {Role.PROGRAMME_OFFICER, Role.COORDINATOR}
_DELIVERY = _OFFICES | {Role.FINANCE_OFFICER, Role.LEGAL_OFFICER}
OPENED_BY: dict[str, frozenset[Role]] = {
    "requirement": frozenset(Role) - {Role.ADMINISTRATOR},
    "application": _OFFICES,
    "rights": _DELIVERY,
    "project": _DELIVERY,
    "milestone": _DELIVERY,
    "claim": _OFFICES | {Role.FINANCE_OFFICER},
    "change": _DELIVERY,
    "risk": _DELIVERY,
    "report": _DELIVERY,
    "evaluation": _DELIVERY,
    "booking": _APPLICANTS | {Role.FACILITY_OWNER, Role.COORDINATOR},
    "disclosure": _APPLICANTS | {Role.IP_OFFICER},
    "asset": _APPLICANTS | {Role.IP_OFFICER},
    "need": _APPLICANTS,
    "match": _APPLICANTS | {Role.FINANCE_PARTNER},
}
"""Whose roles open the page of a kind; every kind left out is open to whoever may see the thing."""


def thing_word(kind: str) -> str:
    word = THINGS.get(kind)
    return str(word[0]) if word else kind


def thing_url(kind: str, id: UUID | str, actor: Actor | None = None) -> str:
    """The page of a thing; empty for a kind that has none, or one whose pages the actor's roles do not open."""
    known = THINGS.get(kind)
    if actor and kind in OPENED_BY and not actor.has(*OPENED_BY[kind]):
        return ""
    return known[1].format(id=id) if known else ""


def chain_url(kind: str, id: UUID | str) -> str:
    """The causal chain opened from this thing."""
    return f"/chain/{kind}/{id}"
