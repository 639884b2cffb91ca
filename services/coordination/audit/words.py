"""Services, kinds and facts as people call them, those too that have no page and no place in a chain."""

from datetime import date, datetime
from typing import Any

from shared.kernel.clock import BEIJING
from shared.kernel.types import Role, SecurityLabel
from shared.web import formats
from shared.web.history import fact_word
from shared.web.i18n import Lazy, _, lazy
from shared.web.links import thing_word
from shared.web.sentences import named, said
from shared.web.words import label_word, role_word

SERVICES = {
    "projects": lazy("Projects"),
    "ip": lazy("Intellectual property"),
    "catalog": lazy("Catalogue"),
    "finance": lazy("Finance"),
    "coordination": lazy("Coordination"),
}
KINDS = {"task": lazy("Task"), "import": lazy("Import")}
TASK_FACTS = {"assigned": lazy("Task assigned"), "done": lazy("Task done")}
FIELDS: dict[str, Lazy] = {
    "about": lazy("What it is about"),
    "abstract": lazy("Abstract"),
    "accepted": lazy("Taken in"),
    "addresses": lazy("E-mail addresses"),
    "amendment": lazy("Version"),
    "amount": lazy("Amount"),
    "answer": lazy("Answer"),
    "application_id": lazy("Application"),
    "application_number": lazy("Application number"),
    "applications": lazy("Applications"),
    "arises_from": lazy("Arises from"),
    "asset_id": lazy("Asset"),
    "budget": lazy("Budget"),
    "by": lazy("Organisation"),
    "call_id": lazy("Call"),
    "call_version": lazy("Version of the call"),
    "calls": lazy("Calls"),
    "changed": lazy("What changed"),
    "checked_label": lazy("Label after the check"),
    "clearance": lazy("Clearance"),
    "closed_at": lazy("Closing time before"),
    "closes_at": lazy("Closes at"),
    "credit_code": lazy("Credit code"),
    "currency": lazy("Currency"),
    "days_late": lazy("Days late"),
    "decision": lazy("Decision"),
    "disclosure_id": lazy("Disclosure"),
    "disposal": lazy("Disposal of results"),
    "document_id": lazy("Document"),
    "due_at": lazy("Due at"),
    "due_on": lazy("Due on"),
    "ended_at": lazy("Ended at"),
    "ends_at": lazy("Ends at"),
    "ends_on": lazy("Ends on"),
    "evidence_sha256": lazy("SHA-256 of the evidence"),
    "except_for": lazy("Not for"),
    "expert": lazy("Expert"),
    "facility_id": lazy("Facility"),
    "facility_name": lazy("Facility"),
    "field": lazy("Field"),
    "fields": lazy("Fields"),
    "filed_on": lazy("Filed on"),
    "filename": lazy("File name"),
    "final": lazy("Final report"),
    "funded": lazy("Funded"),
    "grade": lazy("Grade"),
    "grant_id": lazy("Grant of the role"),
    "granted": lazy("Granted"),
    "id": lazy("Identifier"),
    "impact": lazy("Impact"),
    "in_use": lazy("In use"),
    "income": lazy("Income"),
    "institution": lazy("Finance partner"),
    "into_id": lazy("Merged into"),
    "inventor_ids": lazy("Inventors"),
    "inventor_share": lazy("Share of the inventors"),
    "inventors": lazy("Inventors"),
    "jobs": lazy("Jobs"),
    "kind": lazy("Kind"),
    "label": lazy("Label"),
    "lead": lazy("Lead"),
    "likelihood": lazy("Likelihood"),
    "meets_at": lazy("Meets at"),
    "name": lazy("Name"),
    "name_zh": lazy("Chinese name"),
    "need_id": lazy("Financing need"),
    "note": lazy("Note"),
    "now": lazy("State"),
    "number": lazy("Number"),
    "of": lazy("Of how many, or of whom"),
    "office": lazy("Office"),
    "opens_at": lazy("Opens at"),
    "orcid": lazy("ORCID iD"),
    "organisation": lazy("Organisation"),
    "organisation_id": lazy("Organisation"),
    "organisation_name": lazy("Organisation"),
    "outcome": lazy("Outcome"),
    "outputs": lazy("Outputs"),
    "owner": lazy("Owner"),
    "owners": lazy("Organisations concerned"),
    "parties": lazy("Parties"),
    "partner": lazy("Partner"),
    "partners": lazy("Partners"),
    "party": lazy("Party"),
    "priority": lazy("Priority of the requirement"),
    "product_id": lazy("Product"),
    "project_id": lazy("Project"),
    "promised": lazy("Promised"),
    "proposed": lazy("Grade proposed"),
    "reached": lazy("Reached"),
    "reason": lazy("Reason"),
    "refused": lazy("Refused"),
    "region": lazy("Region"),
    "requested": lazy("Amount asked for"),
    "response": lazy("Response"),
    "review_cap": lazy("Reviews at most"),
    "reviews": lazy("Reviews"),
    "revoked_at": lazy("Revoked at"),
    "role": lazy("Role"),
    "rule": lazy("Rule"),
    "score": lazy("Score"),
    "sector": lazy("Sector"),
    "session_id": lazy("Session"),
    "sha256": lazy("SHA-256"),
    "shares": lazy("Shares"),
    "side": lazy("Side"),
    "since": lazy("Since"),
    "sort": lazy("Kind of entry"),
    "source": lazy("Source"),
    "stage": lazy("Stage"),
    "standing": lazy("State"),
    "started_at": lazy("Started at"),
    "starts_at": lazy("Starts at"),
    "starts_on": lazy("Starts on"),
    "subject": lazy("Account"),
    "successor": lazy("Successor"),
    "title": lazy("Title"),
    "title_zh": lazy("Chinese title"),
    "total": lazy("Total amount"),
    "tranche": lazy("Tranche"),
    "trl": lazy("Technology readiness"),
    "unchanged": lazy("Unchanged"),
    "until": lazy("Until"),
    "upheld": lazy("Upheld"),
    "urgency": lazy("Urgency"),
    "url": lazy("Address"),
    "valid_until": lazy("Valid until"),
    "verdict": lazy("Verdict"),
    "version": lazy("Version"),
    "years": lazy("Years"),
}
"""Fields of facts; what is met seldom stands for itself."""


