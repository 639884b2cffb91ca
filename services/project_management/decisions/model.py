"""The decision of a call on its way to being final, and every list that was put forward, word for word."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.project_management.decisions import rules
from services.project_management.decisions.rules import State
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_awards import (
    DecisionApproved,
    DecisionFinal,
    DecisionProposed,
    DecisionPublished,
    DecisionReturned,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in State)


class DecisionList(Base, table=True):
    """What was put forward: `content` is the canonical JSON that `sha256` was taken of."""

    __tablename__ = "decision_lists"

    decision_id: UUID = Field(primary_key=True, foreign_key="decisions.id")
    number: int = Field(primary_key=True)
    content: str
    sha256: str
    proposed_by: str
    approvals: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """Signatures under this list: office, subject, at, note."""
    proposed_at: datetime = Field(sa_type=UtcDateTime)


class Decision(Aggregate, table=True):
    """`trace` can be run again with `awards.rules.decide`."""

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="decisions_state"),
        CheckConstraint("state <> 'in_notice' OR notice_until IS NOT NULL", name="decisions_notice"),
    )

    call_id: UUID = Field(foreign_key="calls.id", unique=True)
    call_title: str = ""
    office_id: UUID | None = None
    label: str = SecurityLabel.INTERNAL.value
    """Of the call; what is said before the list is public is at least internal."""
    reason: str
    decided_by: str
    trace: dict[str, Any] = Field(sa_type=Json)
    state: str = State.FINAL.value
    state_reason: str = ""
    number: int = 1
    """Of the list put forward last."""
    sha256: str = ""
    approvals: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """Signatures under the present list, in order: office, subject, at, note."""
    notice_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    notice_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    final_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    offers_due: bool = False
    """An award became free, and the reserve list was not gone through since."""
    task_id: UUID | None = None
    task_title: str = ""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="decision", id=self.id)

    @property
    def hands(self) -> list[str]:
        """Everybody who had a hand in the present list."""
        return [self.decided_by, *(one["subject"] for one in self.approvals)]

    def proposed(self) -> DecisionProposed:
        return DecisionProposed(
            version=self.version, number=self.number, sha256=self.sha256, reason=self.reason, **self._about()
        )

    def propose_again(self, *, reason: str, subject: str, trace: dict[str, Any], sha256: str) -> list[Event]:
        self._go("propose")
        self.number, self.sha256 = self.number + 1, sha256
        self.reason, self.decided_by, self.trace = reason, subject, trace
        self.state_reason, self.approvals = "", []
        self.notice_from = self.notice_until = None
        self.touch()
        return [self.proposed(), *self.task_done("proposed")]

    def approve(self, office: str, subject: str, note: str, now: datetime) -> list[Event]:
        self._go("approve")
        signature = {"office": office, "subject": subject, "note": note, "at": now.isoformat()}
        self.approvals = [*self.approvals, signature]
        fact = DecisionApproved(
            version=self.touch(), number=self.number, sha256=self.sha256, office=office, note=note, **self._about()
        )
        return [fact, *self.task_done("approved")]

    def send_back(self, office: str, reason: str) -> list[Event]:
        """An office of the chain does not approve."""
        return self._back("return", office, reason)

    def reopen(self, reason: str) -> list[Event]:
        """An objection is upheld: the list cannot stay as it is, nor a newer one that is being approved meanwhile."""
        return self._back("reopen", "", reason)

    def publish(self, now: datetime, days: int) -> DecisionPublished:
        self._go("publish")
        self.notice_from, self.notice_until = now, rules.end_of(now, days)
        about = self._about() | {"label": SecurityLabel(self.label)}
        return DecisionPublished(
            version=self.touch(), number=self.number, sha256=self.sha256, until=self.notice_until, **about
        )

    def finalise(self, now: datetime) -> list[Event]:
        self._go("finalise")
        self.final_at = now
        fact = DecisionFinal(version=self.touch(), number=self.number, sha256=self.sha256, **self._about())
        return [fact, *self.task_done("final")]

    def approval_due(self, step: dict[str, Any]) -> TaskAssigned:
        """The next office of the chain is to sign or to return it."""
        title = S_("Approve the decision on “%(title)s”", title=self.call_title)
        place = UUID(step["organisation_id"]) if step.get("organisation_id") else None
        return self._task("decision.approve", title, Role(step["role"]), place)

    def revision_due(self) -> TaskAssigned:
        """The programme office is to decide again."""
        title = S_("Decide again on “%(title)s”", title=self.call_title)
        return self._task("decision.revise", title, Role.PROGRAMME_OFFICER, self.office_id)

    def task_done(self, outcome: str) -> list[Event]:
        """The open task is over; nothing where none was open."""
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._task_frame(task_id, self.task_title), version=2, outcome=outcome)]

    def _back(self, verb: str, office: str, reason: str) -> list[Event]:
        self._go(verb)
        self.state_reason = reason
        fact = DecisionReturned(version=self.touch(), number=self.number, office=office, reason=reason, **self._about())
        return [fact, *self.task_done("returned"), self.revision_due()]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _task(self, kind: str, title: str, role: Role, organisation_id: UUID | None) -> TaskAssigned:
        self.task_id, self.task_title = new_id(), title
        return TaskAssigned(
            **self._task_frame(self.task_id, title),
            version=1,
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/calls/{self.call_id}/decision",
            about=self.ref,
        )

    def _about(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "call_id": self.call_id,
            "title": self.call_title,
            "label": max(SecurityLabel(self.label), SecurityLabel.INTERNAL, key=lambda one: one.rank),
            "owners": (self.office_id,) if self.office_id else (),
            "arises_from": (ThingRef(kind="call", id=self.call_id),),
        }

    def _task_frame(self, task_id: UUID, title: str) -> dict[str, Any]:
        frame = self._about() | {"id": task_id, "title": title, "arises_from": (self.ref,)}
        del frame["call_id"]
        return frame
