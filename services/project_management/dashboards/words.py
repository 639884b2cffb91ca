"""What the dashboard's steps, waits and promises are called on screens."""

from typing import Any

from services.project_management.calls.words import PHASES
from services.project_management.dashboards.rules import TIMED, Step, Wait
from shared.web.exports import Cell
from shared.web.i18n import _, lazy

STEPS = {
    Step.BEGUN: lazy("Begun"),
    Step.SUBMITTED: lazy("Submitted"),
    Step.CHECKED: lazy("Application checked"),
    Step.REVIEWED: lazy("Reviewed"),
    Step.DECIDED: lazy("Decided"),
    Step.AWARDED: lazy("Award made"),
    Step.RUNNING: lazy("Project started"),
    Step.COMPLETED: lazy("Project completed"),
}
TIMES = {
    Step.BEGUN: lazy("Written, until it is submitted"),
    Step.SUBMITTED: lazy("Submitted, until it is checked"),
    Step.CHECKED: lazy("Checked, until every review is in"),
    Step.REVIEWED: lazy("Reviewed, until the decision is final"),
    Step.AWARDED: lazy("Awarded, until the project starts"),
    Step.RUNNING: lazy("Running, until it is completed"),
}
WAITS = {
    Wait.CHECK: lazy("Applications to check"),
    Wait.INVITATION: lazy("Invitations without an answer"),
    Wait.REVIEW: lazy("Reviews to hand in"),
    Wait.DECISION: lazy("Calls to decide"),
    Wait.EVIDENCE: lazy("Milestones past their day"),
    Wait.MILESTONE: lazy("Milestones to judge"),
    Wait.TRANCHE: lazy("Tranches to release"),
    Wait.CLAIM: lazy("Claims to judge"),
    Wait.CHANGE: lazy("Changes to answer"),
    Wait.SHEET: lazy("Evaluation sheets to hand in"),
    Wait.EVALUATION: lazy("Evaluations that wait for the office"),
    Wait.COMPLETION: lazy("Projects to evaluate at their end"),
}
PROMISED = {
    "reviews": lazy("Reviews by their due day"),
    "milestones": lazy("Milestones shown by their day"),
    "decisions": lazy("Calls decided within 90 days of their close"),
    "payments": lazy("Tranches released within 30 days of acceptance"),
    "claims": lazy("Claims answered within 30 days"),
}


def days(seconds: float | None) -> float | None:
    """With one decimal: the unit of the plots."""
    return None if seconds is None else round(seconds / 86_400, 1)


def exported_cells() -> list[Cell]:
    def count(step: Step) -> Cell:
        return Cell(STEPS[step], lambda row: row["counts"][step])

    def time(step: Step) -> Cell:
        return Cell(_("%(step)s: median days", step=str(TIMES[step])), lambda row: _text(row["seconds"][step]))

    return [
        Cell(_("Call"), lambda row: row["call"]["title"]),
        Cell(_("Programme office"), lambda row: row["call"]["office_name"]),
        Cell(_("Closes"), lambda row: row["call"]["closes_at"]),
        Cell(_("State"), lambda row: str(PHASES[row["call"]["phase"]].label)),
        *(count(step) for step in Step),
        *(time(step) for step in TIMED),
    ]


def _text(seconds: float | None) -> Any:
    found = days(seconds)
    return "" if found is None else str(found)