def kind_word(kind: str) -> str:
    return str(KINDS.get(kind) or thing_word(kind))


def what_word(event_type: str) -> tuple[str, str]:
    """An event type in words, and its tone."""
    _platform, _service, kind, verb, _version = event_type.split(".")
    if kind == "task" and verb in TASK_FACTS:
        return str(TASK_FACTS[verb]), "neutral"
    return fact_word(event_type)


def field_word(name: str) -> str:
    """A field of a fact as people call it; one without a word stands for itself."""
    known = FIELDS.get(name)
    return str(known) if known else name


def value_text(name: str, value: Any) -> str:
    """What a field of a fact says, in the reader's language."""
    match value:
        case None | "":
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case list():
            return _(", ").join(value_text(name, part) for part in value)
        case {"kind": str(kind), "id": str(id), **rest} if not rest:
            return f"{kind_word(kind)} {id}"
        case dict():
            return _(", ").join(f"{field_word(key)}: {value_text(key, part)}" for key, part in value.items())
        case str():
            return _text(name, value)
        case _:
            return str(value)


def _text(name: str, value: str) -> str:
    if name in ("label", "checked_label", "clearance") and value in list(SecurityLabel):
        return str(label_word(value))
    if name == "role" and value in list(Role):
        return role_word(value)
    if name in ("title", "title_zh", "name", "name_zh", "filename", "field", "abstract", "summary", "note"):
        return named(value)
    try:
        if name.endswith("_at") or name in ("until", "valid_until"):
            return f"{datetime.fromisoformat(value).astimezone(BEIJING):%Y-%m-%d %H:%M:%S} (UTC+8)"
        if name.endswith("_on"):
            return formats.day(date.fromisoformat(value))
    except ValueError:
        pass  # kept as it was said
    return said(value)
