"""The early end of a project: proposed, answered, decided, and its money settled."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import Side
from services.project_management.tables import Aggregate
from services.project_management.terminations import rules
from services.project_management.terminations.rules import State, Way
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import TerminationChanged
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{one.value}'" for one in State)


class Termination(Aggregate, table=True):
    """`trace` can be run again with `rules.settlement`."""

    __tablename__ = "terminations"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="terminations_state"),
        CheckConstraint("way IN ('office', 'agreement')", name="terminations_way"),
        CheckConstraint("state NOT IN ('settled', 'closed') OR trace IS NOT NULL", name="terminations_trace"),
        Index("terminations_project", "project_id"),
        Index(
            "terminations_one_open",
            "project_id",
            unique=True,
            postgresql_where="state NOT IN ('refused', 'withdrawn', 'kept')",
        ),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    application_id: UUID
    project_title: str
    office_id: UUID
    lead_id: UUID
    parties: list[str] = Field(sa_type=Json)
    label: str
    way: str
    side: str
    """Who proposed it."""
    state: str = State.PROPOSED.value
    reason: str
    rights: str
    answer: str = ""
    """What the other side said."""
    decision: str = ""
    """The office's last words on it."""
    proposed_by: str
    answer_until: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trace: dict[str, Any] | None = Field(default=None, sa_type=Json)
    settled_by: str | None = None
    """Who worked it out, and therefore does not record the payment."""
    kept: Decimal | None = Field(default=None, sa_type=MoneyAmount)
    """What of the award stays with the project for good."""
    reference: str = ""
    """Where it can be seen that the balance was paid."""
    cleared_by: str | None = None
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tasks: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Open task → its title."""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="project", id=self.project_id)

    def proposed(self, project: Project) -> list[Event]:
        if self.way == Way.OFFICE.value:
            title = S_("Say why “%(title)s” should go on", title=self.project_title)
            told = [
                self._ask("termination.answer", title, Role.REPRESENTATIVE, self.lead_id, self.answer_until),
                self._ask("termination.decide", self._deciding, Role.PROGRAMME_OFFICER, self.office_id),
            ]
        else:
            title = S_("Agree that “%(title)s” ends?", title=self.project_title)
            office = rules.other(Side(self.side)) is Side.OFFICE
            role, who = (Role.PROGRAMME_OFFICER, self.office_id) if office else (Role.REPRESENTATIVE, self.lead_id)
            told = [self._ask("termination.agree", title, role, who, self.answer_until)]
        return [self._fact(project, self.reason), *told]

    def kept_running(self, project: Project) -> list[Event]:
        """Born so: the office has looked, and the project goes on."""
        return [self._fact(project, self.reason)]

    def answered(self, project: Project, text: str) -> list[Event]:
        self._go("answer")
        self.answer = text
        return [*self._done("answered"), self._fact(project, text)]

    def end(self, project: Project, verb: str, text: str, subject: str, now: datetime, keeper: Role) -> list[Event]:
        self._go(verb)
        done = self._done("ended")
        if verb == "agree":
            self.answer = text
        else:
            self.decision = text
        self.decided_by, self.decided_at = subject, now
        title = S_("Settle the money of “%(title)s”, which ended", title=self.project_title)
        return [*done, self._fact(project, text), self._ask("termination.settle", title, keeper, self.office_id)]

    def drop(self, project: Project, verb: str, text: str) -> list[Event]:
        self._go(verb)
        if verb == "refuse":
            self.answer = text
        else:
            self.decision = text
        return [*self._done(self.state), self._fact(project, text)]

    def settle(self, project: Project, trace: dict[str, Any], keeper: Role) -> list[Event]:
        self._go("settle")
        done = self._done("settled")
        self.trace, self.kept = trace, Decimal(trace["result"]["kept"])
        title = S_("Confirm the balance of “%(title)s”", title=self.project_title)
        task = self._ask("termination.clear", title, keeper, self.office_id, without=self.settled_by)
        return [*done, self._fact(project, trace["clauses"][-1]["reason"]), task]

    def clear(self, project: Project, reference: str, subject: str, now: datetime) -> list[Event]:
        self._go("clear")
        self.reference, self.cleared_by, self.cleared_at = reference, subject, now
        return [*self._done("closed"), self._fact(project, reference)]

    @property
    def balance(self) -> bool:
        """Whether money has to flow before it is closed."""
        return bool(self.trace) and any(Decimal((self.trace or {})["result"][one]) for one in ("pay_back", "owed"))

    @property
    def _deciding(self) -> str:
        return S_("Decide whether “%(title)s” ends", title=self.project_title)

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state), Way(self.way)).value
        self.touch()

    def _fact(self, project: Project, reason: str) -> TerminationChanged:
        frame = project.frame() | {"version": project.touch()}
        return TerminationChanged(**frame, way=Way(self.way).value, now=State(self.state).value, reason=reason)

    def _ask(
        self,
        kind: str,
        title: str,
        role: Role,
        who: UUID,
        due_at: datetime | None = None,
        *,
        without: str | None = None,
    ) -> TaskAssigned:
        task_id = new_id()
        self.tasks = {**self.tasks, str(task_id): title}
        return TaskAssigned(
            **self._frame(task_id, title, 1),
            role=role,
            organisation_id=who,
            kind=kind,
            url=f"/projects/projects/{self.project_id}/termination",
            due_at=due_at,
            except_for=(without,) if without else (),
            about=self.ref,
        )

    def _done(self, outcome: str) -> Sequence[TaskDone]:
        """Every task of it that is open; the office's own stays while the lead has only answered."""
        over = [(id, title) for id, title in self.tasks.items() if outcome != "answered" or title != self._deciding]
        self.tasks = {id: title for id, title in self.tasks.items() if (id, title) not in over}
        return [TaskDone(**self._frame(UUID(id), title, 2), outcome=outcome) for id, title in over]

    def _frame(self, task_id: UUID, title: str, version: int) -> dict[str, Any]:
        return {
            "id": task_id,
            "version": version,
            "title": title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(UUID(one) for one in self.parties)),
            "arises_from": (self.ref,),
        }
