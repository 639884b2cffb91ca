"""A call's bidding, who is asked, and what they bid.

Its facts are the tasks it gives and closes, confidential and addressed to the expert alone: who is asked to bid might
review.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.bids import rules
from services.project_management.bids.rules import State
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in State)
_BIDS = ", ".join(f"'{one}'" for one in rules.ANSWERS if one != rules.NEUTRAL)


class Bidding(Aggregate, table=True):
    """One a call, opened by its office; `due_at` is when it closes by itself."""

    __tablename__ = "biddings"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="biddings_state"),
        Index("biddings_call", "call_id", unique=True),
        Index("biddings_due", "due_at", postgresql_where="state = 'open'"),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    call_title: str
    state: str = State.OPEN.value
    due_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: str
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_out: int = 0
    """Experts who were not asked because they take part in the call or may not read its applications."""

    def go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value
        self.touch()

    def close(self, now: datetime) -> None:
        self.go("close")
        self.closed_at = now

    def reopen(self, due_at: datetime) -> None:
        self.go("reopen")
        self.due_at, self.closed_at = due_at, None

    def postpone(self, due_at: datetime) -> None:
        self.go("postpone")
        self.due_at = due_at


class Bidder(Aggregate, table=True):
    """Somebody who is asked; `finished_at` once they say that they are done, which they may take back by bidding on."""

    __tablename__ = "bidders"
    __table_args__ = (
        Index("bidders_person", "expert_subject", "id"),
        Index("bidders_one_a_person", "bidding_id", "expert_id", unique=True),
    )

    bidding_id: UUID = Field(foreign_key="biddings.id")
    call_id: UUID
    call_title: str
    expert_id: UUID
    expert_name: str
    expert_subject: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    def ask(self, due_at: datetime, now: datetime) -> TaskAssigned:
        self.asked_at = now
        return self._task(self._asked, due_at)

    def ask_anew(self, due_at: datetime, now: datetime) -> list[TaskAssigned | TaskDone]:
        """The day has changed: the task again, as one that is new to the worklist."""
        return [*self.let_go("another day"), self.ask(due_at, now)]

    def remind(self, due_at: datetime, now: datetime) -> list[TaskAssigned | TaskDone]:
        done = self.let_go("reminded")
        self.reminded_at = now
        return [*done, self._task(self._reminder, due_at)]

    def finish(self, now: datetime) -> list[TaskAssigned | TaskDone]:
        self.finished_at = now
        self.touch()
        return self.let_go("finished")

    def let_go(self, outcome: str) -> list[TaskAssigned | TaskDone]:
        """Nothing is asked any more; nothing happens when nothing was."""
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._frame(task_id, 2, self._asked), outcome=outcome)]

    @property
    def _asked(self) -> str:
        return S_("Say what you would review in the call “%(title)s”", title=self.call_title)

    @property
    def _reminder(self) -> str:
        return S_("Reminder: say what you would review in the call “%(title)s”", title=self.call_title)

    def _task(self, title: str, due_at: datetime) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self._frame(self.task_id, 1, title),
            subject=self.expert_subject,
            kind="review.bid",
            url=f"/projects/biddings/{self.id}",
            due_at=due_at,
            about=ThingRef(kind="bidding", id=self.id),
        )

    def _frame(self, task_id: UUID, version: int, title: str) -> dict[str, Any]:
        return {"id": task_id, "version": version, "title": title, "label": SecurityLabel.CONFIDENTIAL}


class PlacedBid(Base, table=True):
    """What an expert last said of an application; a conflict with its reason. No bid is no row."""

    __tablename__ = "bids"
    __table_args__ = (
        CheckConstraint(f"bid IN ({_BIDS})", name="bids_bid"),
        CheckConstraint("(bid = 'conflict') = (reason <> '')", name="bids_reason"),
        Index("bids_call", "call_id"),
    )

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    expert_id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    bid: str
    reason: str = ""
    placed_at: datetime = Field(sa_type=UtcDateTime)
