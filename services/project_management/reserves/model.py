"""An award that became free, offered to the next of the reserve list."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.reserves import rules
from services.project_management.reserves.rules import State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_awards import AwardOfferAnswered, AwardOffered
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in State)


class Offer(Aggregate, table=True):
    """`trace` can be run again with `rules.next_offer`."""

    __tablename__ = "award_offers"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="award_offers_state"),
        Index("award_offers_award", "award_id"),
        Index("award_offers_one_open", "award_id", unique=True, postgresql_where="state = 'offered'"),
        Index("award_offers_due", "until", postgresql_where="state = 'offered'"),
    )

    award_id: UUID = Field(foreign_key="awards.id")
    application_id: UUID
    call_id: UUID
    title: str
    label: str
    lead_id: UUID
    owners: list[str] = Field(sa_type=Json)
    amount: Decimal = Field(sa_type=MoneyAmount)
    currency: str
    state: str = State.OFFERED.value
    reason: str = ""
    until: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trace: dict[str, Any] = Field(sa_type=Json)
    task_id: UUID | None = None

    def made(self, reason: str) -> list[Event]:
        self.task_id = new_id()
        fact = AwardOffered(
            version=self.version,
            application_id=self.application_id,
            amount=self.amount,
            currency=self.currency,
            until=self.until,
            reason=reason,
            **self._frame(),
        )
        task = TaskAssigned(
            **self._task_frame(self.task_id),
            version=1,
            role=Role.APPLICANT,
            organisation_id=self.lead_id,
            kind="award.answer",
            url=f"/projects/awards/{self.award_id}/offer",
            due_at=self.until,
            about=ThingRef(kind="application", id=self.application_id),
        )
        return [fact, task]

    def answer(self, verb: Literal["accept", "refuse", "lapse"], reason: str, now: datetime) -> list[Event]:
        after = rules.next_state(verb, State(self.state))
        self.state, self.reason, self.answered_at = after.value, reason, now
        told: Any = after.value
        fact = AwardOfferAnswered(
            version=self.touch(), application_id=self.application_id, answer=told, reason=reason, **self._frame()
        )
        return [fact, *self._done(after.value)]

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(UUID(one) for one in self.owners)),
            "arises_from": (ThingRef(kind="application", id=self.application_id),),
        }

    def _task_frame(self, task_id: UUID) -> dict[str, Any]:
        return self._frame() | {"id": task_id, "title": S_("Take the award for “%(title)s”?", title=self.title)}

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._task_frame(task_id), version=2, outcome=outcome)]
