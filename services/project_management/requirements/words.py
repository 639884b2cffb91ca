"""What states, urgencies and fields of requirements are called on screens."""

from typing import Any

from services.project_management.calls.rules import Stage
from services.project_management.indicators.words import choices
from services.project_management.requirements.rules import Priority, State, Urgency
from shared.kernel.types import SecurityLabel
from shared.web.exports import Cell
from shared.web.i18n import Lazy, _, lazy
from shared.web.words import StateWord, label_word

STATES = {
    State.DRAFT: StateWord(lazy("Draft"), "neutral"),
    State.RETURNED: StateWord(lazy("Returned for completion"), "warning"),
    State.PUT_FORWARD: StateWord(lazy("Put forward"), "info"),
    State.IN_CONSULTATION: StateWord(lazy("In consultation"), "progress"),
    State.PRIORITISED: StateWord(lazy("Prioritised"), "progress"),
    State.ADOPTED: StateWord(lazy("Adopted"), "success"),
    State.DECLINED: StateWord(lazy("Not adopted"), "neutral", "circle-x"),
    State.MERGED: StateWord(lazy("Merged"), "neutral", "git-merge"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}
"""A discarded one is shown to nobody."""
URGENCIES = {
    Urgency.IMMEDIATE: lazy("Within a year"),
    Urgency.SHORT_TERM: lazy("Within two years"),
    Urgency.MEDIUM_TERM: lazy("Within five years"),
    Urgency.LONG_TERM: lazy("In five years or later"),
}
PRIORITIES = {
    Priority.HIGH: StateWord(lazy("High"), "danger", "chevron-up"),
    Priority.MEDIUM: StateWord(lazy("Medium"), "info", "minus"),
    Priority.LOW: StateWord(lazy("Low"), "neutral", "chevron-down"),
}
STAGES = {
    Stage.RESEARCH: lazy("Research"),
    Stage.DESIGN_FINALISATION: lazy("Design finalisation"),
    Stage.PRODUCTION: lazy("Production"),
}
LABELS: dict[str, Lazy] = {
    "title": lazy("Title"),
    "title_zh": lazy("Title in Chinese"),
    "problem": lazy("The problem"),
    "indicators": lazy("Indicators wanted"),
    "field": lazy("Field"),
    "stage": lazy("Stage"),
    "urgency": lazy("When it is wanted"),
    "label": lazy("Security label"),
}


def exported_cells() -> list[Cell]:
    """The columns of the list as a file."""
    return [
        Cell(_("Requirement"), lambda row: row["title"]),
        Cell(_("Title in Chinese"), lambda row: row["title_zh"]),
        Cell(_("Asked by"), lambda row: row["organisation_name"]),
        Cell(_("Field"), lambda row: row["field"]),
        Cell(LABELS["urgency"], lambda row: str(URGENCIES[row["urgency"]])),
        Cell(_("Priority level"), lambda row: str(PRIORITIES[row["priority"]]) if row["priority"] else ""),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Put forward at"), lambda row: row["put_forward_at"]),
        Cell(_("Security label"), lambda row: str(label_word(row["label"]))),
    ]


def words() -> dict[str, Any]:
    """Words and choices for every template that shows a requirement."""
    return {
        "STATES": STATES,
        "URGENCIES": URGENCIES,
        "PRIORITIES": PRIORITIES,
        "STAGES": STAGES,
        "LABELS": LABELS,
        "stages": [(stage.value, str(word)) for stage, word in STAGES.items()],
        "directions": choices(),
        "urgencies": [(urgency.value, str(word)) for urgency, word in URGENCIES.items()],
        "labels": [(label.value, str(label_word(label).label)) for label in SecurityLabel],
    }


def choice_words() -> dict[str, Any]:
    """Values of choices as people read them, for two versions side by side."""
    return {
        **{str(one): word for one, word in (*STAGES.items(), *URGENCIES.items())},
        **{label.value: label_word(label).label for label in SecurityLabel},
    }
