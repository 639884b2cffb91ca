"""What an office asks of the projects of a call, and the reports that each project owes."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.lapses.rules import Step
from services.project_management.reports import rules
from services.project_management.reports.rules import Rhythm, State
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_reports import (
    ReportAccepted,
    ReportDelayExplained,
    ReportLifted,
    ReportMissed,
    ReportOpened,
    ReportPlanSet,
    ReportReturned,
    ReportSubmitted,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel


class ReportPlan(Aggregate, table=True):
    __tablename__ = "report_plans"
    __table_args__ = (
        CheckConstraint("rhythm IN ('none', 'half_yearly', 'yearly', 'milestones')", name="report_plans_rhythm"),
        Index("report_plans_call", "call_id", unique=True),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    call_title: str
    label: str
    office_id: UUID
    rhythm: str = Rhythm.NONE.value
    final: bool = True
    days: int = 30
    """After the end of a period, when its report is due."""
    stops_payments: bool = False
    form: dict[str, Any] = Field(sa_type=Json)
    """What reports ask, as JSON Schema; a report keeps the one that it was opened with."""
    parts: list[str] = Field(sa_type=Json)
    """Sections that each organisation writes for itself."""
    set_by: str

    def changed(self, version: int) -> ReportPlanSet:
        return ReportPlanSet(
            id=self.id,
            version=version,
            title=self.call_title,
            label=SecurityLabel(self.label),
            owners=(self.office_id,),
            arises_from=(ThingRef(kind="call", id=self.call_id),),
            call_id=self.call_id,
            rhythm=Rhythm(self.rhythm).value,
            final=self.final,
            stops_payments=self.stops_payments,
        )


class ReportSchedule(Base, table=True):
    """For which state of the project and of its call's plan the reports of a project were planned."""

    __tablename__ = "report_schedules"

    project_id: UUID = Field(primary_key=True, foreign_key="projects.id")
    project_version: int
    plan_version: int


class ReportSheet(Base, table=True):
    """The answers to one section, as far as they are written; see `forms.model.AnswerSheet`."""

    __tablename__ = "report_sheets"

    report_id: UUID = Field(primary_key=True, foreign_key="progress_reports.id")
    section: str = Field(primary_key=True)
    version: int = 1
    answers: dict[str, Any] = Field(sa_type=Json)
    saved_by: str
    saved_at: datetime = Field(sa_type=UtcDateTime)


