"""What a call's states, kinds and entries are called on screens."""

from typing import Any

from services.project_management.calls.rules import OrganisationKind, Phase, Stage
from services.project_management.costs.words import BASES, CATEGORIES
from services.project_management.indicators.words import choices
from shared.kernel.types import Role, Sector, SecurityLabel
from shared.web.exports import Cell
from shared.web.i18n import Lazy, _, lazy, ngettext
from shared.web.words import StateWord, label_word, role_word, sector_word

PHASES = {
    Phase.OPEN: StateWord(lazy("Open for applications"), "success"),
    Phase.UPCOMING: StateWord(lazy("Opens soon"), "info"),
    Phase.CLOSED: StateWord(lazy("Closed"), "neutral"),
    Phase.DECIDING: StateWord(lazy("Being decided"), "progress"),
    Phase.DECIDED: StateWord(lazy("Decided"), "success"),
    Phase.CANCELLED: StateWord(lazy("Cancelled"), "danger"),
    Phase.ARCHIVED: StateWord(lazy("Filed away"), "neutral"),
    Phase.DRAFT: StateWord(lazy("Draft"), "neutral"),
    Phase.IN_SIGNOFF: StateWord(lazy("In sign-off"), "progress"),
    Phase.SIGNED_OFF: StateWord(lazy("Signed off"), "info"),
}
BEFORE_RELEASE = (Phase.DRAFT, Phase.IN_SIGNOFF, Phase.SIGNED_OFF)
STAGES = {
    Stage.RESEARCH: lazy("Research"),
    Stage.DESIGN_FINALISATION: lazy("Design finalisation"),
    Stage.PRODUCTION: lazy("Production"),
}
KINDS = {
    OrganisationKind.INSTITUTE: lazy("Institutes"),
    OrganisationKind.UNIVERSITY: lazy("Universities"),
    OrganisationKind.COMPANY: lazy("Companies"),
    OrganisationKind.DEPARTMENT: lazy("Government departments"),
    OrganisationKind.OFFICE: lazy("Offices"),
}
SOON = {"closing": lazy("Closes within two weeks"), "opening": lazy("Opens within two weeks")}
CEILINGS = {
    "small": lazy("Below 1 million"),
    "middle": lazy("1 to 5 million"),
    "large": lazy("5 million and more"),
}
CREDIT = {"": lazy("Any"), "fair": lazy("At least fair"), "good": lazy("Good")}
BLINDNESS = {
    "single": lazy("Reviewers know who applies"),
    "double": lazy("Reviewers do not know who applies"),
}
TRAITS = {
    "region": lazy("Region of the lead"),
    "field": lazy("Field of the application"),
    "sector": lazy("Sector of the lead"),
    "newcomer": lazy("Newcomers"),
}
SENSES = {"at_most": lazy("No more than"), "at_least": lazy("No less than")}
WHOLES = {"budget": lazy("of the budget"), "awards": lazy("of the number of awards")}
LETTER_SCORES = {
    "none": lazy("No scores"),
    "total": lazy("The mean of all reviews"),
    "criteria": lazy("The mean of each criterion"),
}
DISPOSALS = {
    "joint": lazy("All owners together"),
    "lead": lazy("The lead, after hearing the others"),
    "each": lazy("Each owner of its own share, with notice to the others"),
    "office": lazy("The programme office"),
}
EXPLOITATIONS = {
    "all": lazy("Every party, in its own research and products"),
    "owners": lazy("Only parties that own a share"),
    "research": lazy("Every party in research; products need an agreement"),
}
TERMS = {
    "answer_days": lazy("Days to answer an invitation to review"),
    "answer_reminder_days": lazy("Reminder before the answer is due, days"),
    "review_days": lazy("Days to review, from the invitation"),
    "review_reminder_days": lazy("Reminder before the review is due, days"),
    "completion_days": lazy("Days to complete an application that was returned, at most"),
    "milestone_reminder_days": lazy("Reminders before a milestone is due, days"),
    "explanation_days": lazy("Days late after which a milestone has to be explained"),
    "former_employer_years": lazy("Former employer: years back"),
    "co_applicant_years": lazy("Applications and projects together: years back"),
    "co_inventor_years": lazy("Inventions together: years back"),
    "reciprocal_years": lazy("Reviews of each other: years back"),
    "supervision_years": lazy("Supervision: years after its end"),
    "close_years": lazy("Close relation that was declared: years after its end"),
    "lead_ownership": lazy("Part of the lead in the results"),
    "lead_income": lazy("Part of the lead in the parties' income"),
    "disposal": lazy("Who disposes of the results"),
    "exploitation": lazy("Who may use the results"),
    "publication_days": lazy("Days to object before a publication"),
    "publication_terms": lazy("More about publications"),
}
"""Days, conflicts of interest and rights, in this order."""
REVIEWING = ("answer_days", "answer_reminder_days", "review_days", "review_reminder_days")
COURSE = ("completion_days", "milestone_reminder_days", "explanation_days")
CONFLICTS = (
    "former_employer_years",
    "co_applicant_years",
    "co_inventor_years",
    "reciprocal_years",
    "supervision_years",
    "close_years",
)
RIGHTS = ("lead_ownership", "lead_income", "disposal", "exploitation", "publication_days", "publication_terms")
REMINDING = (60, 30, 14, 7, 3, 1)
LABELS: dict[str, Lazy] = {
    "title": lazy("Title"),
    "title_zh": lazy("Title in Chinese"),
    "summary": lazy("What the call is about"),
    "field": lazy("Field"),
    "stage": lazy("Stage"),
    "budget": lazy("Budget"),
    "ceiling": lazy("Ceiling of one award"),
    "opens_at": lazy("Opens"),
    "closes_at": lazy("Closes"),
    "kinds": lazy("Who may lead"),
    "regions": lazy("From which regions"),
    "sectors": lazy("Of which sectors"),
    "running_per_organisation": lazy("Running projects of the lead"),
    "running_per_person": lazy("Running projects of the applicant"),
    "credit": lazy("Credit standing of the lead"),
    "reviewers_per_application": lazy("Expert reviews of each application"),
    "blindness": lazy("Blindness of the review"),
    "criteria": lazy("Criteria"),
    "portfolio": lazy("Share limits"),
    "award_terms": lazy("How the decision becomes final"),
    "award_terms.approvals": lazy("Who approves the decision"),
    "offices": lazy("Who signs the release"),
    "budget_terms": lazy("Budget of an application"),
    "indicators": lazy("Indicators as numbers"),
    "inventor_floor": lazy("Least share of the inventors"),
    "label": lazy("Security label"),
    **{f"terms.{name}": word for name, word in TERMS.items()},
}


