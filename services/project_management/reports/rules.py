"""Progress reports: states, who may do what, when they are due, and what follows from a late one."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from services.project_management.calls import rules as calls
from services.project_management.delivery import rules as delivery
from services.project_management.forms.questions import Form, Question, Section
from services.project_management.forms.rules import FormLocked
from services.project_management.lapses.rules import Step
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_, S_
from shared.kernel.policy import office, own
from shared.kernel.types import Role

READ = delivery.READ
WRITE = own("reports.write", Role.APPLICANT, Role.REPRESENTATIVE)
"""The lead writes everywhere; a partner writes its own part."""
SUBMIT = own("reports.submit", Role.APPLICANT, Role.REPRESENTATIVE)
JUDGE = office("reports.judge", Role.PROGRAMME_OFFICER)
"""The office is the call's. Whoever acts for the lead or a partner neither accepts nor returns."""
PLAN = own("report_plans.set", Role.PROGRAMME_OFFICER)
PLAN_READ = calls.READ

OPENS_BEFORE = 30
"""Days before its due day on which a report can be written, which is the first reminder."""
LEAST_TIME = 30
"""Days that are left at least when a report first stands in the plan: nobody is late before they could know."""
TAIL = timedelta(days=60)
"""A shorter end of a project belongs to its final report."""
MOST_RETURNED = timedelta(days=90)
MOST_PARTS = 40
"""Organisations that write a part of their own."""


class State(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    LIFTED = "lifted"


class Kind(StrEnum):
    INTERIM = "interim"
    FINAL = "final"


class Rhythm(StrEnum):
    NONE = "none"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    MILESTONES = "milestones"


WRITING = frozenset({State.OPEN, State.RETURNED})
TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "open": (frozenset({State.PLANNED}), State.OPEN),
    "submit": (WRITING, State.SUBMITTED),
    "return": (frozenset({State.SUBMITTED}), State.RETURNED),
    "accept": (frozenset({State.SUBMITTED}), State.ACCEPTED),
    "lift": (frozenset({State.PLANNED, State.OPEN, State.RETURNED}), State.LIFTED),
}
"""Verb → (states it may start from, state it ends in)."""
SAID = {
    State.PLANNED: N_("planned"),
    State.OPEN: N_("being written"),
    State.SUBMITTED: N_("with the office"),
    State.RETURNED: N_("returned to the lead"),
    State.ACCEPTED: N_("accepted by the office"),
    State.LIFTED: N_("owed no more"),
}
STEPS = (
    Step(1, 1, "notice", "delivery.report/1 §1", N_("The day has passed: the lead and the office are told.")),
    Step(2, 14, "explanation", "delivery.report/1 §2", N_("Two weeks late: the lead explains the delay in writing.")),
    Step(
        3,
        30,
        "payment_stop",
        "delivery.report/1 §3",
        N_("A month late, and the call says so: no tranche of the project is released until the report is handed in."),
    ),
    Step(
        4,
        90,
        "termination_review",
        "delivery.report/1 §4",
        N_("Three months late: the office reviews whether to end the project."),
    ),
)
"""The graded responses to a late report, mildest first. A change of any step is a new version of the rule."""
REVIEW_GRADE = STEPS[-1].grade
"""From this grade on a late report is a ground for the office to end its project."""


class ReportNotReady(Conflict):
    title = N_("The report's state does not allow this")


class ReportIncomplete(Invalid):
    title = N_("The report is not complete")


class NotYourPart(Conflict):
    title = N_("Another organisation writes this part")


class NotLate(Conflict):
    title = N_("There is no delay to explain")


def next_state(verb: str, state: State) -> State:
    """The state after `verb`. Raises ReportNotReady with the states it may start from."""
    allowed, after = TRANSITIONS[verb]
    if state not in allowed:
        raise ReportNotReady(
            S_(
                "The report is %(state)s; this is possible only while it is %(wanted)s.",
                state=SAID[state],
                wanted=" or ".join(SAID[one] for one in State if one in allowed),
            )
        )
    return after


def opening_horizon(today: date) -> date:
    """Reports that are due until this day can be written."""
    return today + timedelta(days=OPENS_BEFORE)


def steps(*, stops_payments: bool, running: bool) -> tuple[Step, ...]:
    """The responses that a call foresees: payments stop only where it says so, and a completed project is not ended."""
    left_out = {"payment_stop": not stops_payments, "termination_review": not running}
    return tuple(one for one in STEPS if not left_out.get(one.response))


def owed(project: delivery.ProjectState, state: State, kind: Kind) -> bool:
    """Whether a project still owes a report: what is begun, and the final one, outlive its completion, for otherwise
    a project would rid itself of a late report, and of the payments that it stops, by being judged complete."""
    if project is delivery.ProjectState.COMPLETED:
        return kind is Kind.FINAL or state is not State.PLANNED
    return project is delivery.ProjectState.RUNNING


