"""An entry in the ledger, from its proposal to its end."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.standing import rules
from services.project_management.standing.rules import Kind, Of, Sort, State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import StandingChanged
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.clock import local_day
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.types import OrgRef, Role, SecurityLabel

TIME_TO_JUDGE = timedelta(days=14)
"""For the office to give notice of a proposal, and to put in force what was answered."""


class Entry(Aggregate, table=True):
    __tablename__ = "standing_entries"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'noticed', 'in_force', 'appealed', 'upheld', 'lifted', 'expired', 'withdrawn')",
            name="standing_entries_state",
        ),
        CheckConstraint("subject_kind IN ('organisation', 'team')", name="standing_entries_subject"),
        CheckConstraint("(subject_kind = 'team') = (leader IS NOT NULL)", name="standing_entries_leader"),
        CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="standing_entries_label"),
        CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR noticed_at IS NOT NULL", name="standing_entries_noticed"
        ),
        CheckConstraint(
            "state IN ('proposed', 'noticed', 'withdrawn') OR (starts_on IS NOT NULL AND ends_on > starts_on)",
            name="standing_entries_term",
        ),
        Index("standing_entries_cause", "cause", unique=True),
        Index("standing_entries_organisation", "organisation_id"),
        Index("standing_entries_leader", "leader"),
    )

    subject_kind: str
    organisation_id: UUID
    organisation_name: str
    leader: str | None = None
    """The person who leads the team; for a team, the effects follow the leader."""
    leader_name: str = ""
    members: list[str] = Field(default_factory=list, sa_type=Json)
    kind: str
    tariff: int = rules.TARIFF
    reason: str
    evidence: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """{"kind": …, "id": …, "title": …} of the project, milestone or evaluation that shows it."""
    cause: str | None = None
    """What proposed it by rule, so that the same thing proposes once."""
    by_rule: str = ""
    """The rule that proposed it; empty where an officer did."""
    office_id: UUID
    label: str = SecurityLabel.INTERNAL.value
    state: str = State.PROPOSED.value
    proposed_by: str
    noticed_by: str | None = None
    noticed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    enforced_by: str | None = None
    note: str = ""
    """The office's words when it put the entry in force or withdrew it."""
    starts_on: date | None = None
    ends_on: date | None = None
    appeal_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    appeal: str = ""
    appealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ruling: str = ""
    ruled_by: str | None = None
    ruled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    annulment: str = ""
    """Why it was annulled: what it rests on was decided anew. A ruling on its appeal stays as it was."""
    annulled_by: str | None = None
    annulled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trace: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The DecisionTrace of what the ledger came to for the subject when this entry last began or ceased to count."""
    task_id: UUID | None = None
    task_title: str = ""
    task_kind: str = ""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="standing", id=self.id)

    @property
    def sort(self) -> Sort:
        return rules.tariff_of(self.kind, self.tariff).sort

    @property
    def what(self) -> str:
        return rules.WHAT[Kind(self.kind)]

    @property
    def subject(self) -> str:
        """What the subject is called."""
        return f"{self.leader_name}, {self.organisation_name}" if self.leader else self.organisation_name

    @property
    def owners(self) -> frozenset[UUID]:
        return frozenset({self.organisation_id})

    def proposed(self, now: datetime) -> list[Event]:
        return [
            self._fact(self.version, self.reason),
            self._ask(
                "standing.judge",
                S_("Give notice, or withdraw: %(what)s, %(name)s", what=self.what, name=self.subject),
                Role.PROGRAMME_OFFICER,
                self.office_id,
                now + TIME_TO_JUDGE,
            ),
        ]

    def notice(self, subject: str, now: datetime, days: int) -> list[Event]:
        """Tell the subject, who has so many days to answer; a reward needs no answer."""
        self._go("notice")
        done = self._done("noticed")
        self.noticed_by, self.noticed_at = subject, now
        if self.sort is Sort.REWARD:
            self.answer_due_at = now
            return [*done, self._fact(self.touch(), self.reason), self._to_enforce(now)]
        self.answer_due_at = now + timedelta(days=days)
        title = S_("Answer the notice: %(what)s", what=self.what)
        task = self._ask("standing.answer", title, Role.REPRESENTATIVE, self.organisation_id, self.answer_due_at)
        return [*done, self._fact(self.touch(), self.reason), task]

    def reply(self, text: str, subject: str, now: datetime, began: datetime) -> list[Event]:
        """`began` is when it was sent. Raises EntryNotReady, AnswerTooLate."""
        self._go("answer")
        if self.sort is Sort.REWARD:
            raise rules.EntryNotReady(N_("A reward needs no answer: the office puts it in force."))
        if self.answered_at is not None:
            raise rules.EntryNotReady(N_("The notice is answered already."))
        if self.answer_due_at is not None and began >= self.answer_due_at:
            raise rules.AnswerTooLate(
                N_("The time to answer is over. If the entry comes into force, you may appeal for 30 days.")
            )
        self.answer, self.answered_by, self.answered_at = text, subject, now
        return [*self._done("answered"), self._fact(self.touch(), N_("The notice is answered.")), self._to_enforce(now)]

    def time_passed(self, now: datetime) -> list[Event]:
        """The time to answer is over: the office goes on."""
        return [*self._done("not answered"), self._to_enforce(now)]

    def enforce(self, subject: str, note: str, now: datetime) -> list[Event]:
        """From today on, for as long as its tariff says."""
        self._go("enforce", over=self.answer_due_at is not None and now >= self.answer_due_at)
        self.enforced_by, self.note, self.starts_on = subject, note, local_day(now)
        self.ends_on = rules.months_later(self.starts_on, rules.tariff_of(self.kind, self.tariff).months)
        found = [*self._done("in force"), self._fact(self.touch(), self.reason)]
        if self.sort is Sort.PUNISHMENT:
            self.appeal_until = now + timedelta(days=rules.APPEAL_DAYS)
            title = S_("In force, can be appealed: %(what)s", what=self.what)
            role, where = Role.REPRESENTATIVE, self.organisation_id
            found.append(self._ask("standing.appeal", title, role, where, self.appeal_until))
        return found

    def withdraw(self, reason: str) -> list[Event]:
        self._go("withdraw")
        self.note = reason
        return [*self._done("withdrawn"), self._fact(self.touch(), reason)]

    def make_appeal(self, text: str, now: datetime) -> list[Event]:
        """Raises EntryNotReady, AppealTooLate."""
        self._go("appeal")
        self.appeal, self.appealed_at = text, now
        done = self._done("appealed")
        title = S_("Decide the appeal: %(what)s, %(name)s", what=self.what, name=self.subject)
        due = now + timedelta(days=rules.DECISION_DAYS)
        task = self._ask("standing.decide", title, Role.COORDINATOR, None, due)
        return [*done, self._fact(self.touch(), text), task]

    def rule(self, verb: str, reason: str, subject: str, now: datetime) -> list[Event]:
        """Uphold or lift. Raises EntryNotReady, OwnEntry."""
        self._go(verb)
        self.ruling, self.ruled_by, self.ruled_at = reason, subject, now
        return [*self._done(self.state), self._fact(self.touch(), reason)]

    def annul(self, reason: str, subject: str, now: datetime) -> list[Event]:
        self._go("annul")
        self.annulment, self.annulled_by, self.annulled_at = reason, subject, now
        return [*self._done("annulled"), self._fact(self.touch(), reason)]

    def expire(self) -> list[Event]:
        self._go("expire")
        return [*self._done("expired"), self._fact(self.touch(), N_("Its time has passed."))]

    def appeal_time_passed(self) -> list[Event]:
        return list(self._done("not appealed"))

    def _go(self, verb: str, *, over: bool = False) -> None:
        after = rules.next_state(verb, State(self.state))
        if verb == "enforce":
            rules.require_answered(sort=self.sort, answered=self.answered_at is not None, over=over)
        self.state = after.value

    def _to_enforce(self, now: datetime) -> TaskAssigned:
        title = S_("Put in force, or withdraw: %(what)s, %(name)s", what=self.what, name=self.subject)
        due = now + TIME_TO_JUDGE
        return self._ask("standing.enforce", title, Role.PROGRAMME_OFFICER, self.office_id, due)

    def _fact(self, version: int, reason: str) -> StandingChanged:
        return StandingChanged(
            **self._frame(),
            version=version,
            subject=OrgRef(id=str(self.organisation_id), name=self.organisation_name),
            of=Of(self.subject_kind).value,
            sort=self.sort.value,
            kind=Kind(self.kind).value,
            now=State(self.state).value,
            rule=rules.cited(self.kind, self.tariff),
            reason=reason,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )

    def _frame(self) -> dict[str, Any]:
        """Until the notice only the office knows."""
        evidence = self.evidence
        return {
            "id": self.id,
            "title": S_("Ledger entry: %(what)s", what=self.what),
            "label": SecurityLabel(self.label),
            "owners": (self.office_id,) if self.noticed_at is None else (self.office_id, self.organisation_id),
            "arises_from": (ThingRef(kind=evidence["kind"], id=UUID(evidence["id"])),) if evidence else (),
        }

    def _ask(self, kind: str, title: str, role: Role, organisation_id: UUID | None, due_at: datetime) -> TaskAssigned:
        self.task_id, self.task_title, self.task_kind = new_id(), title, kind
        return TaskAssigned(
            **self._task_frame(self.task_id),
            version=1,
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/standing/{self.id}",
            due_at=due_at,
            about=self.ref,
        )

    def _task_frame(self, task_id: UUID) -> dict[str, Any]:
        return self._frame() | {"id": task_id, "title": self.task_title, "arises_from": (self.ref,)}

    def _done(self, outcome: str) -> list[TaskDone]:
        if self.task_id is None:
            return []
        task_id, self.task_id, self.task_kind = self.task_id, None, ""
        return [TaskDone(**self._task_frame(task_id), version=2, outcome=outcome)]
