"""One expert's review of one application.

Its facts are the tasks it gives and closes, all confidential and addressed to the reviewer alone: an event that named
the application would tell applicants that somebody reviews it, and who.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlmodel import Field

from services.project_management.calls.terms import CallTerms
from services.project_management.reviews import rules
from services.project_management.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in rules.State)


class Review(Aggregate, table=True):
    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="reviews_state"),
        CheckConstraint("state <> 'completed' OR total IS NOT NULL", name="reviews_total"),
        Index(
            "reviews_one_a_pair", "application_id", "expert_id", unique=True, postgresql_where="state <> 'withdrawn'"
        ),
        Index("reviews_reviewer", "expert_subject", "id"),
        Index("reviews_call", "call_id"),
        Index("reviews_remind", "remind_at", postgresql_where="remind_at IS NOT NULL"),
        Index("reviews_overdue", "overdue_at", postgresql_where="office_task_id IS NULL AND overdue_at IS NOT NULL"),
        Index("reviews_told", "overdue_at", postgresql_where="office_task_id IS NOT NULL"),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    application_id: UUID = Field(foreign_key="applications.id")
    application_title: str
    expert_id: UUID
    expert_name: str
    expert_subject: str
    affinity: int
    state: str = rules.State.INVITED.value
    reason: str = ""
    conflict: bool = False
    """Declined because of a conflict of interest that the reviewer knows of."""
    conflict_kind: str = ""
    """Of the conflict it was set aside for; empty where that was before kinds were kept."""
    named: str = ""
    """Whom somebody who declined would ask instead."""
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    scores: dict[str, str] = Field(sa_type=Json)
    """Criterion → score, 0 to 10."""
    to_applicant: str = ""
    to_panel: str = ""
    total: Decimal | None = Field(default=None, sa_type=Numeric(4, 2))
    due_at: datetime = Field(sa_type=UtcDateTime)
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the reviewer is reminded next: kept, so that the clock need not work it out for every review."""
    overdue_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """From when on what is waited for is late."""
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None
    office_task_id: UUID | None = None
    """The office is told that its answer or its sheet is overdue."""

    def invite(self, now: datetime, terms: CallTerms) -> TaskAssigned:
        self._plan(terms)
        return self._task(self._invitation, "review.answer", now + terms.answer_time)

    def accept(self, now: datetime, terms: CallTerms) -> tuple[TaskDone, TaskAssigned]:
        self._go("accept")
        self.answered_at = now
        self._plan(terms)
        done = self._done(self._invitation, "accepted")
        return done, self._task(self._writing, "review.write", self.due_at)

    def remind(self, now: datetime, terms: CallTerms) -> tuple[TaskDone, TaskAssigned]:
        """The task again, as one that is new to the worklist: a reminder is a task too."""
        invited = self.state == rules.State.INVITED.value
        done = self._done(self._invitation if invited else self._writing, "reminded")
        self.reminded_at = now
        self._plan(terms)
        self.touch()
        if invited:
            return done, self._task(self._first_reminder, "review.answer", self.created_at + terms.answer_time)
        return done, self._task(self._reminder, "review.write", self.due_at)

    def extend(self, due_at: datetime, terms: CallTerms) -> list[TaskDone | TaskAssigned]:
        """More time to write it, said by the task; reminders begin anew."""
        done = self._done(self._writing, "extended")
        self.due_at, self.reminded_at = due_at, None
        self._plan(terms)
        self.touch()
        return [done, self._task(self._writing, "review.write", due_at)]

    def tell_office(self, office_id: UUID, call_title: str) -> TaskAssigned:
        self.office_task_id = new_id()
        return TaskAssigned(
            **self._office_frame(office_id, call_title, self.office_task_id, 1),
            role=Role.PROGRAMME_OFFICER,
            organisation_id=office_id,
            kind="review.overdue",
            url=f"/projects/reviews/{self.id}/extension",
            about=ThingRef(kind="review", id=self.id),
        )

    def office_told(self, office_id: UUID, call_title: str, outcome: str) -> list[TaskDone]:
        if self.office_task_id is None:
            return []
        task_id, self.office_task_id = self.office_task_id, None
        return [TaskDone(**self._office_frame(office_id, call_title, task_id, 2), outcome=outcome)]

    @staticmethod
    def _office_frame(office_id: UUID, call_title: str, task_id: UUID, version: int) -> dict[str, Any]:
        """It names the call alone, and is the office's."""
        title = S_("A reviewer of the call “%(title)s” is overdue", title=call_title)
        return {
            "id": task_id,
            "version": version,
            "title": title,
            "label": SecurityLabel.CONFIDENTIAL,
            "owners": (office_id,),
        }

    def decline(self, now: datetime, reason: str, conflict: bool, named: str = "") -> TaskDone:
        title = self._invitation if self.state == rules.State.INVITED.value else self._writing
        self._go("decline")
        self.answered_at, self.reason, self.conflict, self.named = now, reason, conflict, named
        self.scores, self.to_applicant, self.to_panel = {}, "", ""
        return self._done(title, "declined")

    def withdraw(self, reason: str) -> TaskDone:
        title = self._invitation if self.state == rules.State.INVITED.value else self._writing
        self._go("withdraw")
        self.reason = reason
        return self._done(title, "withdrawn")

    def set_aside(self, reason: str, kind: str) -> TaskDone | None:
        """A conflict came to light: it counts no more, and what was written stays as the record of it."""
        title = None
        if rules.State(self.state) in rules.OPEN:
            title = self._invitation if self.state == rules.State.INVITED.value else self._writing
        self._go("set_aside")
        self.reason, self.conflict, self.conflict_kind = reason, True, kind
        return self._done(title, "set aside") if title else None

    def score(self, scores: dict[str, Decimal], to_applicant: str, to_panel: str) -> None:
        """Save the draft of the score sheet; nobody but the reviewer reads it, so it is no fact yet."""
        self._go("score")
        self.scores = {name: str(score) for name, score in scores.items()}
        self.to_applicant, self.to_panel = to_applicant, to_panel

    def complete(self, now: datetime, weights: dict[str, Decimal], scales: dict[str, Decimal]) -> TaskDone:
        """Raises ReviewNotPossible, ReviewIncomplete."""
        rules.next_state("complete", rules.State(self.state))
        lacking = rules.missing(self.given, weights, self.to_applicant)
        if lacking:
            raise rules.ReviewIncomplete(" ".join(one["detail"] for one in lacking), errors=lacking)
        self.total = rules.weighted_total(self.given, weights, scales)
        self._go("complete")
        self.completed_at = now
        return self._done(self._writing, "completed")

    def said(self, call_title: str, criteria: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What was handed in, word for word; its expert is not named."""
        assert self.completed_at
        order = [str(one["name"]) for one in criteria]
        return {
            "review_id": str(self.id),
            "call": call_title,
            "application": self.application_title,
            "criteria": [{**one, "name": str(one["name"]), "weight": str(one["weight"])} for one in criteria],
            "scores": [{"criterion": name, "score": self.scores[name]} for name in order if name in self.scores],
            "total": str(self.total),
            "to_applicant": self.to_applicant,
            "to_panel": self.to_panel,
            "completed_at": self.completed_at.isoformat(),
        }

    @property
    def given(self) -> dict[str, Decimal]:
        return {name: Decimal(score) for name, score in self.scores.items()}

    @property
    def _invitation(self) -> str:
        return S_("Answer the invitation to review “%(title)s”", title=self.application_title)

    @property
    def _writing(self) -> str:
        return S_("Review “%(title)s”", title=self.application_title)

    @property
    def _first_reminder(self) -> str:
        return S_("Reminder: answer the invitation to review “%(title)s”", title=self.application_title)

    @property
    def _reminder(self) -> str:
        return S_("Reminder: review “%(title)s”", title=self.application_title)

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, rules.State(self.state)).value
        if rules.State(self.state) not in rules.OPEN:
            self.remind_at = self.overdue_at = None
        self.touch()

    def _plan(self, terms: CallTerms) -> None:
        state = rules.State(self.state)
        self.remind_at = rules.next_reminder(state, self.created_at, self.due_at, self.reminded_at, terms)
        self.overdue_at = rules.overdue_from(state, self.created_at, self.due_at, terms)

    def _task(self, title: str, kind: str, due_at: datetime) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self._frame(self.task_id, 1, title),
            subject=self.expert_subject,
            kind=kind,
            url=f"/projects/reviews/{self.id}",
            due_at=due_at,
            about=ThingRef(kind="review", id=self.id),
        )

    def _done(self, title: str, outcome: str) -> TaskDone:
        task_id, self.task_id = self.task_id or new_id(), None
        return TaskDone(**self._frame(task_id, 2, title), outcome=outcome)

    def _frame(self, task_id: UUID, version: int, title: str) -> dict[str, Any]:
        return {"id": task_id, "version": version, "title": title, "label": SecurityLabel.CONFIDENTIAL}