def reminding(number: int, title: str, left: int) -> str:
    if left > 1:
        return S_(
            "Progress report %(number)s is due in %(days)s days: “%(title)s”", number=number, days=left, title=title
        )
    if left == 1:
        return S_("Progress report %(number)s is due tomorrow: “%(title)s”", number=number, title=title)
    return S_("Progress report %(number)s is due today: “%(title)s”", number=number, title=title)


def require_late(*, writing: bool, grade: int) -> None:
    """Raises NotLate."""
    if not writing or grade == 0:
        raise NotLate(N_("A delay is explained after the report's day has passed and before it is handed in."))


def require_due(due_on: date, today: date) -> None:
    """A returned report gets a day that can be kept. Raises Invalid."""
    if not today < due_on <= today + MOST_RETURNED:
        raise Invalid.field(
            "/due_on", S_("Choose a day within the next %(days)s days, after today.", days=MOST_RETURNED.days)
        )


def require_foreseen(*, stops: bool, stopped: bool, state: calls.State) -> None:
    """What can hold payments back is said before anybody has applied for good. Raises Conflict."""
    known = (calls.State.DRAFT, calls.State.IN_SIGNOFF, calls.State.SIGNED_OFF, calls.State.RELEASED)
    if stops and not stopped and state not in known:
        raise Conflict(N_("The call has closed: that late reports stop payments can no longer be added to its terms."))


def require_asked(state: calls.State) -> None:
    """The template of a cancelled call is written by nobody. Raises FormLocked."""
    if state is calls.State.CANCELLED:
        raise FormLocked(N_("The call is cancelled: no project will report by its template."))


def renamed(before: Sequence[str], now: Sequence[str]) -> dict[str, str]:
    """The one section that a step gave a new key; what replaces several, as an import does, renames none."""
    changed = [(was, one) for was, one in zip(before, now, strict=False) if was != one]
    if len(before) == len(now) and len(changed) == 1 and changed[0][1] not in before:
        return dict(changed)
    return {}


# -- when reports are due ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    kind: Kind
    from_on: date
    until_on: date


def schedule(
    rhythm: Rhythm, *, final: bool, starts_on: date, ends_on: date, milestones: Sequence[date]
) -> list[Period]:
    """What a project reports on, in order: its interim periods by the rhythm, and the rest in the final report."""
    ends = [day for day in _ends(rhythm, starts_on, ends_on, milestones) if not final or day <= ends_on - TAIL]
    found, begins = [], starts_on
    for day in ends:
        found.append(Period(Kind.INTERIM, begins, day))
        begins = day + timedelta(days=1)
    if final:
        found.append(Period(Kind.FINAL, begins, ends_on))
    return found


def _ends(rhythm: Rhythm, starts_on: date, ends_on: date, milestones: Sequence[date]) -> list[date]:
    if rhythm is Rhythm.NONE:
        return []
    if rhythm is Rhythm.MILESTONES:
        return sorted({day for day in milestones if starts_on < day <= ends_on})
    months = 6 if rhythm is Rhythm.HALF_YEARLY else 12
    found, n = [], 1
    while (day := _later(starts_on, n * months) - timedelta(days=1)) <= ends_on:
        found.append(day)
        n += 1
    return found


def _later(day: date, months: int) -> date:
    """Counted from the original day: from the 31st of August it is the 28th of February, then the 31st again."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_day(until_on: date, days: int, today: date) -> date:
    return max(until_on + timedelta(days=days), today + timedelta(days=LEAST_TIME))


# -- the form with a part for each organisation -----------------------------------------------------------------------

Organisation = dict[Literal["id", "name"], str]


def expanded(form: Form, parts: Sequence[str], organisations: Sequence[Organisation]) -> Form:
    """The form with the sections `parts` once for each organisation, the lead's first, under keys of their own."""
    sections: list[Section] = []
    for section in form.sections:
        if section.key not in parts:
            sections.append(section)
            continue
        inside = {one.key for one in section.questions}
        sections += [
            section.model_copy(
                update={
                    "key": f"{section.key}_{n}",
                    "title": f"{section.title}: {one['name']}",
                    "title_zh": f"{section.title_zh}：{one['name']}" if section.title_zh else "",
                    "questions": [_own(question, inside, n) for question in section.questions],
                }
            )
            for n, one in enumerate(organisations, 1)
        ]
    # Not validated again: a project of many organisations has more sections than one person would write.
    return Form.model_construct(sections=sections)


def _own(question: Question, inside: set[str], n: int) -> Question:
    conditions = [
        one.model_copy(update={"question": f"{one.question}_{n}"}) if one.question in inside else one
        for one in question.show_if
    ]
    return question.model_copy(update={"key": f"{question.key}_{n}", "show_if": conditions})


def writers(form: Form, parts: Sequence[str], organisations: Sequence[Organisation]) -> dict[str, str]:
    """Section of the expanded form → the organisation whose part it is; the others are the lead's alone."""
    return {
        f"{section.key}_{n}": one["id"]
        for section in form.sections
        if section.key in parts
        for n, one in enumerate(organisations, 1)
    }