class Report(Aggregate, table=True):
    __tablename__ = "progress_reports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('planned', 'open', 'submitted', 'returned', 'accepted', 'lifted')", name="progress_reports_state"
        ),
        CheckConstraint("kind IN ('interim', 'final')", name="progress_reports_kind"),
        CheckConstraint("state NOT IN ('submitted', 'accepted') OR content <> ''", name="progress_reports_content"),
        Index("progress_reports_project", "project_id", "until_on", "kind", unique=True),
        Index("progress_reports_due", "due_on"),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    project_title: str
    call_id: UUID
    office_id: UUID
    lead_id: UUID
    parties: list[str] = Field(sa_type=Json)
    label: str
    number: int
    kind: str
    from_on: date
    until_on: date
    due_on: date
    state: str = State.PLANNED.value
    stops_payments: bool = False
    organisations: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """The lead and its partners as they were when it was opened: each writes its own part."""
    form: dict[str, Any] | None = Field(default=None, sa_type=Json)
    parts: list[str] = Field(default_factory=list, sa_type=Json)
    content: str = ""
    """The canonical JSON that `sha256` was taken of, of the newest version that was handed in."""
    sha256: str = ""
    submissions: int = 0
    submitted_by: str | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    days_late: int = 0
    answer: str = ""
    """The office's words: with its acceptance, its return, or why nothing is owed any more."""
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded: int | None = None
    grade: int = 0
    """Of the last response to a delay."""
    lapses: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Every response to a delay, with the rule it came from."""
    explanations: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    task_id: UUID | None = None
    task_title: str = ""
    office_task_id: UUID | None = None
    office_task_title: str = ""
    """What the office is told of a delay, until the report is in."""
    part_tasks: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Organisation → the task that asks for its part."""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="report", id=self.id)

    @property
    def owners(self) -> frozenset[UUID]:
        return frozenset(UUID(one) for one in self.parties)

    def open(
        self, form: dict[str, Any], parts: list[str], organisations: list[dict[str, str]], today: date
    ) -> list[Event]:
        self._go("open")
        self.form, self.parts, self.organisations = form, parts, organisations
        fact = ReportOpened(version=self.touch(), number=self.number, due_on=self.due_on, **self._frame())
        asked = [one["id"] for one in organisations[1:]] if parts else []
        return [fact, *self.remind((self.due_on - today).days, asked)]

    def remind(self, left: int, parts: list[str] | None = None) -> list[Event]:
        """One task for the lead, one for each organisation whose part is not written: of `parts`, at first."""
        self.reminded = max(left, 0)
        asked = [*self.part_tasks] if parts is None else parts
        return [
            *self._done("superseded"),
            self._ask("report.write", rules.reminding(self.number, self.project_title, left)),
            *self.parts_done(asked, "superseded"),
            *(self._ask_part(one) for one in asked),
        ]

    def miss(self, step: Step, today: date, now: datetime) -> list[Event]:
        """A response to the delay; the lead's one task then is to hand in, or to explain."""
        self.grade = step.grade
        late = (today - self.due_on).days
        told = {"due_on": self.due_on, "grade": step.grade, "response": step.response, "rule": step.rule}
        entry = told | {"due_on": self.due_on.isoformat(), "reason": step.reason, "at": now.isoformat()}
        self.lapses = [*self.lapses, entry]
        fact = ReportMissed(
            version=self.touch(),
            number=self.number,
            due_on=self.due_on,
            days_late=late,
            grade=step.grade,
            response=step.response,
            rule=step.rule,
            reason=step.reason,
            **self._frame(),
        )
        title = (
            S_("Progress report %(number)s is late: “%(title)s”", number=self.number, title=self.project_title)
            if step.response == "notice"
            else S_(
                "Explain why progress report %(number)s is late: “%(title)s”",
                number=self.number,
                title=self.project_title,
            )
        )
        kind = "report.write" if step.response == "notice" else "report.explain"
        return [fact, *self._done("missed"), self._ask(kind, title), *self._tell_office(step)]

    def explain(self, text: str, subject: str, now: datetime) -> list[Event]:
        self.explanations = [*self.explanations, {"text": text, "by": subject, "at": now.isoformat()}]
        fact = ReportDelayExplained(
            version=self.touch(), number=self.number, due_on=self.due_on, reason=text, **self._frame()
        )
        title = S_("Progress report %(number)s is late: “%(title)s”", number=self.number, title=self.project_title)
        return [fact, *self._done("explained"), self._ask("report.write", title)]

    def submit(self, content: str, sha256: str, subject: str, today: date, now: datetime) -> list[Event]:
        self._go("submit")
        self.content, self.sha256, self.submitted_by, self.submitted_at = content, sha256, subject, now
        self.submissions += 1
        self.days_late = max(0, (today - self.due_on).days)
        fact = ReportSubmitted(
            version=self.touch(), number=self.number, days_late=self.days_late, sha256=sha256, **self._frame()
        )
        title = S_("Judge progress report %(number)s of “%(title)s”", number=self.number, title=self.project_title)
        done = [*self._done("submitted"), *self.parts_done([*self.part_tasks], "submitted"), *self.office_done()]
        return [fact, *done, self._ask("report.judge", title, Role.PROGRAMME_OFFICER, self.office_id)]

    def send_back(self, reason: str, due_on: date, now: datetime) -> list[Event]:
        """The clock begins anew with the day that the office gives."""
        self._go("return")
        self.answer, self.due_on, self.judged_at, self.grade = reason, due_on, now, 0
        fact = ReportReturned(version=self.touch(), number=self.number, due_on=due_on, reason=reason, **self._frame())
        self.reminded = None
        title = S_("Complete progress report %(number)s of “%(title)s”", number=self.number, title=self.project_title)
        return [*self._done("returned"), fact, self._ask("report.write", title)]

    def accept(self, note: str, now: datetime) -> list[Event]:
        self._go("accept")
        self.answer, self.judged_at = note, now
        fact = ReportAccepted(version=self.touch(), number=self.number, sha256=self.sha256, note=note, **self._frame())
        return [*self._done("accepted"), fact]

    def lift(self, reason: str, now: datetime) -> list[Event]:
        self._go("lift")
        self.answer, self.judged_at = reason, now
        fact = ReportLifted(version=self.touch(), number=self.number, reason=reason, **self._frame())
        done = [*self._done("lifted"), *self.parts_done([*self.part_tasks], "lifted"), *self.office_done()]
        return [*done, fact]

    def parts_done(self, organisations: Iterable[str], outcome: str) -> list[TaskDone]:
        """These organisations are asked no more for their part."""
        found = []
        for one in organisations:
            if one in self.part_tasks:
                frame = self._frame(UUID(self.part_tasks[one]), self._part)
                found.append(TaskDone(**frame, version=2, outcome=outcome))
                self.part_tasks = {key: task for key, task in self.part_tasks.items() if key != one}
        return found

    def _tell_office(self, step: Step) -> list[Event]:
        """One task of the office for all that follows from a delay; the last says that it has something to decide."""
        sentence = (
            S_(
                "Progress report %(number)s is three months late, decide whether to end “%(title)s”",
                number=self.number,
                title=self.project_title,
            )
            if step.response == "termination_review"
            else S_("Progress report %(number)s of “%(title)s” is late", number=self.number, title=self.project_title)
        )
        done = self.office_done()
        self.office_task_id, self.office_task_title = new_id(), sentence
        task = self._task(self.office_task_id, "report.late", sentence, Role.PROGRAMME_OFFICER, self.office_id)
        return [*done, task]

    def office_done(self) -> list[TaskDone]:
        """The office is asked about the delay no more."""
        if self.office_task_id is None:
            return []
        task_id, self.office_task_id = self.office_task_id, None
        return [TaskDone(**self._frame(task_id, self.office_task_title), version=2, outcome="superseded")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    @property
    def _part(self) -> str:
        return S_(
            "Write your part of progress report %(number)s of “%(title)s”", number=self.number, title=self.project_title
        )

    def _ask_part(self, organisation: str) -> TaskAssigned:
        task_id = new_id()
        self.part_tasks = {**self.part_tasks, organisation: str(task_id)}
        return self._task(task_id, "report.part", self._part, Role.APPLICANT, UUID(organisation))

    def _ask(
        self, kind: str, title: str, role: Role = Role.APPLICANT, organisation_id: UUID | None = None
    ) -> TaskAssigned:
        self.task_id, self.task_title = new_id(), title
        return self._task(self.task_id, kind, title, role, organisation_id or self.lead_id)

    def _task(self, id: UUID, kind: str, title: str, role: Role, organisation_id: UUID) -> TaskAssigned:
        due_at = datetime.combine(self.due_on, time(15, 59), UTC)  # the end of the day in Beijing
        return TaskAssigned(
            **self._frame(id, title),
            version=1,
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/reports/{self.id}",
            due_at=None if role is Role.PROGRAMME_OFFICER else due_at,
            about=self.ref,
        )

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._frame(task_id, self.task_title), version=2, outcome=outcome)]

    def _frame(self, task_id: UUID | None = None, title: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": task_id or self.id,
            "title": title or self.project_title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(self.owners)),
            "arises_from": (self.ref if task_id else ThingRef(kind="project", id=self.project_id),),
        }
        return found if task_id else found | {"project_id": self.project_id}
