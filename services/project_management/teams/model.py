"""A person of an application: named by its lead, agreed or gone by their own word."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlmodel import Field

from services.project_management.tables import Base
from services.project_management.teams import rules
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import SecurityLabel


class Member(Base, table=True):
    """Who has left stays here, so that nobody names them again. `subject` is the account they sign in with, `person_id`
    the catalogue's record; somebody unknown here has neither, and a note by which they can be told apart."""

    __tablename__ = "application_members"
    __table_args__ = (
        CheckConstraint("role IN ('leader', 'member')", name="application_members_role"),
        CheckConstraint("state IN ('named', 'agreed', 'left')", name="application_members_state"),
        CheckConstraint("months >= 0", name="application_members_months"),
        Index("application_members_application", "application_id", "position"),
        Index("application_members_subject", "subject"),
        Index("application_members_person", "person_id"),
        Index("application_members_written", "id", postgresql_where="email <> ''"),
        Index("application_members_asked", "application_id", postgresql_where="task_id IS NOT NULL"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    version: int = 1
    application_id: UUID = Field(foreign_key="applications.id")
    position: int = 0
    """0 for the leader."""
    role: str
    person_id: UUID | None = None
    subject: str | None = None
    name: str
    email: str = ""
    address_mark: str = ""
    """Of the address, under the platform's key: so it is compared with those that coordination tells of people."""
    orcid: str = ""
    organisation_id: UUID
    organisation_name: str
    part: str = ""
    """What the person does in it."""
    months: Decimal = Field(default=Decimal(0), sa_type=Numeric(5, 1))
    state: str = rules.State.NAMED.value
    reason: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    @property
    def identity(self) -> str:
        """As `rules.identity` has it."""
        if self.person_id:
            return str(self.person_id)
        return rules.ACCOUNT + self.subject if self.subject else self.orcid or self.email.casefold()

    def said(self) -> dict[str, Any]:
        """What a submission fixes of it. An address is nobody's business but the lead's."""
        return {
            "name": self.name,
            "role": self.role,
            "organisation": {"id": str(self.organisation_id), "name": self.organisation_name},
            "part": self.part,
            "months": f"{self.months:.1f}",
            "answer": self.state,
        }

    def ask(self, title: str, due_at: datetime) -> TaskAssigned:
        """Tell the person and ask whether they agree; for them alone to see."""
        self.state = rules.next_state("ask", rules.State(self.state)).value
        self.answered_at, self.task_id = None, new_id()
        return TaskAssigned(
            **self._frame(self.task_id, 1, title),
            subject=self.subject,
            kind="application.membership",
            url=f"/projects/memberships/{self.id}",
            due_at=due_at,
            about=ThingRef(kind="application", id=self.application_id),
        )

    def agree(self, now: datetime) -> None:
        self.state = rules.next_state("agree", rules.State(self.state)).value
        self.answered_at = now
        self.version += 1

    def leave(self, reason: str, now: datetime) -> None:
        self.state = rules.next_state("leave", rules.State(self.state)).value
        self.reason, self.answered_at = reason, now
        self.version += 1

    def done(self, title: str, outcome: str) -> TaskDone | None:
        """Nobody waits for the person's answer any more; None when nobody did."""
        if self.task_id is None:
            return None
        task_id, self.task_id = self.task_id, None
        return TaskDone(**self._frame(task_id, 2, title), outcome=outcome)

    def _frame(self, task_id: UUID, version: int, title: str) -> dict[str, Any]:
        sentence = S_("You are named in the application “%(title)s”: agree, or take your name off", title=title)
        return {"id": task_id, "version": version, "title": sentence, "label": SecurityLabel.CONFIDENTIAL}
