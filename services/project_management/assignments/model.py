"""One run of the assignment: its inputs, limits and result, kept for good."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from services.project_management.applications.rules import label_for
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel


class ConflictDecision(Base, table=True):
    """What a named person decided about a pair of an application and an expert; kept for good, the last one counts.

    No fact is said: that somebody may not review something tells who might.
    """

    __tablename__ = "conflict_decisions"
    __table_args__ = (
        CheckConstraint("decision IN ('waive', 'confirm', 'enter', 'lift')", name="conflict_decisions_decision"),
        Index("conflict_decisions_call", "call_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    application_id: UUID = Field(foreign_key="applications.id")
    expert_id: UUID
    expert: str
    kind: str = ""
    """Of conflict; empty where there was one kind at a time to decide."""
    decision: str
    reason: str
    decided_by: str
    decided_at: datetime = Field(sa_type=UtcDateTime)


class PotentialConflict(Base, table=True):
    """What was learnt of a reviewer and the people of an application after the assignment, as it was found last; it
    waits for a named officer (`ConflictDecision`). No fact is said."""

    __tablename__ = "potential_conflicts"
    __table_args__ = (Index("potential_conflicts_call", "call_id"),)

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    expert_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    reason: str
    found_at: datetime = Field(sa_type=UtcDateTime)


class Demand(Base, table=True):
    """How many experts an officer wants an application reviewed by; kept for good, the last one counts, and None is the
    call's number again. No fact is said: how many review an application is the office's alone."""

    __tablename__ = "reviewer_demands"
    __table_args__ = (
        CheckConstraint("number BETWEEN 1 AND 9", name="reviewer_demands_number"),
        Index("reviewer_demands_application", "application_id", "id"),
        Index("reviewer_demands_call", "call_id", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    application_id: UUID = Field(foreign_key="applications.id")
    number: int | None = None
    reason: str
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)


class ReviewMark(Base, table=True):
    """What the clock looks at: a call (`call`) in which something moved, an application that was taken back
    (`withdrawn`), an account whose grant changed (`reviewer`). Triggers write them (migration 0074), once a transaction
    and key, so that nobody waits for anybody else's."""

    __tablename__ = "review_marks"
    __table_args__ = (CheckConstraint("kind IN ('call', 'withdrawn', 'reviewer')", name="review_marks_kind"),)

    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    xact: int = Field(primary_key=True, sa_type=BigInteger)
    """The transaction that wrote it."""


class Assignment(Aggregate, table=True):
    """Runs of one call are numbered; the last one counts. `trace` can be run again with `rules.assign`, or
    `by_hand.adjust` where an officer changed the one before."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("number > 0", name="assignments_number"),
        Index("assignments_call", "call_id", "number", unique=True),
        Index("assignments_asking", "call_id", postgresql_where="conflict_task_id IS NOT NULL"),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    call_title: str
    office_id: UUID
    number: int
    seed: int
    cap: int
    bound: int = 100
    made_by: str
    trace: dict[str, Any] = Field(sa_type=Json)
    gap_task_id: UUID | None = None
    """The open task to fill the place of somebody who declined."""
    decision_task_id: UUID | None = None
    conflict_task_id: UUID | None = None
    """The open task to confirm or waive what came up after the assignment."""

    @property
    def _call(self) -> ThingRef:
        return ThingRef(kind="call", id=self.call_id)

    def gap_opened(self, label: SecurityLabel) -> TaskAssigned | None:
        """The office has to find another reviewer; None when it has been told already. `label` is the call's."""
        if self.gap_task_id is not None:
            return None
        self.gap_task_id = new_id()
        return self._task(self.gap_task_id, "call.assign", self._assign, label, "assignment")

    def gap_closed(self, label: SecurityLabel) -> TaskDone | None:
        if self.gap_task_id is None:
            return None
        task_id, self.gap_task_id = self.gap_task_id, None
        return self._done(task_id, self._assign, label)

    def decision_due(self, label: SecurityLabel) -> TaskAssigned | None:
        """Every review is in: the office has to decide; None when it has been told already."""
        if self.decision_task_id is not None:
            return None
        self.decision_task_id = new_id()
        return self._task(self.decision_task_id, "call.decide", self._decide, label, "ranking")

    def decision_made(self, label: SecurityLabel) -> TaskDone | None:
        if self.decision_task_id is None:
            return None
        task_id, self.decision_task_id = self.decision_task_id, None
        return self._done(task_id, self._decide, label)

    def conflict_opened(self, label: SecurityLabel) -> TaskAssigned | None:
        """Possible conflicts wait for a named officer, one task for all of them; None when it has been told already."""
        if self.conflict_task_id is not None:
            return None
        self.conflict_task_id = new_id()
        return self._task(self.conflict_task_id, "call.assign", self._weigh, label, "assignment")

    def conflict_closed(self, label: SecurityLabel) -> TaskDone | None:
        if self.conflict_task_id is None:
            return None
        task_id, self.conflict_task_id = self.conflict_task_id, None
        return self._done(task_id, self._weigh, label)

    @property
    def _weigh(self) -> str:
        return S_("Look at possible conflicts of interest in the call “%(title)s”", title=self.call_title)

    @property
    def _assign(self) -> str:
        return S_("Assign another reviewer in the call “%(title)s”", title=self.call_title)

    @property
    def _decide(self) -> str:
        return S_("Decide the call “%(title)s”", title=self.call_title)

    def _task(self, task_id: UUID, kind: str, title: str, label: SecurityLabel, page: str) -> TaskAssigned:
        return TaskAssigned(
            id=task_id,
            version=1,
            title=title,
            label=label_for(label),
            owners=(self.office_id,),
            role=Role.PROGRAMME_OFFICER,
            organisation_id=self.office_id,
            kind=kind,
            url=f"/projects/calls/{self.call_id}/{page}",
            about=self._call,
        )

    def _done(self, task_id: UUID, title: str, label: SecurityLabel) -> TaskDone:
        return TaskDone(id=task_id, version=2, title=title, label=label_for(label), owners=(self.office_id,))
