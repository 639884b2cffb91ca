"""A partner that left after the submission, and what became of its part. Its facts are facts of the application."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.applications.model import Application, Partner
from services.project_management.departures import rules
from services.project_management.departures.rules import State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event
from shared.contracts.projects import DepartureSettled, PartnerLeft, SuccessorAsked, TaskAssigned, TaskDone
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import OrgRef, Role

_STATES = ", ".join(f"'{state.value}'" for state in State)


class Departure(Aggregate, table=True):
    """`trace` can be run again with `rules.anew`; `content` is the canonical JSON that `sha256` was taken of."""

    __tablename__ = "application_departures"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="application_departures_state"),
        CheckConstraint(
            "state NOT IN ('replaced', 'taken_over') OR sha256 IS NOT NULL", name="application_departures_record"
        ),
        Index("application_departures_application", "application_id"),
        Index("application_departures_call", "call_id"),
        Index("application_departures_due", "due_at", postgresql_where="state IN ('open', 'asked')"),
        Index(
            "application_departures_one_open",
            "application_id",
            "organisation_id",
            unique=True,
            postgresql_where="state IN ('open', 'asked')",
        ),
    )

    application_id: UUID = Field(foreign_key="applications.id")
    call_id: UUID
    organisation_id: UUID
    name: str
    reason: str
    left_by: str
    state: str = State.OPEN.value
    first_due_at: datetime = Field(sa_type=UtcDateTime)
    """As the rule set it; `due_at` is later where an outage took time from it."""
    due_at: datetime = Field(sa_type=UtcDateTime)
    successor_id: UUID | None = None
    successor_name: str = ""
    how: str = ""
    """What the lead says of how the part is done."""
    submitted_amount: Decimal = Field(sa_type=MoneyAmount)
    """What was asked for when the partner left."""
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trace: dict[str, Any] | None = Field(default=None, sa_type=Json)
    content: str = ""
    """Who takes part since, word for word, beside the submitted version, which stays as it was."""
    sha256: str | None = None
    task_id: UUID | None = None

    @property
    def left(self) -> OrgRef:
        return OrgRef(id=str(self.organisation_id), name=self.name)

    @property
    def waits(self) -> bool:
        return State(self.state) in rules.WAITING

    def said(self, application: Application, partners: Sequence[Partner]) -> list[Event]:
        """The partner has left; its lead is asked what now."""
        fact = PartnerLeft(
            version=application.touch(),
            partner=self.left,
            reason=self.reason,
            due_at=self.due_at,
            **application.frame(partners),
        )
        return [fact, self._ask_lead(application, partners)]

    def ask(self, application: Application, partners: Sequence[Partner], successor: Partner, how: str) -> list[Event]:
        self._go("ask")
        self.successor_id, self.successor_name, self.how = successor.organisation_id, successor.name, how
        fact = SuccessorAsked(
            version=application.touch(), partner=self.left, successor=successor.ref, **application.frame(partners)
        )
        return [fact, *self._done(application, partners, "asked")]

    def refuse(self, application: Application, partners: Sequence[Partner]) -> list[Event]:
        """Whoever was asked does not take the part; the lead is to answer again."""
        self._go("refuse")
        self.successor_id, self.successor_name = None, ""
        return [self._ask_lead(application, partners)]

    def settle(
        self,
        verb: str,
        application: Application,
        partners: Sequence[Partner],
        *,
        subject: str = "",
        now: datetime,
        record: tuple[str, str] | None = None,
    ) -> list[Event]:
        """It is over: replaced or taken over with its record, lapsed, or ended with the application."""
        self._go(verb)
        self.answered_by, self.answered_at = subject or None, now
        if record:
            self.content, self.sha256 = record
        replaced = self.state == State.REPLACED.value
        successor = OrgRef(id=str(self.successor_id), name=self.successor_name) if replaced else None
        outcome: Any = self.state
        fact = DepartureSettled(
            version=application.touch(),
            partner=self.left,
            outcome=outcome,
            successor=successor,
            requested=application.requested_amount,
            currency=application.requested_currency,
            sha256=self.sha256 or "",
            **application.frame(partners),
        )
        return [fact, *self._done(application, partners, self.state)]

    def lengthen(self, application: Application, partners: Sequence[Partner], due_at: datetime) -> list[Event]:
        """An outage took time from it: whoever is to answer, the lead or who is asked, is given the new day."""
        self.due_at = due_at
        self.touch()
        if self.task_id is not None:
            return [*self._done(application, partners, "lengthened"), self._ask_lead(application, partners)]
        said: list[Event] = []
        for one in partners:
            if one.departure_id == self.id and (done := application.consent_done(one, partners, "lengthened")):
                said += [done, application.ask(one, partners, due_at)]
        return said

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value
        self.touch()

    def _ask_lead(self, application: Application, partners: Sequence[Partner]) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self._task(application, partners, self.task_id),
            version=1,
            role=Role.APPLICANT,
            organisation_id=application.lead_id,
            kind="application.departure",
            url=f"/projects/applications/{application.id}/departures",
            due_at=self.due_at,
            about=application.ref,
        )

    def _done(self, application: Application, partners: Sequence[Partner], outcome: str) -> list[Event]:
        if self.task_id is None:
            return []
        task_id, self.task_id = self.task_id, None
        return [TaskDone(**self._task(application, partners, task_id), version=2, outcome=outcome)]

    def _task(self, application: Application, partners: Sequence[Partner], task_id: UUID) -> dict[str, Any]:
        title = S_("A partner has left “%(title)s”: say who takes its part", title=application.title)
        return application.frame(partners) | {"id": task_id, "title": title, "arises_from": (application.ref,)}
