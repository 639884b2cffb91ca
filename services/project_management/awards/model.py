"""What the decision of a call means for each application."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlmodel import Field

from services.project_management.applications.model import Application
from services.project_management.applications.rules import next_reminder
from services.project_management.awards.rules import REMIND_OF_BOOK, TASK_BOOK_WITHIN
from services.project_management.tables import Aggregate
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Money, Role, SecurityLabel


class Award(Aggregate, table=True):
    """The outcome for one application. `AwardDecided`, said of the application, is its fact."""

    __tablename__ = "awards"
    __table_args__ = (
        CheckConstraint("outcome IN ('funded', 'reserve', 'declined', 'turned_down')", name="awards_outcome"),
        CheckConstraint("(outcome = 'funded') = (amount_amount > 0)", name="awards_amount"),
        Index("awards_call", "call_id", "rank"),
        Index("awards_book", "book_remind_at", postgresql_where="draft_task_id IS NOT NULL"),
    )

    decision_id: UUID = Field(foreign_key="decisions.id")
    call_id: UUID = Field(foreign_key="calls.id")
    application_id: UUID = Field(foreign_key="applications.id", unique=True)
    outcome: str
    amount_amount: Decimal = Field(sa_type=MoneyAmount)
    amount_currency: str
    rank: int
    mean: Decimal | None = Field(default=None, sa_type=Numeric(4, 2))
    sd: Decimal | None = Field(default=None, sa_type=Numeric(4, 2))
    reviews: int
    reason: str
    ahead: bool = False
    """An appeal was granted that the money did not reach: the first of the reserve list."""
    draft_task_id: UUID | None = None
    """The office's open task to draw up the task book."""
    lead_task_id: UUID | None = None
    """The same for the lead: whichever of them draws it up, both are done."""
    book_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    book_remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When both are reminded next; None where nobody is any more."""

    @property
    def amount(self) -> Money:
        return Money(amount=self.amount_amount, currency=self.amount_currency)

    def grant(self, amount: Decimal, reason: str) -> None:
        """Funded after all: from the reserve list, or because an appeal was granted."""
        self.outcome, self.amount_amount, self.reason = "funded", amount, reason
        self.touch()

    def put_ahead(self, reason: str) -> None:
        """First of the reserve list, for the money does not reach what an appeal granted."""
        self.outcome, self.ahead, self.reason = "reserve", True, reason
        self.touch()

    def turn_down(self, application: Application, office_id: UUID) -> Sequence[TaskDone]:
        """Its lead does not take it, or did not answer."""
        self.outcome, self.amount_amount = "turned_down", Decimal(0)
        self.touch()
        return self.book_over(application, office_id, "turned down")

    def book_due(self, application: Application, office_id: UUID, now: datetime) -> list[TaskAssigned]:
        """Lead and office have to draw up the task book, whichever is first."""
        self.book_due_at = now + TASK_BOOK_WITHIN
        return self._ask(
            application, office_id, S_("Draw up the task book of “%(title)s”", title=application.title), now
        )

    def remind(self, application: Application, office_id: UUID, now: datetime) -> list[TaskDone | TaskAssigned]:
        """The tasks again, as ones that are new to the worklist: a reminder is a task too."""
        title, due_at = S_("Reminder: draw up the task book of “%(title)s”", title=application.title), self.book_due_at
        done = self.book_over(application, office_id, "reminded")
        self.book_due_at = due_at
        return [*done, *self._ask(application, office_id, title, now)]

    def book_over(self, application: Application, office_id: UUID, outcome: str) -> list[TaskDone]:
        """Nobody has to draw it up any more; nothing happens when nobody had."""
        title = S_("Draw up the task book of “%(title)s”", title=application.title)
        found = [(self.draft_task_id, office_id), (self.lead_task_id, application.lead_id)]
        self.draft_task_id = self.lead_task_id = self.book_due_at = self.book_remind_at = None
        return [
            TaskDone(**self._frame(task_id, 2, title, application, place), outcome=outcome)
            for task_id, place in found
            if task_id
        ]

    def _ask(self, application: Application, office_id: UUID, title: str, now: datetime) -> list[TaskAssigned]:
        self.draft_task_id, self.lead_task_id = new_id(), new_id()
        self.book_remind_at = next_reminder(self.book_due_at, now, REMIND_OF_BOOK) if self.book_due_at else None
        return [
            TaskAssigned(
                **self._frame(task_id, 1, title, application, place),
                role=role,
                organisation_id=place,
                kind="project.draft",
                url=f"/projects/projects/new?application_id={self.application_id}",
                due_at=self.book_due_at,
                about=application.ref,
            )
            for task_id, role, place in (
                (self.draft_task_id, Role.PROGRAMME_OFFICER, office_id),
                (self.lead_task_id, Role.APPLICANT, application.lead_id),
            )
        ]

    @staticmethod
    def _frame(task_id: UUID, version: int, title: str, application: Application, place: UUID) -> dict[str, Any]:
        return {
            "id": task_id,
            "version": version,
            "title": title,
            "label": SecurityLabel(application.label),
            "owners": (place,),
            "arises_from": (application.ref,),
        }
