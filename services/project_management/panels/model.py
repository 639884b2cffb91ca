"""A panel meeting, its members and its agenda. What it says names no member: who sat is for panel and offices."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.panels import rules
from services.project_management.panels.rules import State
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_awards import PanelCancelled, PanelClosed, PanelConvened, PanelOpened
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

_STATES = ", ".join(f"'{state.value}'" for state in State)


class Panel(Aggregate, table=True):
    """`content` is the canonical JSON of the minutes that `sha256` was taken of."""

    __tablename__ = "panels"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="panels_state"),
        CheckConstraint("(state = 'closed') = (sha256 IS NOT NULL)", name="panels_minutes"),
        Index("panels_one", "call_id", unique=True, postgresql_where="state IN ('convened', 'in_session')"),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    call_title: str
    office_id: UUID
    office_name: str
    label: str
    state: str = State.CONVENED.value
    state_reason: str = ""
    meets_at: datetime = Field(sa_type=UtcDateTime)
    place: str
    convened_by: str
    content: str = ""
    sha256: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="panel", id=self.id)

    def convened(self) -> PanelConvened:
        return PanelConvened(version=self.version, meets_at=self.meets_at, **self._about())

    def open(self) -> PanelOpened:
        self._go("open")
        return PanelOpened(version=self.touch(), **self._about())

    def close(self, content: str, sha256: str, now: datetime) -> PanelClosed:
        self._go("close")
        self.content, self.sha256, self.closed_at = content, sha256, now
        return PanelClosed(version=self.touch(), sha256=sha256, **self._about())

    def cancel(self, reason: str) -> PanelCancelled:
        self._go("cancel")
        self.state_reason = reason
        return PanelCancelled(version=self.touch(), reason=reason, **self._about())

    def work_on(self, verb: str) -> None:
        """A change within the meeting; it becomes a fact with the minutes."""
        self._go(verb)
        self.touch()

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _about(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "call_id": self.call_id,
            "title": self.call_title,
            "label": SecurityLabel(self.label),
            "owners": (self.office_id,),
            "arises_from": (ThingRef(kind="call", id=self.call_id),),
        }


class PanelMember(Base, table=True):
    """Its tasks are for it alone, confidential as reviews' are."""

    __tablename__ = "panel_members"
    __table_args__ = (Index("panel_members_subject", "subject"),)

    panel_id: UUID = Field(primary_key=True, foreign_key="panels.id")
    person_id: UUID = Field(primary_key=True)
    name: str
    subject: str
    chair: bool = False
    declared: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Application → why the member does not judge it."""
    recused: dict[str, str] | None = Field(default=None, sa_type=Json)
    """Application → why the member may not judge it, all that was found and declared, as the meeting keeps it; none in
    meetings from before it was kept."""
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None
    task_title: str = ""

    def invite(self, panel: Panel) -> TaskAssigned:
        return self._ask(panel, "panel.attend", N_("Sit on a panel"), panel.meets_at)

    def ask_to_confirm(self, panel: Panel) -> TaskAssigned:
        return self._ask(panel, "panel.confirm", N_("Confirm the minutes of a panel"), None)

    def done(self, outcome: str) -> list[Event]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._frame(task_id), version=2, outcome=outcome)]

    def _ask(self, panel: Panel, kind: str, title: str, due_at: datetime | None) -> TaskAssigned:
        self.task_id, self.task_title = new_id(), title
        return TaskAssigned(
            **self._frame(self.task_id),
            version=1,
            subject=self.subject,
            kind=kind,
            url=f"/projects/panels/{panel.id}",
            due_at=due_at,
            about=panel.ref,
        )

    def _frame(self, task_id: UUID) -> dict[str, Any]:
        """It names no call: who learns that somebody sits learns by and by who."""
        return {"id": task_id, "title": self.task_title, "label": SecurityLabel.CONFIDENTIAL}


class PanelItem(Base, table=True):
    """An application on the agenda, as it was ranked when the panel was convened, and what the panel says of it."""

    __tablename__ = "panel_items"
    __table_args__ = (
        CheckConstraint(
            "recommendation IS NULL OR recommendation IN ('fund', 'conditions', 'reserve', 'decline')",
            name="panel_items_recommendation",
        ),
    )

    panel_id: UUID = Field(primary_key=True, foreign_key="panels.id")
    application_id: UUID = Field(primary_key=True)
    number: int
    title: str
    rank: int
    mean: str | None = None
    proposed: str | None = None
    requested_amount: Decimal = Field(sa_type=MoneyAmount)
    requested_currency: str
    recommendation: str | None = None
    note: str = ""
    conditions: str = ""
    reason: str = ""
    in_favour: int = 0
    against: int = 0
    abstained: int = 0
    recorded_by: str | None = None

    def blank(self) -> None:
        """Somebody stepped back: the others say it anew."""
        self.recommendation, self.recorded_by = None, None
        self.note = self.conditions = self.reason = ""
        self.in_favour = self.against = self.abstained = 0
