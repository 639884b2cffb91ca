"""An amendment of a released call, from being asked for to being signed by each office or not.

Its facts are the tasks it gives and closes, and, once signed, the call's own: before, nobody outside may know of it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.amendments import rules
from services.project_management.amendments.rules import State
from services.project_management.calls.model import Call
from services.project_management.calls.rules import draft_label
from services.project_management.tables import Aggregate
from shared.contracts.base import Event
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel


class Amendment(Aggregate, table=True):
    __tablename__ = "call_amendments"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'declined', 'withdrawn')", name="call_amendments_state"),
        CheckConstraint("(state = 'approved') = (call_version IS NOT NULL)", name="call_amendments_version"),
        Index("call_amendments_one_waits", "call_id", unique=True, postgresql_where="state = 'requested'"),
        Index("call_amendments_call", "call_id", "id"),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    reason: str
    proposal: dict[str, Any] = Field(sa_type=Json)
    """Column of the call → what it is to be."""
    state: str = State.REQUESTED.value
    chain: list[dict[str, Any]] = Field(sa_type=Json)
    """Who signs it, in order: the offices of the call when it was asked for."""
    signatures: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """In order: office, subject, at, note."""
    answer: str = ""
    requested_by: str
    judged_by: str | None = None
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    call_version: int | None = None
    """The version of the call that followed."""
    task_id: UUID | None = None

    def signature_due(self, call: Call) -> TaskAssigned:
        """The office whose turn it is, is to sign; not who asked for it, nor who has signed."""
        self.task_id, step = new_id(), self.chain[len(self.signatures)]
        return TaskAssigned(
            **self._task(call),
            version=1,
            role=Role(step["role"]),
            organisation_id=UUID(step["organisation_id"]) if step.get("organisation_id") else None,
            except_for=tuple(sorted({self.requested_by, *(one["subject"] for one in self.signatures)})),
            kind="call.amendment",
            url=f"/projects/calls/{call.id}/amendment",
            due_at=None,
            about=call.ref,
        )

    def go(self, verb: str, call: Call, *, answer: str, subject: str, now: datetime) -> list[Event]:
        """Sign, approve, decline or withdraw it; after a signature that is not the last, the next office is asked."""
        self.state = rules.next_state(verb, State(self.state)).value
        if verb in ("sign", "approve"):
            office = self.chain[len(self.signatures)]["office"]
            signature = {"office": office, "subject": subject, "note": answer, "at": now.isoformat()}
            self.signatures = [*self.signatures, signature]
        self.touch()
        if verb == "sign":
            return [*self._done(call, "signed"), self.signature_due(call)]
        self.answer, self.judged_by, self.judged_at = answer, subject, now
        self.call_version = (call.released_version or 0) + 1 if verb == "approve" else None
        return self._done(call, self.state)

    def _done(self, call: Call, outcome: str) -> list[Event]:
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**(self._task(call) | {"id": task_id}), version=2, outcome=outcome)] if task_id else []

    def _task(self, call: Call) -> dict[str, Any]:
        return {
            "id": self.task_id,
            "title": rules.title_of(call.title),
            "label": draft_label(SecurityLabel(call.label)),
            "owners": (call.organisation_id,),
            "arises_from": (call.ref,),
        }


def stored(values: dict[str, Any]) -> dict[str, Any]:
    """Columns as JSON keeps them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def columns(proposal: dict[str, Any]) -> dict[str, Any]:
    """The same as the call's row has them."""
    read: dict[str, Any] = {}
    for name, value in proposal.items():
        if name == "closes_at":
            read[name] = datetime.fromisoformat(value)
        else:
            read[name] = Decimal(value) if name.endswith("_amount") else value
    return read
