"""An evaluation and the sheets of its panel."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.delivery.rules import Grade
from services.project_management.evaluations import rules
from services.project_management.evaluations.rules import Kind, Reached, SheetState, State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import (
    EvaluationCancelled,
    EvaluationDecided,
    EvaluationJudged,
    EvaluationLeftStanding,
    EvaluationOpened,
    EvaluationPanelAppointed,
    EvaluationReopened,
    EvaluationReported,
    EvaluationReturned,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel

_DECIDED = ("grade", "grade_reason", "decided_by", "trace", "audit")
"""What a decision says, beside its moment."""


class Evaluation(Aggregate, table=True):
    __tablename__ = "evaluations"
    __table_args__ = (
        CheckConstraint("kind IN ('midterm', 'completion')", name="evaluations_kind"),
        CheckConstraint(
            "state IN ('reporting', 'reported', 'in_review', 'judged', 'decided', 'cancelled')",
            name="evaluations_state",
        ),
        CheckConstraint("(state = 'decided') = (grade IS NOT NULL)", name="evaluations_grade"),
        CheckConstraint("state NOT IN ('judged', 'decided') OR trace IS NOT NULL", name="evaluations_trace"),
        Index("evaluations_project", "project_id"),
        Index(
            "evaluations_one_open",
            "project_id",
            unique=True,
            postgresql_where="state NOT IN ('decided', 'cancelled')",
        ),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    project_title: str
    kind: str
    office_id: UUID
    lead_id: UUID
    parties: list[str] = Field(sa_type=Json)
    label: str
    state: str = State.REPORTING.value
    indicators: list[dict[str, Any]] = Field(sa_type=Json)
    """What the task book promised, milestone by milestone, and what the lead says is reached of it."""
    outputs: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """[{"kind": …, "title": …, "reference": …}]: heard from the other services, and named by the lead."""
    report: str = ""
    reported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = ""
    """Why the report was returned, or the evaluation called off."""
    audit: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The money as it stood when the panel was appointed."""
    trace: dict[str, Any] | None = Field(default=None, sa_type=Json)
    grade: str | None = None
    grade_reason: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    round: int = 1
    """Rises with each time that it is opened again; sheets and papers are of a round."""
    decided_round: int | None = None
    """Of the decision that stands: not the newest round where another was let stand."""
    earlier: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Decisions before this round, the first one first: what was decided, by whom and when; why and by whom it was
    opened again, and how it came that it stands after all."""
    task_id: UUID | None = None
    task_title: str = ""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="evaluation", id=self.id)

    @property
    def deciders(self) -> list[str]:
        """Who decided it, in this round or before."""
        return [*(one["decided_by"] for one in self.earlier), *([self.decided_by] if self.decided_by else [])]

    @property
    def proposed(self) -> str:
        assert self.trace
        return str(self.trace["result"]["grade"])

    def opened(self, now: datetime) -> list[Event]:
        fact = EvaluationOpened(version=self.version, kind=Kind(self.kind).value, **self._about())
        return [fact, self._ask_report(now)]

    def hand_in(
        self, indicators: list[dict[str, Any]], outputs: list[dict[str, str]], text: str, now: datetime
    ) -> list[Event]:
        self._go("report")
        self.indicators, self.outputs, self.report, self.reported_at = indicators, outputs, text, now
        self.answer = ""
        fact = EvaluationReported(
            version=self.touch(),
            reached=sum(one["reached"] == Reached.FULL.value for one in indicators),
            promised=len(indicators),
            outputs=len(outputs),
            **self._about(),
        )
        return [*self._done("reported"), fact, self._ask_panel(now)]

    def send_back(self, reason: str, now: datetime) -> list[Event]:
        rules.require_round("return", self.round)
        self._go("return")
        self.answer = reason
        fact = EvaluationReturned(version=self.touch(), reason=reason, **self._about())
        return [*self._done("returned"), fact, self._ask_report(now)]

    def appoint(self, audit: dict[str, Any], now: datetime) -> list[Event]:
        self._go("appoint")
        self.audit = audit
        return [*self._done("appointed"), EvaluationPanelAppointed(version=self.touch(), **self._about())]

    def too_few(self, now: datetime) -> list[Event]:
        """So many declined that others have to be found."""
        return [] if self.task_id else [self._ask_panel(now)]

    def judge(self, trace: DecisionTrace, now: datetime) -> list[Event]:
        self._go("judge")
        done = self._done("judged")
        self.trace = trace.model_dump(mode="json")
        fact = EvaluationJudged(version=self.touch(), proposed=Grade(self.proposed).value, **self._about())
        title = S_("Decide the evaluation of “%(title)s”", title=self.project_title)
        task = self._ask("evaluation.decide", title, Role.PROGRAMME_OFFICER, self.office_id, now + rules.TIME_TO_JUDGE)
        return [*done, fact, task]

    def decide(self, grade: Grade, reason: str, subject: str, now: datetime) -> list[Event]:
        self._go("decide")
        self.grade, self.grade_reason, self.decided_by, self.decided_at = grade.value, reason, subject, now
        self.decided_round = self.round
        fact = EvaluationDecided(
            version=self.touch(),
            kind=Kind(self.kind).value,
            grade=grade.value,
            proposed=Grade(self.proposed).value,
            reason=reason,
            **self._about(),
        )
        return [*self._done("decided"), fact]

    def cancel(self, reason: str) -> list[Event]:
        rules.require_round("cancel", self.round)
        self._go("cancel")
        self.answer = reason
        fact = EvaluationCancelled(version=self.touch(), reason=reason, **self._about())
        return [*self._done("cancelled"), fact]

    def reopen(self, reason: str, subject: str, now: datetime) -> list[Event]:
        """A new panel judges it, on the report as it is; what was decided is kept."""
        self._go("reopen")
        assert self.decided_at
        before: dict[str, Any] = {name: getattr(self, name) for name in _DECIDED}
        before["decided_at"] = self.decided_at.isoformat()
        opened = {"round": self.decided_round, "reopened_by": subject, "reopened_at": now.isoformat(), "why": reason}
        self.earlier, self.round = [*self.earlier, before | opened], self.round + 1
        grade = Grade(before["grade"]).value
        self.grade, self.grade_reason, self.decided_by, self.decided_at = None, "", None, None
        self.trace, self.audit, self.answer, self.decided_round = None, None, "", None
        fact = EvaluationReopened(
            version=self.touch(), kind=Kind(self.kind).value, grade=grade, reason=reason, **self._about()
        )
        return [fact, self._ask_panel(now)]

    def let_stand(self, reason: str) -> list[Event]:
        """Back to what was decided before; that it was opened again stays known."""
        rules.require_round("let_stand", self.round)
        self._go("let_stand")
        last = self.earlier[-1]
        for name in _DECIDED:
            setattr(self, name, last[name])
        self.decided_at, self.answer = datetime.fromisoformat(last["decided_at"]), reason
        self.decided_round = last["round"]
        self.earlier = [*self.earlier[:-1], last | {"stands": reason}]
        fact = EvaluationLeftStanding(
            version=self.touch(), grade=Grade(last["grade"]).value, reason=reason, **self._about()
        )
        return [*self._done("left standing"), fact]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _ask_report(self, now: datetime) -> TaskAssigned:
        title = S_("Report what is reached of “%(title)s”", title=self.project_title)
        return self._ask("evaluation.report", title, Role.APPLICANT, self.lead_id, now + rules.TIME_TO_REPORT)

    def _ask_panel(self, now: datetime) -> TaskAssigned:
        title = S_("Appoint a panel for “%(title)s”", title=self.project_title)
        return self._ask("evaluation.panel", title, Role.PROGRAMME_OFFICER, self.office_id, now + rules.TIME_TO_JUDGE)

    def _about(self) -> dict[str, Any]:
        return self._frame() | {"project_id": self.project_id}

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.project_title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(UUID(one) for one in self.parties)),
            "arises_from": (ThingRef(kind="project", id=self.project_id),),
        }

    def _ask(self, kind: str, title: str, role: Role, organisation_id: UUID, due_at: datetime) -> TaskAssigned:
        self.task_id, self.task_title = new_id(), title
        return TaskAssigned(
            **self._frame() | {"id": self.task_id, "title": title, "arises_from": (self.ref,)},
            version=1,
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/evaluations/{self.id}",
            due_at=due_at,
            about=self.ref,
        )

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        frame = self._frame() | {"id": task_id, "title": self.task_title, "arises_from": (self.ref,)}
        return [TaskDone(**frame, version=2, outcome=outcome)]


class Sheet(Aggregate, table=True):
    """What one expert of the panel says. Its facts are tasks for that expert alone, confidential as reviews' are."""

    __tablename__ = "evaluation_sheets"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'handed_in', 'declined', 'withdrawn')", name="evaluation_sheets_state"),
        Index("evaluation_sheets_one", "evaluation_id", "round", "expert_id", unique=True),
        Index("evaluation_sheets_expert", "expert_subject"),
    )

    evaluation_id: UUID = Field(foreign_key="evaluations.id")
    round: int = 1
    expert_id: UUID
    expert_name: str
    expert_subject: str
    state: str = SheetState.ASKED.value
    scores: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    to_lead: str = ""
    to_office: str = ""
    reason: str = ""
    """Why it was declined."""
    due_at: datetime = Field(sa_type=UtcDateTime)
    handed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None
    office_task_id: UUID | None = None
    """The office is told that it is overdue."""

    def asked(self) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self._frame(self.task_id, 1),
            subject=self.expert_subject,
            kind="evaluation.judge",
            url=f"/projects/evaluation-sheets/{self.id}",
            due_at=self.due_at,
            about=ThingRef(kind="evaluation_sheet", id=self.id),
        )

    def remind(self, now: datetime) -> list[Event]:
        """The task again, as one that is new to the worklist."""
        self.reminded_at = now
        return [*self._done("reminded"), self.asked()]

    def tell_office(self, evaluation: Evaluation) -> TaskAssigned:
        self.office_task_id = new_id()
        return TaskAssigned(
            **self._office_frame(evaluation, self.office_task_id, 1),
            role=Role.PROGRAMME_OFFICER,
            organisation_id=evaluation.office_id,
            kind="evaluation.silent",
            url=f"/projects/evaluations/{evaluation.id}",
            due_at=self.due_at,
            about=evaluation.ref,
        )

    def office_told(self, evaluation: Evaluation, outcome: str) -> list[Event]:
        if self.office_task_id is None:
            return []
        task_id, self.office_task_id = self.office_task_id, None
        return [TaskDone(**self._office_frame(evaluation, task_id, 2), outcome=outcome)]

    def _office_frame(self, evaluation: Evaluation, task_id: UUID, version: int) -> dict[str, Any]:
        """For the office alone: the project's organisations do not learn who judges, nor that somebody is late."""
        title = S_("A member of the panel of “%(title)s” is overdue", title=evaluation.project_title)
        owners = (evaluation.office_id,)
        return {
            "id": task_id,
            "version": version,
            "title": title,
            "label": SecurityLabel.CONFIDENTIAL,
            "owners": owners,
        }

    def hand_in(self, scores: dict[str, str], to_lead: str, to_office: str, now: datetime) -> list[Event]:
        self._go("hand_in")
        self.scores, self.to_lead, self.to_office, self.handed_in_at = scores, to_lead, to_office, now
        return self._done("handed in")

    def decline(self, reason: str) -> list[Event]:
        self._go("decline")
        self.reason = reason
        return self._done("declined")

    def withdraw(self) -> list[Event]:
        self._go("withdraw")
        return self._done("withdrawn")

    def _go(self, verb: str) -> None:
        self.state = rules.next_sheet(verb, SheetState(self.state)).value
        self.touch()

    def _done(self, outcome: str) -> list[Event]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._frame(task_id, 2), outcome=outcome)]

    def _frame(self, task_id: UUID, version: int) -> dict[str, Any]:
        """It names no project: who learns that somebody judges learns by and by who."""
        return {
            "id": task_id,
            "version": version,
            "title": N_("Judge a project as a member of its panel"),
            "label": SecurityLabel.CONFIDENTIAL,
        }
