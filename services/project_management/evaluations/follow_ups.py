"""What is asked one and three years after a project's completion."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.delivery.model import Project
from services.project_management.evaluations import rules
from services.project_management.evaluations.rules import FollowUpState
from services.project_management.tables import Aggregate
from shared.contracts.base import Event
from shared.contracts.project_delivery import FollowUpAnswered
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel


class FollowUp(Aggregate, table=True):
    """What became of a project's results, one and three years after its completion."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'asked', 'answered')", name="follow_ups_state"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="follow_ups_answered"),
        Index("follow_ups_project", "project_id", "years", unique=True),
        Index("follow_ups_due", "due_on"),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    years: int
    due_on: date
    state: str = FollowUpState.WAITING.value
    in_use: bool | None = None
    said: str = ""
    income_amount: Decimal | None = Field(default=None, sa_type=MoneyAmount)
    income_currency: str | None = None
    jobs: int | None = None
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded: bool = False
    """Whether the lead was reminded after the due day."""
    task_id: UUID | None = None
    task_title: str = ""

    def ask(self, project: Project, verb: str) -> list[Event]:
        allowed, after = rules.FOLLOW_UPS[verb]
        assert FollowUpState(self.state) in allowed
        done = self._done(project, "superseded")
        self.state, self.reminded, self.task_id = after.value, verb == "remind", new_id()
        self.touch()
        self.task_title = (
            S_("Overdue: say what became of “%(title)s”", title=project.title)
            if self.reminded
            else S_("Say what became of “%(title)s”", title=project.title)
        )
        task = TaskAssigned(
            **self._frame(project) | {"id": self.task_id, "title": self.task_title},
            version=1,
            role=Role.APPLICANT,
            organisation_id=project.lead_id,
            kind="evaluation.follow_up",
            url=f"/projects/projects/{project.id}/evaluations",
            due_at=datetime.combine(self.due_on, time(15, 59), UTC),  # the end of the day in Beijing
            about=project.ref,
        )
        return [*done, task]

    def answer(
        self,
        project: Project,
        *,
        in_use: bool,
        income: Decimal,
        currency: str,
        jobs: int,
        said: str,
        subject: str,
        now: datetime,
    ) -> Sequence[Event]:
        """Raises FollowUpAnsweredAlready."""
        allowed, after = rules.FOLLOW_UPS["answer"]
        if FollowUpState(self.state) not in allowed:
            raise rules.FollowUpAnsweredAlready(S_("It was answered on %(day)s.", day=f"{self.answered_at:%Y-%m-%d}"))
        self.state, self.in_use, self.said, self.jobs = after.value, in_use, said, jobs
        self.income_amount, self.income_currency, self.answered_by, self.answered_at = income, currency, subject, now
        fact = FollowUpAnswered(
            **self._frame(project),
            version=self.touch(),
            project_id=project.id,
            years=self.years,
            in_use=in_use,
            income=income,
            currency=currency,
            jobs=jobs,
        )
        return [*self._done(project, "answered"), fact]

    def _frame(self, project: Project) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": project.title,
            "label": SecurityLabel(project.label),
            "owners": tuple(sorted(project.owners)),
            "arises_from": (project.ref,),
        }

    def _done(self, project: Project, outcome: str) -> list[Event]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        frame = self._frame(project) | {"id": task_id, "title": self.task_title}
        return [TaskDone(**frame, version=2, outcome=outcome)]
