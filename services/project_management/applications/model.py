"""An application, its partners, its submitted versions, and their transitions."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.project_management.applications import rules
from services.project_management.applications.duties import Duties
from services.project_management.tables import Base
from shared.contracts.base import ThingRef
from shared.contracts.projects import (
    ApplicationChecked,
    ApplicationDocumentAttached,
    ApplicationDrafted,
    ApplicationEdited,
    ApplicationReturned,
    ApplicationStands,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AwardDecided,
    PartnerAnswered,
    ReviewCompleted,
    TaskAssigned,
    TaskDone,
)
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Money, OrgRef, Role

_STATES = ", ".join(f"'{state.value}'" for state in rules.State)


class Partner(Base, table=True):
    """An organisation that is asked to take part, and what it answered."""

    __tablename__ = "application_partners"
    __table_args__ = (
        CheckConstraint("answer IN ('pending', 'consented', 'refused')", name="application_partners_answer"),
        Index("application_partners_organisation", "organisation_id"),
    )

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    organisation_id: UUID = Field(primary_key=True)
    position: int = 0
    name: str
    answer: str = rules.Answer.PENDING.value
    reason: str = ""
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Until when the open request is to be answered."""
    departure_id: UUID | None = None
    """The departure that it is asked to make good, after the submission; None once it has consented."""
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when it takes no part: it left, or did not join after all. The row stays: who saw it has a part in it."""

    @property
    def ref(self) -> OrgRef:
        return OrgRef(id=str(self.organisation_id), name=self.name)


class ApplicationVersion(Base, table=True):
    """What was submitted, word for word: `content` is the canonical JSON that `sha256` was taken of."""

    __tablename__ = "application_versions"

    application_id: UUID = Field(primary_key=True, foreign_key="applications.id")
    number: int = Field(primary_key=True)
    content: str
    sha256: str
    submitted_by: str
    submitted_at: datetime = Field(sa_type=UtcDateTime)


class Application(Duties, table=True):
    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="applications_state"),
        CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="applications_label"),
        CheckConstraint("requested_amount > 0", name="applications_requested"),
        CheckConstraint("state = 'draft' OR state = 'withdrawn' OR sha256 IS NOT NULL", name="applications_snapshot"),
        Index("applications_call", "call_id", "state"),
        Index("applications_lead", "lead_id"),
        Index("applications_returned", "return_due_at", postgresql_where="state = 'returned'"),
        Index("applications_list", "created_at", "id"),
        Index("applications_touched", "id", postgresql_where="touched"),
        Index("applications_remind", "hand_in_remind_at", postgresql_where="hand_in_task_id IS NOT NULL"),
        Index("applications_leader", text("coalesce(leader, drafted_by)")),
    )

    call_version: int = 1
    """The version of the call that its applicants have seen."""
    abstract: str = ""
    field: str = ""
    """Field of research; empty where it is the call's."""
    requested_amount: Decimal = Field(sa_type=MoneyAmount)
    requested_currency: str
    lead_name: str
    state_reason: str = ""
    drafted_by: str
    leader: str | None = None
    """The account of who leads its people (`teams`); None where nobody was named: who drafted it."""
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_version: int | None = None
    sha256: str | None = None
    eligibility: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The DecisionTrace on which the submission was let through."""
    returned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    earlier_id: UUID | None = None
    """The application that this one hands in again, to another call."""
    checked_by: str | None = None
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def requested(self) -> Money:
        return Money(amount=self.requested_amount, currency=self.requested_currency)

    @property
    def lead(self) -> OrgRef:
        return OrgRef(id=str(self.lead_id), name=self.lead_name)

    def parties(self, partners: Sequence[Partner]) -> frozenset[UUID]:
        """Everybody who has a part in it, or had: none of them oversees it."""
        return frozenset({self.lead_id, *(partner.organisation_id for partner in partners)})

    def drafted(self, partners: Sequence[Partner]) -> ApplicationDrafted:
        frame = self.frame(partners)
        if self.earlier_id:
            frame["arises_from"] = (*frame["arises_from"], ThingRef(kind="application", id=self.earlier_id))
        return ApplicationDrafted(version=self.version, call_id=self.call_id, lead=self.lead, **frame)

    def edited(self, changed: Sequence[str], partners: Sequence[Partner]) -> ApplicationEdited:
        """The fact of a change that the action has made (values, or the list of partners)."""
        rules.writing(rules.State(self.state))
        return ApplicationEdited(version=self.touch(), changed=tuple(changed), **self.frame(partners))

    def document_attached(
        self, document_id: UUID, filename: str, sha256: str, partners: Sequence[Partner]
    ) -> ApplicationDocumentAttached:
        rules.writing(rules.State(self.state))
        return ApplicationDocumentAttached(
            version=self.touch(),
            document_id=document_id,
            filename=filename,
            sha256=sha256,
            **self.frame(partners),
        )

    def ask(self, partner: Partner, partners: Sequence[Partner], due_at: datetime) -> TaskAssigned:
        """Ask a partner (again) to consent."""
        partner.answer = rules.Answer.PENDING.value
        partner.reason, partner.answered_by, partner.answered_at = "", None, None
        partner.task_id, partner.due_at = new_id(), due_at
        return TaskAssigned(
            **self._task(partner.task_id, 1, S_("Consent to take part in “%(title)s”", title=self.title), partners),
            role=Role.REPRESENTATIVE,
            organisation_id=partner.organisation_id,
            kind="application.consent",
            url=f"/projects/applications/{self.id}",
            due_at=due_at,
            about=self.ref,
        )

    def answer(
        self,
        partner: Partner,
        partners: Sequence[Partner],
        *,
        decision: Literal["consent", "refuse"],
        reason: str,
        subject: str,
        now: datetime,
    ) -> PartnerAnswered:
        if partner.departure_id is None:
            rules.writing(rules.State(self.state))
        partner.answer = rules.DECISIONS[decision].value
        partner.reason, partner.answered_by, partner.answered_at = reason, subject, now
        return PartnerAnswered(
            version=self.touch(), partner=partner.ref, decision=decision, reason=reason, **self.frame(partners)
        )

    def consent_done(self, partner: Partner, partners: Sequence[Partner], outcome: str) -> TaskDone | None:
        """The open request for consent is over; None when there is none."""
        if partner.task_id is None:
            return None
        task_id, partner.task_id = partner.task_id, None
        frame = self._task(task_id, 2, S_("Consent to take part in “%(title)s”", title=self.title), partners)
        return TaskDone(outcome=outcome, **frame)

    def submit(
        self, partners: Sequence[Partner], *, now: datetime, sha256: str, eligibility: dict[str, Any]
    ) -> ApplicationSubmitted:
        self._go("submit")
        self.state_reason = ""
        self.submitted_at = now
        self.submitted_version = (self.submitted_version or 0) + 1
        self.sha256 = sha256
        self.eligibility = eligibility
        return ApplicationSubmitted(
            version=self.touch(),
            call_id=self.call_id,
            lead=self.lead,
            partners=tuple(partner.ref for partner in partners if partner.left_at is None),
            requested=self.requested_amount,
            currency=self.requested_currency,
            sha256=sha256,
            **self.frame(partners),
        )

    def check(self, partners: Sequence[Partner], subject: str, note: str, now: datetime) -> ApplicationChecked:
        self._go("check")
        self.checked_by, self.checked_at = subject, now
        return ApplicationChecked(version=self.touch(), call_id=self.call_id, note=note, **self.frame(partners))

    def send_back(
        self, partners: Sequence[Partner], *, reason: str, now: datetime, due_at: datetime
    ) -> tuple[ApplicationReturned, TaskAssigned]:
        """The office asks for what is missing, by a time."""
        self._go("return")
        self.state_reason, self.returned_at, self.checked_by, self.checked_at = reason, now, None, None
        return self.due(partners, due_at)

    def due(self, partners: Sequence[Partner], due_at: datetime) -> tuple[ApplicationReturned, TaskAssigned]:
        """It can be completed until then: said when it is returned, and again when an outage took time from it."""
        rules.next_state("complete", rules.State(self.state))
        self.return_due_at, self.completion_task_id, reason = due_at, new_id(), self.state_reason
        fact = ApplicationReturned(
            version=self.touch(), call_id=self.call_id, reason=reason, due_at=due_at, **self.frame(partners)
        )
        task = TaskAssigned(
            **self._task(
                self.completion_task_id, 1, S_("Complete the application “%(title)s”", title=self.title), partners
            ),
            role=Role.APPLICANT,
            organisation_id=self.lead_id,
            kind="application.complete",
            url=f"/projects/applications/{self.id}",
            due_at=due_at,
            about=self.ref,
        )
        return fact, task

    def stand(self, partners: Sequence[Partner], reason: str, content: dict[str, Any]) -> ApplicationStands:
        """What was handed in counts again, and what was begun since is given up."""
        self._go("stand")
        self.state_reason = reason
        self.abstract, self.field = content.get("abstract", self.abstract), content.get("field", self.field)
        answers = {one["id"]: one["answer"] for one in content.get("partners", [])}
        for partner in partners:
            if partner.departure_id is None:  # whoever joined since the submission had consented as well
                partner.answer = answers.get(str(partner.organisation_id), rules.Answer.CONSENTED.value)
        return ApplicationStands(
            version=self.touch(),
            call_id=self.call_id,
            reason=reason,
            sha256=self.sha256 or "",
            **self.frame(partners),
        )

    def reviewed(self, partners: Sequence[Partner], reviews: int) -> ReviewCompleted:
        """All reviews are in."""
        self._go("review")
        return ReviewCompleted(version=self.touch(), call_id=self.call_id, reviews=reviews, **self.frame(partners))

    def decide(
        self,
        partners: Sequence[Partner],
        *,
        outcome: Literal["funded", "reserve", "declined"],
        amount: Decimal,
        reason: str,
    ) -> AwardDecided:
        """`amount` is what is granted; zero unless funded."""
        self._go(rules.OUTCOMES[outcome])
        self.state_reason = reason
        return AwardDecided(
            version=self.touch(),
            call_id=self.call_id,
            lead=self.lead,
            outcome=outcome,
            amount=amount,
            currency=self.requested_currency,
            reason=reason,
            **self.frame(partners),
        )

    def withdraw(self, partners: Sequence[Partner], reason: str) -> ApplicationWithdrawn:
        self._go("withdraw")
        self.state_reason = reason
        return ApplicationWithdrawn(version=self.touch(), call_id=self.call_id, reason=reason, **self.frame(partners))

    def turn_down(self, partners: Sequence[Partner], reason: str) -> ApplicationWithdrawn:
        """Its lead does not take the award."""
        self._go("turn_down")
        self.state_reason = reason
        return ApplicationWithdrawn(version=self.touch(), call_id=self.call_id, reason=reason, **self.frame(partners))

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, rules.State(self.state)).value
