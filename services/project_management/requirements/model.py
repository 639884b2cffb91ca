"""A requirement, what was put forward word for word, what experts said of it, and the calls drafted from it.

What its organisation writes before putting it forward is no fact yet: others must not even learn that it exists. From
then on each transition raises `version` and returns its facts.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.requirements import rules
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import ThingRef
from shared.contracts.project_requirements import (
    RequirementAdopted,
    RequirementConsulted,
    RequirementDeclined,
    RequirementMerged,
    RequirementPrioritised,
    RequirementPutForward,
    RequirementReturned,
    RequirementWidened,
    RequirementWithdrawn,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.types import OrgRef, Role, SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in rules.State)
_OPINION_STATES = ", ".join(f"'{state.value}'" for state in rules.OpinionState)
TASKS: dict[str, tuple[str, timedelta]] = {
    "requirement.consult": (N_("Start the consultation on “%(title)s”"), timedelta(days=10)),
    "requirement.prioritise": (N_("Prioritise the requirement “%(title)s”"), timedelta(days=21)),
    "requirement.decide": (N_("Adopt or decline the requirement “%(title)s”"), timedelta(days=30)),
    "requirement.complete": (N_("Complete the requirement “%(title)s”"), timedelta(days=14)),
    "requirement.opine": (N_("Give your opinion on the requirement “%(title)s”"), timedelta(days=14)),
}
"""Kind of task → its sentence, and how long it may take."""


class RequirementVersion(Base, table=True):
    """What was put forward: `content` is the canonical JSON that `sha256` was taken of."""

    __tablename__ = "requirement_versions"

    requirement_id: UUID = Field(primary_key=True, foreign_key="requirements.id")
    number: int = Field(primary_key=True)
    content: str
    sha256: str
    put_forward_by: str
    put_forward_at: datetime = Field(sa_type=UtcDateTime)


class RequirementCall(Base, table=True):
    """The call was drafted from the requirement."""

    __tablename__ = "requirement_calls"
    __table_args__ = (Index("requirement_calls_call", "call_id"),)

    requirement_id: UUID = Field(primary_key=True, foreign_key="requirements.id")
    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    adopted_by: str
    adopted_at: datetime = Field(sa_type=UtcDateTime)


class Requirement(Aggregate, table=True):
    __tablename__ = "requirements"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="requirements_state"),
        CheckConstraint("stage IN ('research', 'design_finalisation', 'production')", name="requirements_stage"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="requirements_label"),
        CheckConstraint(
            "urgency IN ('long_term', 'medium_term', 'short_term', 'immediate')", name="requirements_urgency"
        ),
        CheckConstraint("priority IN ('high', 'medium', 'low')", name="requirements_priority"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="requirements_merged"),
        CheckConstraint("state IN ('draft', 'discarded') OR sha256 IS NOT NULL", name="requirements_snapshot"),
        Index("requirements_list", "created_at", "id"),
        Index("requirements_organisation", "organisation_id"),
        Index("requirements_merged_into", "merged_into_id", postgresql_where="merged_into_id IS NOT NULL"),
        Index(
            "requirements_trigram",
            "title",
            "title_zh",
            "problem",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops", "title_zh": "gin_trgm_ops", "problem": "gin_trgm_ops"},
        ),
    )

    title: str
    title_zh: str = ""
    problem: str = ""
    indicators: list[dict[str, str]] = Field(sa_type=Json)
    """[{"what": …, "value": …, "unit": …}], each as the field says it: "≤ 18", "µm"."""
    field: str
    stage: str
    urgency: str
    label: str
    state: str = Field(default=rules.State.DRAFT.value)
    state_reason: str = ""
    organisation_id: UUID
    """Who asks: its members write it, its overseers answer it."""
    organisation_name: str = ""
    compiled: bool = False
    """Written by the programme office out of others merged into it; the office itself asks for nothing."""
    author: str
    put_forward_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    put_forward_version: int | None = None
    sha256: str | None = None
    priority: str | None = None
    priority_trace: Any = Field(default=None, sa_type=Json, nullable=True)
    merged_into_id: UUID | None = Field(default=None, foreign_key="requirements.id")
    task_id: UUID | None = None
    task_kind: str = ""
    """The one task that is open for the office, or for the author when it was returned."""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="requirement", id=self.id)

    def content(self) -> dict[str, Any]:
        """What putting it forward fixes."""
        names = ("title", "title_zh", "problem", "indicators", "field", "stage", "urgency", "label")
        return {
            "id": str(self.id),
            **{name: getattr(self, name) for name in names},
            "organisation_id": str(self.organisation_id),
        }

    def edit(self, values: dict[str, Any]) -> bool:
        """Take over new values; False when nothing differs."""
        self._go("edit")
        changed = [name for name, value in values.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, values[name])
        if changed:
            self.touch()
        return bool(changed)

    def discard(self) -> list[TaskDone]:
        """Its organisation gives up writing it. It leaves no fact but that a request to complete it is over."""
        self._go("discard")
        self.touch()
        return self._task_done("discarded")

    def put_forward(
        self, now: datetime, sha256: str, arises_from: tuple[ThingRef, ...] = ()
    ) -> list[RequirementPutForward | TaskDone | TaskAssigned]:
        """Raises RequirementIncomplete with what is lacking."""
        rules.next_state("put_forward", rules.State(self.state))
        missing = rules.lacking(self.problem, len(self.indicators))
        if missing:
            raise rules.RequirementIncomplete(" ".join(missing))
        self._go("put_forward")
        self.state_reason = ""
        self.put_forward_at, self.sha256 = now, sha256
        self.put_forward_version = (self.put_forward_version or 0) + 1
        done = self._task_done("done")
        fact = RequirementPutForward(
            version=self.touch(),
            arises_from=arises_from,
            by=OrgRef(id=str(self.organisation_id), name=self.organisation_name),
            field=self.field,
            stage=self.stage,
            urgency=self.urgency,
            sha256=sha256,
            **self._frame(),
        )
        return [fact, *done, self._task("requirement.consult", now, role=Role.PROGRAMME_OFFICER)]

    def send_back(self, now: datetime, reason: str) -> list[RequirementReturned | TaskDone | TaskAssigned]:
        self._go("return")
        self.state_reason = reason
        done = self._task_done("returned")
        fact = RequirementReturned(version=self.touch(), reason=reason, **self._frame())
        return [fact, *done, self._task("requirement.complete", now, subject=self.author)]

    def consult(self, now: datetime) -> list[RequirementConsulted | TaskDone | TaskAssigned]:
        """Experts are invited. Inviting more of them later is no new fact."""
        begun = self.state == rules.State.IN_CONSULTATION.value
        self._go("consult")
        version = self.touch()
        if begun:
            return []
        done = self._task_done("done")
        fact = RequirementConsulted(version=version, **self._frame())
        return [fact, *done, self._task("requirement.prioritise", now, role=Role.PROGRAMME_OFFICER)]

    def prioritise(
        self, now: datetime, priority: Literal["high", "medium", "low"], trace: dict[str, Any], reason: str
    ) -> list[RequirementPrioritised | TaskDone | TaskAssigned]:
        self._go("prioritise")
        self.priority, self.priority_trace = priority, trace
        done = self._task_done("done")
        fact = RequirementPrioritised(version=self.touch(), priority=priority, reason=reason, **self._frame())
        return [fact, *done, self._task("requirement.decide", now, role=Role.PROGRAMME_OFFICER)]

    def adopt(self, call_id: UUID, reason: str) -> list[RequirementAdopted | TaskDone]:
        self._go("adopt")
        self.state_reason = reason
        fact = RequirementAdopted(version=self.touch(), call_id=call_id, reason=reason, **self._frame())
        return [fact, *self._task_done("adopted")]

    def decline(self, reason: str) -> list[RequirementDeclined | TaskDone]:
        self._go("decline")
        self.state_reason = reason
        fact = RequirementDeclined(version=self.touch(), reason=reason, **self._frame())
        return [fact, *self._task_done("declined")]

    def merge(self, into_id: UUID, reason: str) -> list[RequirementMerged | TaskDone]:
        self._go("merge")
        self.state_reason, self.merged_into_id = reason, into_id
        fact = RequirementMerged(version=self.touch(), into_id=into_id, reason=reason, **self._frame())
        return [fact, *self._task_done("merged")]

    def widen(self, merged: tuple[ThingRef, ...]) -> RequirementWidened:
        self._go("widen")
        return RequirementWidened(version=self.touch(), arises_from=merged, **self._frame())

    def withdraw(self, reason: str) -> list[RequirementWithdrawn | TaskDone]:
        self._go("withdraw")
        self.state_reason = reason
        fact = RequirementWithdrawn(version=self.touch(), reason=reason, **self._frame())
        return [fact, *self._task_done("withdrawn")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, rules.State(self.state)).value

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": (self.organisation_id,),
        }

    def _task(self, kind: str, now: datetime, *, role: Role | None = None, subject: str | None = None) -> TaskAssigned:
        sentence, time = TASKS[kind]
        self.task_id, self.task_kind = new_id(), kind
        page = "/consultation" if kind in ("requirement.consult", "requirement.prioritise") else ""
        return TaskAssigned(
            **self._frame() | {"id": self.task_id, "title": sentence % {"title": self.title}},
            version=1,
            arises_from=(self.ref,),
            role=role,
            subject=subject,
            kind=kind,
            url=f"/projects/requirements/{self.id}{page}",
            due_at=now + time,
            about=self.ref,
        )

    def _task_done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        title = TASKS[self.task_kind][0] % {"title": self.title}
        frame = self._frame() | {"id": task_id, "title": title}
        return [TaskDone(**frame, version=2, arises_from=(self.ref,), outcome=outcome)]


class Opinion(Aggregate, table=True):
    """What one expert thinks of one requirement. Its facts are tasks, confidential and the expert's alone: one that
    named the requirement would tell its organisation who was asked."""

    __tablename__ = "requirement_opinions"
    __table_args__ = (
        CheckConstraint(f"state IN ({_OPINION_STATES})", name="requirement_opinions_state"),
        CheckConstraint(
            "importance BETWEEN 1 AND 5 AND feasibility BETWEEN 1 AND 5", name="requirement_opinions_ratings"
        ),
        CheckConstraint(
            "state <> 'given' OR (importance IS NOT NULL AND feasibility IS NOT NULL)",
            name="requirement_opinions_given",
        ),
        Index("requirement_opinions_one_each", "requirement_id", "expert_id", unique=True),
        Index("requirement_opinions_expert", "expert_subject", "requirement_id"),
    )

    requirement_id: UUID = Field(foreign_key="requirements.id")
    requirement_title: str
    expert_id: UUID
    expert_name: str
    expert_subject: str
    state: str = rules.OpinionState.INVITED.value
    importance: int | None = None
    """1 (hardly) to 5 (very)."""
    feasibility: int | None = None
    comment: str = ""
    reason: str = ""
    """Why the expert stepped aside."""
    due_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    def invite(self) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self._frame(self.task_id),
            version=1,
            subject=self.expert_subject,
            kind="requirement.opine",
            url=f"/projects/requirements/{self.requirement_id}/opinion",
            due_at=self.due_at,
            about=ThingRef(kind="requirement", id=self.requirement_id),
        )

    def give(self, now: datetime, importance: int, feasibility: int, comment: str) -> list[TaskDone]:
        """Say it, or say it differently while the consultation lasts."""
        self.state = rules.OpinionState.GIVEN.value
        self.importance, self.feasibility, self.comment, self.answered_at = importance, feasibility, comment, now
        return self._over("given")

    def recuse(self, now: datetime, reason: str) -> list[TaskDone]:
        self.state = rules.OpinionState.RECUSED.value
        self.importance, self.feasibility, self.comment = None, None, ""
        self.reason, self.answered_at = reason, now
        return self._over("recused")

    def lapse(self) -> list[TaskDone]:
        """Nobody waits for it any more; what was given stays."""
        if self.state == rules.OpinionState.INVITED.value:
            self.state = rules.OpinionState.LAPSED.value
        return self._over("consultation over")

    def _over(self, outcome: str) -> list[TaskDone]:
        self.touch()
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._frame(task_id), version=2, outcome=outcome)]

    def _frame(self, task_id: UUID) -> dict[str, Any]:
        title = TASKS["requirement.opine"][0] % {"title": self.requirement_title}
        return {"id": task_id, "title": title, "label": SecurityLabel.CONFIDENTIAL}
