"""What people keep. Its facts are tasks, confidential and for that person alone: who looks at which call is worth
something to those who compete in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.calls.rules import State
from services.project_management.tables import Base
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import SecurityLabel

TITLES = {
    "changed": lambda title: S_("Read what changed in the saved call “%(title)s”", title=title),
    "closing": lambda title: S_("The saved call “%(title)s” closes soon", title=title),
    "cancelled": lambda title: S_("The saved call “%(title)s” is cancelled", title=title),
    "match": lambda title: S_("A new call matches your search “%(title)s”", title=title),
}


class Told(Base):
    """The open task of a kept thing."""

    task_id: UUID | None = None
    task_kind: str = ""
    task_title: str = ""

    def tell(
        self, subject: str, kind: str, title: str, url: str, due_at: datetime | None
    ) -> list[TaskAssigned | TaskDone]:
        """A new task in the place of the one before. It is about itself: the call would show in what came of it."""
        over = self.noted("newer")
        self.task_id, self.task_kind, self.task_title = new_id(), kind, TITLES[kind](title)
        task = TaskAssigned(
            **self._frame(1),
            subject=subject,
            kind=f"call.{kind}",
            url=url,
            due_at=due_at,
            about=ThingRef(kind="task", id=self.task_id),
        )
        return [*over, task]

    def noted(self, outcome: str) -> list[TaskDone]:
        """The open task is over."""
        if self.task_id is None:
            return []
        done = TaskDone(**self._frame(2), outcome=outcome)
        self.task_id = None
        return [done]

    def _frame(self, version: int) -> dict[str, Any]:
        return {
            "id": self.task_id,
            "version": version,
            "title": self.task_title,
            "label": SecurityLabel.CONFIDENTIAL,
        }


class SavedCall(Told, table=True):
    __tablename__ = "saved_calls"
    __table_args__ = (Index("saved_calls_call", "call_id"),)

    subject: str = Field(primary_key=True)
    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    saved_at: datetime = Field(sa_type=UtcDateTime)
    told_version: int = 1
    told_state: str = State.RELEASED.value
    told_closing: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The closing time of which was said that it is near."""


class SavedSearch(Told, table=True):
    __tablename__ = "saved_searches"
    __table_args__ = (Index("saved_searches_person", "subject", "name", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    subject: str
    name: str
    search: str = ""
    phases: list[str] = Field(sa_type=Json)
    filters: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What else it asks, as the list of calls is narrowed: fields, regions, kinds, soon, ceiling_from, ceiling_to."""
    alert: bool = True
    told: list[str] = Field(sa_type=Json)
    """Calls that were there when it was saved, or were told of since."""
    saved_at: datetime = Field(sa_type=UtcDateTime)
