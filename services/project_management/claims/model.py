"""What an organisation of a project claims to have spent, and what became of it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.claims import rules
from services.project_management.claims.rules import State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import ClaimApproved, ClaimReturned, ClaimSubmitted, ClaimWithdrawn
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import OrgRef, Role, SecurityLabel


class Claim(Aggregate, table=True):
    __tablename__ = "expenditure_claims"
    __table_args__ = (
        CheckConstraint("state IN ('submitted', 'returned', 'approved', 'withdrawn')", name="expenditure_claims_state"),
        CheckConstraint("total_amount > 0", name="expenditure_claims_total"),
        Index("expenditure_claims_project", "project_id", "number", unique=True),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    project_title: str
    number: int
    organisation_id: UUID
    organisation_name: str
    office_id: UUID
    parties: list[str] = Field(sa_type=Json)
    """Every organisation of the project: they all read it."""
    label: str
    items: list[dict[str, Any]] = Field(sa_type=Json)
    """[{"category": …, "year": …, "amount": "…", "what": …}]"""
    total_amount: Decimal = Field(sa_type=MoneyAmount)
    total_currency: str
    note: str = ""
    answer: str = ""
    """The office's words with its approval or return, or the claimant's with a withdrawal."""
    state: str = State.SUBMITTED.value
    trace: dict[str, Any] = Field(sa_type=Json)
    """The DecisionTrace on which it was let through last."""
    document_id: UUID | None = None
    submitted_by: str
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    judged_by: str | None = None
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None
    task_title: str = ""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="claim", id=self.id)

    @property
    def by(self) -> OrgRef:
        return OrgRef(id=str(self.organisation_id), name=self.organisation_name)

    @property
    def owners(self) -> frozenset[UUID]:
        return frozenset(UUID(one) for one in self.parties)

    def submitted(self, keeper: Role) -> list[Event]:
        """The facts of a new claim; `keeper` looks after the office's money."""
        fact = ClaimSubmitted(version=self.version, **self._money(), **self._frame())
        return [fact, self._judge(keeper)]

    def resubmit(
        self, items: list[dict[str, Any]], total: Decimal, trace: dict[str, Any], now: datetime, keeper: Role
    ) -> list[Event]:
        self._go("resubmit")
        self.items, self.total_amount, self.trace, self.submitted_at = items, total, trace, now
        done = self._done("done")
        fact = ClaimSubmitted(version=self.touch(), **self._money(), **self._frame())
        return [fact, *done, self._judge(keeper)]

    def approve(self, subject: str, note: str, trace: dict[str, Any], now: datetime) -> list[Event]:
        self._go("approve")
        self.answer, self.trace, self.judged_by, self.judged_at = note, trace, subject, now
        fact = ClaimApproved(version=self.touch(), note=note, **self._money(), **self._frame())
        return [fact, *self._done("approved")]

    def send_back(self, subject: str, reason: str, now: datetime) -> list[Event]:
        self._go("return")
        self.answer, self.judged_by, self.judged_at = reason, subject, now
        fact = ClaimReturned(version=self.touch(), project_id=self.project_id, reason=reason, **self._frame())
        title = S_("Correct claim %(number)s of “%(title)s”", number=self.number, title=self.project_title)
        return [
            fact,
            *self._done("returned"),
            self._task(title, "claim.correct", Role.APPLICANT, self.organisation_id),
        ]

    def withdraw(self, reason: str) -> list[Event]:
        self._go("withdraw")
        self.answer = reason
        fact = ClaimWithdrawn(version=self.touch(), project_id=self.project_id, reason=reason, **self._frame())
        return [fact, *self._done("withdrawn")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _money(self) -> dict[str, Any]:
        return {
            "project_id": self.project_id,
            "number": self.number,
            "by": self.by,
            "total": self.total_amount,
            "currency": self.total_currency,
        }

    def _judge(self, keeper: Role) -> TaskAssigned:
        title = S_("Judge claim %(number)s of “%(title)s”", number=self.number, title=self.project_title)
        return self._task(title, "claim.judge", keeper, self.office_id)

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.project_title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(self.owners)),
            "arises_from": (ThingRef(kind="project", id=self.project_id),),
        }

    def _task(self, title: str, kind: str, role: Role, organisation_id: UUID) -> TaskAssigned:
        self.task_id, self.task_title = new_id(), title
        return TaskAssigned(
            **self._frame() | {"id": self.task_id, "version": 1, "title": title, "arises_from": (self.ref,)},
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/claims/{self.id}",
            about=self.ref,
        )

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        frame = self._frame() | {"id": task_id, "version": 2, "title": self.task_title, "arises_from": (self.ref,)}
        return [TaskDone(**frame, outcome=outcome)]
