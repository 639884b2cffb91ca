"""A change that the lead asks for, and each version of the task book that followed from one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.changes import rules
from services.project_management.changes.rules import State
from services.project_management.delivery.model import Project
from services.project_management.delivery.versions import TaskBookVersion
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import (
    ChangeApproved,
    ChangeDeclined,
    ChangeRequested,
    ChangeWithdrawn,
    TaskBookAmended,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

TIME_TO_ANSWER = timedelta(days=14)


class Change(Aggregate, table=True):
    __tablename__ = "project_changes"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'declined', 'withdrawn')", name="project_changes_state"),
        CheckConstraint("kind IN ('scope', 'time', 'budget', 'people', 'partner')", name="project_changes_kind"),
        CheckConstraint("(state = 'approved') = (amendment IS NOT NULL)", name="project_changes_amendment"),
        Index("project_changes_project", "project_id", "number", unique=True),
        Index("project_changes_one_waits", "project_id", unique=True, postgresql_where="state = 'requested'"),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    project_title: str
    number: int
    office_id: UUID
    lead_id: UUID
    parties: list[str] = Field(sa_type=Json)
    label: str
    kind: str
    reason: str
    proposal: dict[str, Any] = Field(sa_type=Json)
    differences: list[dict[str, str]] = Field(sa_type=Json)
    """From the task book as it stood when the change was asked for, or approved."""
    state: str = State.REQUESTED.value
    answer: str = ""
    amendment: int | None = None
    """Number of the task book's version that followed."""
    sha256: str = ""
    requested_by: str
    judged_by: str | None = None
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="change", id=self.id)

    def requested(self, now: datetime) -> list[Event]:
        self.task_id = new_id()
        task = TaskAssigned(
            **self._task_frame(self.task_id),
            version=1,
            role=Role.PROGRAMME_OFFICER,
            organisation_id=self.office_id,
            kind="change.judge",
            url=f"/projects/changes/{self.id}",
            due_at=now + TIME_TO_ANSWER,
            about=self.ref,
        )
        fact = ChangeRequested(version=self.version, kind=self.kind, reason=self.reason, **self._about())
        return [fact, task]

    def approve(
        self, project: Project, book: TaskBookVersion, found: list[dict[str, str]], answer: str, subject: str
    ) -> list[Event]:
        """The task book reads as `book` from now on; its fact is the project's, for others hold the project."""
        self._go("approve")
        self.answer, self.judged_by, self.judged_at = answer, subject, book.at
        self.amendment, self.sha256, self.differences = book.number, book.sha256, found
        fact = ChangeApproved(
            version=self.touch(), note=answer, amendment=book.number, sha256=book.sha256, **self._about()
        )
        amended = TaskBookAmended(
            version=project.touch(), number=book.number, sha256=book.sha256, kind=self.kind, **project.frame()
        )
        return [fact, amended, *self._done("approved")]

    def decline(self, reason: str, subject: str, now: datetime) -> list[Event]:
        self._go("decline")
        self.answer, self.judged_by, self.judged_at = reason, subject, now
        return [ChangeDeclined(version=self.touch(), reason=reason, **self._about()), *self._done("declined")]

    def withdraw(self, reason: str) -> list[Event]:
        self._go("withdraw")
        self.answer = reason
        return [ChangeWithdrawn(version=self.touch(), reason=reason, **self._about()), *self._done("withdrawn")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _about(self) -> dict[str, Any]:
        return self._frame() | {"project_id": self.project_id, "number": self.number}

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.project_title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(UUID(one) for one in self.parties)),
            "arises_from": (ThingRef(kind="project", id=self.project_id),),
        }

    def _task_frame(self, task_id: UUID) -> dict[str, Any]:
        title = S_("Answer change %(number)s of “%(title)s”", number=self.number, title=self.project_title)
        return self._frame() | {"id": task_id, "title": title, "arises_from": (self.ref,)}

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._task_frame(task_id), version=2, outcome=outcome)]
