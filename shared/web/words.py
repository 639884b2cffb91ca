"""The kernel's enumerations, and states in general, as words people read."""

from dataclasses import dataclass

from shared.kernel.regions import NAMES
from shared.kernel.types import Role, Sector, SecurityLabel
from shared.web.i18n import Text, language, lazy

TONES = ("neutral", "info", "progress", "success", "warning", "danger")
TONE_ICONS = {
    "neutral": "circle",
    "info": "info-circle",
    "progress": "progress",
    "success": "circle-check",
    "warning": "alert-triangle",
    "danger": "circle-x",
}


@dataclass(frozen=True, slots=True)
class StateWord:
    """A state as people see it: the word, a tone for the colour, and an icon, so that colour is never alone."""

    label: Text
    tone: str = "neutral"
    icon: str = ""

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"a tone is one of {', '.join(TONES)}, not {self.tone!r}")

    @property
    def shown_icon(self) -> str:
        return self.icon or TONE_ICONS[self.tone]

    def __str__(self) -> str:
        return str(self.label)


ROLES = {
    Role.APPLICANT: lazy("Applicant"),
    Role.REPRESENTATIVE: lazy("Representative"),
    Role.REVIEWER: lazy("Reviewer"),
    Role.PROGRAMME_OFFICER: lazy("Programme officer"),
    Role.IP_OFFICER: lazy("IP officer"),
    Role.FACILITY_OWNER: lazy("Facility owner"),
    Role.FINANCE_PARTNER: lazy("Finance partner"),
    Role.CREDIT_OFFICER: lazy("Credit officer"),
    Role.FINANCE_OFFICER: lazy("Finance officer"),
    Role.LEGAL_OFFICER: lazy("Legal officer"),
    Role.COORDINATOR: lazy("Coordinator"),
    Role.AUDITOR: lazy("Auditor"),
    Role.ADMINISTRATOR: lazy("Administrator"),
}
LABELS = {
    SecurityLabel.PUBLIC: StateWord(lazy("Public"), "success", "world"),
    SecurityLabel.INTERNAL: StateWord(lazy("Internal"), "info", "building"),
    SecurityLabel.CONTROLLED: StateWord(lazy("Controlled"), "warning", "lock"),
    SecurityLabel.CONFIDENTIAL: StateWord(lazy("Confidential"), "danger", "shield-lock"),
}
SECTORS = {Sector.CIVIL: lazy("Civil"), Sector.DEFENCE: lazy("Defence")}
OUTCOMES = {
    "yes": StateWord(lazy("Yes"), "success"),
    "no": StateWord(lazy("No"), "danger"),
    "unknown": StateWord(lazy("Not known yet"), "warning", "help-circle"),
}


def role_word(role: Role | str) -> str:
    """A role in the language of this request."""
    return str(ROLES[Role(role)])


def label_word(label: SecurityLabel | str) -> StateWord:
    """A security label with its tone and icon."""
    return LABELS[SecurityLabel(label)]


def sector_word(sector: Sector | str) -> str:
    return str(SECTORS[Sector(sector)])


def region_word(region: str) -> str:
    """A region in the language of this request; one that is not listed stays as it was typed."""
    return NAMES.get(region, region) if language() == "zh" else region


def bilingual(latin: str, zh: str) -> tuple[str, str]:
    """A name as the reader looks for it, then in the other language (empty where there is none)."""
    return (zh, latin) if zh and language() == "zh" else (latin, zh)


def outcome_word(outcome: str) -> StateWord:
    """One of the three values of a clause."""
    return OUTCOMES[outcome]