def said(name: str, value: Any) -> str:
    """One of a call's terms as people read it."""
    if name == "disposal":
        return str(DISPOSALS[value])
    if name == "exploitation":
        return str(EXPLOITATIONS[value])
    if name in ("lead_ownership", "lead_income"):
        return str(value) or _("All parties alike")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or _("None")
    if name.endswith("_years"):
        return ngettext("%(n)s year", "%(n)s years", value) if value else _("Is not looked at")
    if name.endswith("_days"):
        return ngettext("%(n)s day", "%(n)s days", value)
    return str(value)


def shown_terms(terms: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The days and rules of a call, group by group."""
    groups = (
        (_("Reviews"), REVIEWING),
        (_("Completion and milestones"), COURSE),
        (_("Conflicts of interest that are looked for"), CONFLICTS),
        (_("How agreements on the results begin"), RIGHTS),
    )
    return [(title, [(str(TERMS[name]), said(name, terms[name])) for name in names]) for title, names in groups]


def exported_cells() -> list[Cell]:
    """The columns of the list as a file."""
    return [
        Cell(_("Call"), lambda row: row["title"]),
        Cell(_("Title in Chinese"), lambda row: row["title_zh"]),
        Cell(_("Field"), lambda row: row["field"]),
        Cell(_("Stage"), lambda row: str(STAGES[row["stage"]])),
        Cell(_("Budget"), lambda row: row["budget"]["amount"]),
        Cell(_("Ceiling of one award"), lambda row: row["ceiling"]["amount"]),
        Cell(_("Currency"), lambda row: row["ceiling"]["currency"]),
        Cell(_("Opens"), lambda row: row["opens_at"]),
        Cell(_("Closes"), lambda row: row["closes_at"]),
        Cell(_("State"), lambda row: str(PHASES[row["phase"]])),
        Cell(_("Programme office"), lambda row: row["organisation_name"]),
        Cell(_("Security label"), lambda row: str(label_word(row["label"]))),
    ]


def page_words() -> dict[str, Any]:
    """What the pages of calls choose from and say."""
    return {
        "PHASES": PHASES,
        "STAGES": STAGES,
        "KINDS": KINDS,
        "LABELS": LABELS,
        "stages": [(stage.value, str(word)) for stage, word in STAGES.items()],
        "kinds": [(kind.value, str(word)) for kind, word in KINDS.items()],
        "sectors": [(sector.value, str(sector_word(sector))) for sector in Sector],
        "credits": [(credit, str(word)) for credit, word in CREDIT.items()],
        "traits": [(trait, str(word)) for trait, word in TRAITS.items()],
        "senses": [(sense, str(word)) for sense, word in SENSES.items()],
        "wholes": [(whole, str(word)) for whole, word in WHOLES.items()],
        "approving": [(role.value, role_word(role)) for role in (Role.COORDINATOR, Role.PROGRAMME_OFFICER)],
        "letter_scores": [(value, str(word)) for value, word in LETTER_SCORES.items()],
        "LETTER_SCORES": LETTER_SCORES,
        "disposals": [(one, str(word)) for one, word in DISPOSALS.items()],
        "exploitations": [(one, str(word)) for one, word in EXPLOITATIONS.items()],
        "TERMS": TERMS,
        "directions": choices(),
        "REVIEWING": REVIEWING,
        "scales": [(one, _("0 to %(top)s", top=one)) for one in ("10", "5", "100")],
        "COURSE": COURSE,
        "CONFLICTS": CONFLICTS,
        "reminding": [(str(days), ngettext("%(n)s day before", "%(n)s days before", days)) for days in REMINDING],
        "categories": [(one.value, str(word)) for one, word in CATEGORIES.items()],
        "bases": [(one.value, str(word)) for one, word in BASES.items()],
        "CATEGORIES": CATEGORIES,
        "BASES": BASES,
        "blindnesses": [(one, str(word)) for one, word in BLINDNESS.items()],
        "labels": [(label.value, str(label_word(label).label)) for label in SecurityLabel],
    }
