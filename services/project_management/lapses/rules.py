"""When a milestone's day draws near, and what follows when it has passed: days count by the calendar here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.project_management.calls.terms import USUAL, CallTerms
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import own
from shared.kernel.types import Role

EXPLAIN = own("lapses.explain", Role.APPLICANT, Role.REPRESENTATIVE)
"""Whoever shows a milestone also explains why it is late."""

REMINDERS = USUAL.milestone_reminder_days
"""Days before the due day on which the lead is reminded, where the call says nothing else."""
Response = Literal["notice", "explanation", "payment_stop", "termination_review"]


class NotLate(Conflict):
    title = N_("There is no delay to explain")


@dataclass(frozen=True, slots=True)
class Step:
    """From so many days late on this response holds, by the rule of this name."""

    grade: int
    after: int
    response: Response
    rule: str
    reason: str


STEPS = (
    Step(1, 1, "notice", "delivery.lapse/1 §1", N_("The day has passed: the lead and the office are told.")),
    Step(2, 14, "explanation", "delivery.lapse/1 §2", N_("Two weeks late: the lead explains the delay in writing.")),
    Step(
        3,
        30,
        "payment_stop",
        "delivery.lapse/1 §3",
        N_("A month late: no tranche of the project is released until the milestone is accepted or its day changed."),
    ),
    Step(
        4,
        90,
        "termination_review",
        "delivery.lapse/1 §4",
        N_("Three months late: the office reviews whether to end the project."),
    ),
)
"""The graded responses, mildest first. A change of any step is a new version of the rule."""


REVIEW_GRADE = 4
"""The response that asks the office to decide: end the project, or let it go on for a reason."""
_OFFICE = {
    1: N_("Milestone %(number)s is late: “%(title)s”"),
    3: N_("Payments are stopped, for milestone %(number)s is a month late: “%(title)s”"),
    4: N_("Decide whether the project ends: milestone %(number)s is three months late: “%(title)s”"),
}


def for_the_office(grade: int) -> str:
    """What stands on the office's worklist from this grade on; empty where it goes on as it stands."""
    return _OFFICE.get(grade, "")


def steps_of(terms: CallTerms) -> tuple[Step, ...]:
    """The responses by a call's own days. A call that sets its own is answered by the second version of the rule."""
    days = terms.explanation_days
    if days == USUAL.explanation_days:
        return STEPS
    said = S_("%(days)s days late: the lead explains the delay in writing.", days=days)
    own = replace(STEPS[1], after=days, rule="delivery.lapse/2 §2", reason=said)
    return (STEPS[0], own, *STEPS[2:])


def reminder(due_on: date, today: date, reminded: int | None, days_before: Sequence[int] = REMINDERS) -> int | None:
    """The reminder that is due today: days ahead, or None. `reminded` is the last one given for this day.

    A clock that stood still catches up with the nearest reminder only.
    """
    left = (due_on - today).days
    if left < 0:
        return None
    reached = [days for days in days_before if left <= days]
    if not reached or (reminded is not None and reminded <= min(reached)):
        return None
    return min(reached)


def steps_due(due_on: date, today: date, grade: int, steps: Sequence[Step] = STEPS) -> list[Step]:
    """The responses that follow from the delay and were not given yet, mildest first. `grade` is the last one given."""
    late = (today - due_on).days
    return [step for step in steps if step.after <= late and step.grade > grade]


def require_late(*, waiting: bool, grade: int) -> None:
    """Raises NotLate."""
    if not waiting or grade == 0:
        raise NotLate(N_("A delay is explained after the milestone's day has passed and before it is shown."))


def reminding(number: int, title: str, left: int) -> str:
    if left > 1:
        return S_("Milestone %(number)s is due in %(days)s days: “%(title)s”", number=number, days=left, title=title)
    if left == 1:
        return S_("Milestone %(number)s is due tomorrow: “%(title)s”", number=number, title=title)
    return S_("Milestone %(number)s is due today: “%(title)s”", number=number, title=title)
