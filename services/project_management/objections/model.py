"""An objection to a decision in public notice.

Its facts are confidential and say neither who objects nor to what: only the office learns that there is one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.calls.model import Call
from services.project_management.objections import rules
from services.project_management.objections.rules import State
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_awards import ObjectionAnswered, ObjectionLodged, ObjectionWithdrawn
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in State)


class NoticeTask(Base, table=True):
    """An organisation that applied is told of a list in public notice, once for each list. Its facts say nothing of
    the outcome, and nobody but the organisation and the offices sees them."""

    __tablename__ = "notice_tasks"

    decision_id: UUID = Field(primary_key=True, foreign_key="decisions.id")
    list_number: int = Field(primary_key=True)
    organisation_id: UUID = Field(primary_key=True)
    title: str
    task_id: UUID | None = None
    """Open until somebody of the organisation has read the notice, or it is over."""

    def tell(self, call: Call, lead: bool, until: datetime) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self._frame(call, 1),
            role=Role.APPLICANT if lead else Role.REPRESENTATIVE,
            organisation_id=self.organisation_id,
            kind="decision.notice",
            url=f"/projects/calls/{call.id}/notice",
            due_at=until,
            about=call.ref,
        )

    def over(self, call: Call, outcome: str) -> TaskDone:
        done = TaskDone(**self._frame(call, 2), outcome=outcome)
        self.task_id = None
        return done

    def _frame(self, call: Call, version: int) -> dict[str, Any]:
        return {
            "id": self.task_id,
            "version": version,
            "title": self.title,
            "label": max(SecurityLabel(call.label), SecurityLabel.INTERNAL, key=lambda one: one.rank),
            "owners": (self.organisation_id,),
            "arises_from": (call.ref,),
        }


class Objection(Aggregate, table=True):
    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="objections_state"),
        CheckConstraint("(state IN ('rejected', 'upheld')) = (answered_by IS NOT NULL)", name="objections_answer"),
        Index("objections_decision", "decision_id", "state"),
        Index("objections_subject", "subject"),
    )

    decision_id: UUID = Field(foreign_key="decisions.id")
    call_id: UUID = Field(foreign_key="calls.id")
    call_title: str
    office_id: UUID
    label: str
    list_number: int
    """The list that was shown when it was lodged."""
    application_id: UUID | None = None
    """What it is about; the whole list where nothing is named."""
    application_title: str = ""
    subject: str
    name: str
    reason: str
    evidence: str
    state: str = State.LODGED.value
    answer: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="objection", id=self.id)

    def lodged(self, now: datetime, answers: Role, hands: Sequence[str]) -> list[Event]:
        """`answers` is the role that is asked, but for the `hands`, who may not answer."""
        self.task_id = new_id()
        task = TaskAssigned(
            **self._task_frame(self.task_id),
            version=1,
            role=answers,
            except_for=tuple(sorted(hands)),
            kind="objection.answer",
            url=f"/projects/objections/{self.id}",
            due_at=now + rules.TIME_TO_ANSWER,
            about=self.ref,
        )
        return [ObjectionLodged(version=self.version, call_id=self.call_id, **self._frame()), task]

    def withdraw(self) -> list[Event]:
        self._go("withdraw")
        fact = ObjectionWithdrawn(version=self.touch(), call_id=self.call_id, **self._frame())
        return [fact, *self._done("withdrawn")]

    def answered(self, *, uphold: bool, answer: str, subject: str, now: datetime) -> list[Event]:
        self._go("uphold" if uphold else "reject")
        self.answer, self.answered_by, self.answered_at = answer, subject, now
        fact = ObjectionAnswered(version=self.touch(), call_id=self.call_id, upheld=uphold, **self._frame())
        return [fact, *self._done("answered")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": S_("Objection in the call “%(title)s”", title=self.call_title),
            "label": SecurityLabel.CONFIDENTIAL,
            "owners": (self.office_id,),
            "arises_from": (ThingRef(kind="call", id=self.call_id),),
        }

    def _task_frame(self, task_id: UUID) -> dict[str, Any]:
        title = S_("Answer an objection in the call “%(title)s”", title=self.call_title)
        # As visible as the call and no more hidden: it names nobody, and who may not see it could not answer.
        label = max(SecurityLabel(self.label), SecurityLabel.INTERNAL, key=lambda one: one.rank)
        return self._frame() | {"id": task_id, "title": title, "label": label, "arises_from": (self.ref,)}

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._task_frame(task_id), version=2, outcome=outcome)]
