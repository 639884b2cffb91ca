"""What the decision of a call means for each application."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlmodel import Field

from services.project_management.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import MoneyAmount
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
    """The open task to draw up the task book."""

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

    def turn_down(self, title: str, label: str, office_id: UUID) -> TaskDone | None:
        """Its lead does not take it, or did not answer."""
        self.outcome, self.amount_amount = "turned_down", Decimal(0)
        self.touch()
        return self.book_drafted(title, label, office_id)

    def book_due(self, title: str, label: str, office_id: UUID) -> TaskAssigned:
        """The office has to draw up the task book."""
        self.draft_task_id = new_id()
        return TaskAssigned(
            **self._frame(self.draft_task_id, 1, title, label, office_id),
            role=Role.PROGRAMME_OFFICER,
            organisation_id=office_id,
            kind="project.draft",
            url=f"/projects/projects/new?application_id={self.application_id}",
            about=ThingRef(kind="application", id=self.application_id),
        )

    def book_drafted(self, title: str, label: str, office_id: UUID) -> TaskDone | None:
        if self.draft_task_id is None:
            return None
        task_id, self.draft_task_id = self.draft_task_id, None
        return TaskDone(**self._frame(task_id, 2, title, label, office_id))

    def _frame(self, task_id: UUID, version: int, title: str, label: str, office_id: UUID) -> dict[str, Any]:
        return {
            "id": task_id,
            "version": version,
            "title": S_("Draw up the task book of “%(title)s”", title=title),
            "label": SecurityLabel(label),
            "owners": (office_id,),
        }
