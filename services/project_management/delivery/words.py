"""What states, grades and sides of a project are called on screens, and its list as a file."""

from services.project_management.costs.rules import SAID
from services.project_management.delivery.rules import Grade, MilestoneState, ProjectState, Side
from shared.web.exports import Cell
from shared.web.i18n import Lazy, _, lazy
from shared.web.words import StateWord, label_word, region_word

STATES = {
    ProjectState.DRAFTED: StateWord(lazy("Task book to sign"), "warning"),
    ProjectState.RUNNING: StateWord(lazy("Running"), "progress"),
    ProjectState.RETURNED: StateWord(lazy("Task book to correct"), "warning"),
    ProjectState.COMPLETED: StateWord(lazy("Completed"), "success"),
    ProjectState.TERMINATED: StateWord(lazy("Ended early"), "danger"),
}
MILESTONES = {
    MilestoneState.PENDING: StateWord(lazy("Not reached yet"), "neutral"),
    MilestoneState.EVIDENCE_SUBMITTED: StateWord(lazy("Evidence to judge"), "info"),
    MilestoneState.RETURNED: StateWord(lazy("Returned"), "warning"),
    MilestoneState.ACCEPTED: StateWord(lazy("Accepted"), "success"),
    MilestoneState.UNDELIVERED: StateWord(lazy("Not delivered"), "danger"),
}
GRADES = {
    Grade.EXCELLENT: lazy("Excellent"),
    Grade.GOOD: lazy("Good"),
    Grade.PASS: lazy("Pass"),
    Grade.FAIL: lazy("Fail"),
}
CATEGORIES = [(one.value, lazy(word)) for one, word in SAID.items()]
RESPONSES = {
    "notice": lazy("Notice"),
    "explanation": lazy("Explanation asked for"),
    "payment_stop": lazy("Payments stopped"),
    "termination_review": lazy("Review whether to end the project"),
}
WAITS: dict[str, Lazy] = {
    "late": lazy("Late"),
    "milestones": lazy("Milestones to judge"),
    "tranches": lazy("Tranches to release"),
    "claims": lazy("Claims to judge"),
    "changes": lazy("Changes to answer"),
    "evaluations": lazy("Evaluations that wait for the office"),
    "signatures": lazy("Task books to sign"),
}
SIDES = {Side.OFFICE: lazy("Programme office"), Side.LEAD: lazy("Lead")}


def exported_cells() -> list[Cell]:
    """The columns of the list as a file."""
    return [
        Cell(_("Project"), lambda row: row["title"]),
        Cell(_("Lead"), lambda row: row["lead_name"]),
        Cell(_("Call"), lambda row: row["call_title"]),
        Cell(_("Field"), lambda row: row["field"]),
        Cell(_("Region"), lambda row: region_word(row["region"])),
        Cell(_("Award"), lambda row: row["amount_amount"]),
        Cell(_("Currency"), lambda row: row["amount_currency"]),
        Cell(_("Starts"), lambda row: row["starts_on"]),
        Cell(_("Ends"), lambda row: row["ends_on"]),
        Cell(_("Next due"), lambda row: row["next_due"]),
        Cell(_("Waits"), lambda row: ", ".join(str(WAITS[one]) for one in row["waits"])),
        Cell(_("Heaviest risk"), lambda row: row["risk"]["title"] if row["risk"] else ""),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Grade"), lambda row: str(GRADES[row["grade"]]) if row["grade"] else ""),
        Cell(_("Security label"), lambda row: str(label_word(row["label"]))),
    ]
