"""An applicant's appeal against the decision on the own application."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.project_management.appeals import rules
from services.project_management.appeals.rules import State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_awards import AppealDecided, AppealLodged, AppealWithdrawn
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in State)


class Appeal(Aggregate, table=True):
    """`trace` says what followed when it was granted; it can be run again with `reserves.rules.next_offer`."""

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="appeals_state"),
        CheckConstraint("(state IN ('dismissed', 'granted')) = (decided_by IS NOT NULL)", name="appeals_decided"),
    )

    award_id: UUID = Field(foreign_key="awards.id", unique=True)
    application_id: UUID
    call_id: UUID
    title: str
    label: str
    lead_id: UUID
    owners: list[str] = Field(sa_type=Json)
    letter: str
    """Number of the letter that it is against."""
    grounds: str
    lodged_by: str
    state: str = State.LODGED.value
    answer: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trace: dict[str, Any] | None = Field(default=None, sa_type=Json)
    task_id: UUID | None = None

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="appeal", id=self.id)

    def lodged(self, now: datetime, hands: Iterable[str]) -> list[Event]:
        """`hands`: who proposed, approved or answered before; somebody else decides."""
        self.task_id = new_id()
        task = TaskAssigned(
            **self._task_frame(self.task_id),
            version=1,
            role=Role.COORDINATOR,
            kind="appeal.decide",
            url=f"/projects/appeals/{self.id}",
            due_at=now + rules.TIME_TO_DECIDE,
            except_for=tuple(sorted(hands)),
            about=self.ref,
        )
        return [AppealLodged(version=self.version, application_id=self.application_id, **self._frame()), task]

    def withdraw(self) -> list[Event]:
        self._go("withdraw")
        fact = AppealWithdrawn(version=self.touch(), application_id=self.application_id, **self._frame())
        return [fact, *self._done("withdrawn")]

    def decide(
        self, *, grant: bool, answer: str, subject: str, now: datetime, trace: dict[str, Any] | None
    ) -> list[Event]:
        self._go("grant" if grant else "dismiss")
        self.answer, self.decided_by, self.decided_at, self.trace = answer, subject, now, trace
        fact = AppealDecided(
            version=self.touch(), application_id=self.application_id, granted=grant, reason=answer, **self._frame()
        )
        return [fact, *self._done("decided")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(UUID(one) for one in self.owners)),
            "arises_from": (ThingRef(kind="application", id=self.application_id),),
        }

    def _task_frame(self, task_id: UUID) -> dict[str, Any]:
        title = S_("Decide the appeal of “%(title)s”", title=self.title)
        return self._frame() | {"id": task_id, "title": title, "arises_from": (self.ref,)}

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._task_frame(task_id), version=2, outcome=outcome)]
