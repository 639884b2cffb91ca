"""A project with its task book, its milestones, and their transitions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.budgets.model import BudgetLine
from services.project_management.delivery import rules
from services.project_management.delivery.rules import MilestoneState, ProjectState, Side
from services.project_management.snapshots import canonical
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import MilestoneEnded, ProjectTerminated, TrancheApproved
from shared.contracts.projects import (
    EvidenceReturned,
    EvidenceSubmitted,
    MilestoneAccepted,
    ProjectCompleted,
    ProjectStarted,
    TaskAssigned,
    TaskBookDrafted,
    TaskBookSigned,
    TaskDone,
)
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.types import OrgRef, Role, Sector, SecurityLabel

_PROJECTS, _MILESTONES = (", ".join(f"'{one.value}'" for one in kind) for kind in (ProjectState, MilestoneState))


class Project(Aggregate, table=True):
    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint(f"state IN ({_PROJECTS})", name="projects_state"),
        CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="projects_label"),
        CheckConstraint("ends_on > starts_on", name="projects_dates"),
        CheckConstraint("grade IS NULL OR grade IN ('excellent', 'good', 'pass', 'fail')", name="projects_grade"),
        CheckConstraint("(state = 'completed') = (grade IS NOT NULL)", name="projects_completed"),
        CheckConstraint(
            "state NOT IN ('running', 'completed') OR (office_signed_by IS NOT NULL AND lead_signed_by IS NOT NULL)",
            name="projects_signed",
        ),
        Index("projects_lead", "lead_id"),
        Index("projects_list", "created_at", "id"),
    )

    call_id: UUID = Field(foreign_key="calls.id")
    application_id: UUID = Field(foreign_key="applications.id", unique=True)
    title: str
    abstract: str = ""
    office_id: UUID
    lead_id: UUID
    lead_name: str
    partners: list[dict[str, str]] = Field(sa_type=Json)
    """[{"id": …, "name": …}]"""
    field: str
    stage: str
    region: str
    sector: str
    label: str
    amount_amount: Decimal = Field(sa_type=MoneyAmount)
    amount_currency: str
    starts_on: date
    ends_on: date
    state: str = ProjectState.DRAFTED.value
    task_book: str = ""
    """The canonical JSON that `sha256` was taken of: this is what both sides sign."""
    sha256: str = ""
    office_signed_by: str | None = None
    office_signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lead_signed_by: str | None = None
    lead_signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    grade: str | None = None
    grade_reason: str = ""
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    office_task_id: UUID | None = None
    lead_task_id: UUID | None = None

    @property
    def lead(self) -> OrgRef:
        return OrgRef(id=str(self.lead_id), name=self.lead_name)

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="project", id=self.id)

    @property
    def owners(self) -> frozenset[UUID]:
        return frozenset({self.lead_id, *(UUID(one["id"]) for one in self.partners)})

    def draw_up(
        self, milestones: Sequence["Milestone"], budget: Sequence[BudgetLine], more: Mapping[str, Any]
    ) -> tuple[TaskBookDrafted, TaskAssigned, TaskAssigned]:
        """Fix the text to be signed, and ask both sides for their signature."""
        self.task_book, self.sha256 = canonical(
            {
                "title": self.title,
                "application_id": str(self.application_id),
                "lead": self.lead.model_dump(),
                "partners": self.partners,
                "amount": str(self.amount_amount),
                "currency": self.amount_currency,
                "starts_on": self.starts_on.isoformat(),
                "ends_on": self.ends_on.isoformat(),
                "milestones": [one.promise() for one in milestones],
                "budget": [one.promise() for one in budget],
                **{name: list(found) for name, found in more.items() if found},
            }
        )
        self.office_task_id, self.lead_task_id = new_id(), new_id()
        drafted = TaskBookDrafted(
            version=self.version,
            call_id=self.call_id,
            application_id=self.application_id,
            lead=self.lead,
            sha256=self.sha256,
            **self.frame(),
        )
        office = self._task(self.office_task_id, self._signing, "project.sign", Role.PROGRAMME_OFFICER, self.office_id)
        lead = self._task(self.lead_task_id, self._signing, "project.sign", Role.REPRESENTATIVE, self.lead_id)
        return drafted, office, lead

    def sign(self, side: Side, subject: str, now: datetime) -> tuple[TaskBookSigned, TaskDone | None]:
        """Raises ProjectNotReady, SignedAlready, also when one person would sign for both sides."""
        rules.project_after("sign", ProjectState(self.state))
        if self.signed_by(side):
            raise rules.SignedAlready(N_("This side has signed the task book. It waits for the other side."))
        if subject in (self.office_signed_by, self.lead_signed_by):
            raise rules.SignedAlready(
                N_("You have signed for the other side. Another person has to sign for this one.")
            )
        if side is Side.OFFICE:
            self.office_signed_by, self.office_signed_at = subject, now
            task_id, self.office_task_id = self.office_task_id, None
        else:
            self.lead_signed_by, self.lead_signed_at = subject, now
            task_id, self.lead_task_id = self.lead_task_id, None
        signed = TaskBookSigned(version=self.touch(), side=side.value, sha256=self.sha256, **self.frame())
        return signed, self._done(task_id, self._signing)

    def signed_by(self, side: Side) -> str | None:
        return self.office_signed_by if side is Side.OFFICE else self.lead_signed_by

    @property
    def fully_signed(self) -> bool:
        return bool(self.office_signed_by and self.lead_signed_by)

    def start(self, now: datetime) -> ProjectStarted:
        self.state, self.started_at = rules.project_after("start", ProjectState(self.state)).value, now
        return ProjectStarted(
            version=self.touch(),
            call_id=self.call_id,
            application_id=self.application_id,
            lead=self.lead,
            partners=tuple(OrgRef(**one) for one in self.partners),
            field=self.field,
            stage=self.stage,
            region=self.region,
            sector=Sector(self.sector),
            amount=self.amount_amount,
            currency=self.amount_currency,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            **self.frame(),
        )

    def judgement_due(self) -> TaskAssigned:
        """Every milestone is accepted: the office completes the project."""
        self.office_task_id = id = new_id()
        return self._task(id, self._completing, "project.complete", Role.PROGRAMME_OFFICER, self.office_id)

    def complete(self, grade: rules.Grade, reason: str, now: datetime) -> tuple[ProjectCompleted, TaskDone | None]:
        self.state = rules.project_after("complete", ProjectState(self.state)).value
        self.grade, self.grade_reason, self.completed_at = grade.value, reason, now
        task_id, self.office_task_id = self.office_task_id, None
        fact = ProjectCompleted(version=self.touch(), lead=self.lead, grade=grade.value, reason=reason, **self.frame())
        return fact, self._done(task_id, self._completing)

    def terminate(self, reason: str) -> list[Event]:
        """Over before it is delivered; nobody signs or completes it any more."""
        titles = {ProjectState.RUNNING: self._completing, ProjectState.RETURNED: self.correcting}
        title = titles.get(ProjectState(self.state), self._signing)
        self.state = rules.project_after("terminate", ProjectState(self.state)).value
        done = [self._done(one, title) for one in (self.office_task_id, self.lead_task_id)]
        self.office_task_id = self.lead_task_id = None
        ended = ProjectTerminated(version=self.touch(), lead=self.lead, reason=reason, **self.frame())
        return [ended, *filter(None, done)]

    def frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(self.owners)),
            "arises_from": (ThingRef(kind="application", id=self.application_id),),
        }

    @property
    def _signing(self) -> str:
        return S_("Sign the task book of “%(title)s”", title=self.title)

    @property
    def correcting(self) -> str:
        return S_("Correct the task book of “%(title)s”", title=self.title)

    @property
    def _completing(self) -> str:
        return S_("Complete the project “%(title)s”", title=self.title)

    def _task(self, task_id: UUID, title: str, kind: str, role: Role, organisation_id: UUID) -> TaskAssigned:
        return TaskAssigned(
            **self.frame() | {"id": task_id, "version": 1, "title": title, "arises_from": (self.ref,)},
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/projects/{self.id}",
            about=self.ref,
        )

    def _done(self, task_id: UUID | None, title: str) -> TaskDone | None:
        if task_id is None:
            return None
        return TaskDone(**self.frame() | {"id": task_id, "version": 2, "title": title, "arises_from": (self.ref,)})


class Milestone(Aggregate, table=True):
    __tablename__ = "milestones"
    __table_args__ = (
        CheckConstraint(f"state IN ({_MILESTONES})", name="milestones_state"),
        CheckConstraint("tranche_amount > 0", name="milestones_tranche"),
        CheckConstraint("state <> 'accepted' OR document_id IS NOT NULL", name="milestones_evidence"),
        Index("milestones_project", "project_id", "number", unique=True),
        Index("milestones_waiting", "due_on", postgresql_where="state IN ('pending', 'returned')"),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    number: int
    title: str
    deliverable: str
    due_on: date
    tranche_amount: Decimal = Field(sa_type=MoneyAmount)
    tranche_currency: str
    state: str = MilestoneState.PENDING.value
    test: str = ""
    """How it is found out whether the deliverable does what it should; empty where nothing but the evidence counts."""
    document_id: UUID | None = None
    evidence_sha256: str | None = None
    note: str = ""
    """The lead's words with the evidence."""
    answer: str = ""
    """The office's words with its acceptance or return."""
    findings: str = ""
    """What the acceptance test showed."""
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the tranche passed the payment gate."""
    gate: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """The DecisionTrace on which it was released."""
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    def promise(self) -> dict[str, Any]:
        """What the task book says of it."""
        return {
            "number": self.number,
            "title": self.title,
            "deliverable": self.deliverable,
            "test": self.test,
            "due_on": self.due_on.isoformat(),
            "tranche": str(self.tranche_amount),
            "currency": self.tranche_currency,
        }

    def evidence_due(self, project: Project) -> TaskAssigned:
        return self._task(project, self._showing, "milestone.evidence", Role.APPLICANT, project.lead_id)

    def submit(
        self, project: Project, document_id: UUID, sha256: str, note: str, now: datetime
    ) -> tuple[EvidenceSubmitted, TaskDone | None, TaskAssigned]:
        self.state = rules.milestone_after("submit", MilestoneState(self.state)).value
        self.document_id, self.evidence_sha256, self.note, self.submitted_at = document_id, sha256, note, now
        submitted = EvidenceSubmitted(
            version=self.touch(),
            project_id=project.id,
            number=self.number,
            note=note,
            evidence_sha256=sha256,
            **self.frame(project),
        )
        done = self._done(project, self._showing)
        judge = self._task(project, self._judging, "milestone.judge", Role.PROGRAMME_OFFICER, project.office_id)
        return submitted, done, judge

    def accept(
        self, project: Project, note: str, findings: str, now: datetime, keeper: Role
    ) -> tuple[MilestoneAccepted, TaskDone | None, TaskAssigned]:
        """The tranche then waits at its gate, for whoever looks after the office's money."""
        self.state = rules.milestone_after("accept", MilestoneState(self.state)).value
        self.answer, self.findings, self.judged_at = note, findings, now
        accepted = MilestoneAccepted(
            version=self.touch(),
            project_id=project.id,
            number=self.number,
            tranche=self.tranche_amount,
            currency=self.tranche_currency,
            note=note,
            evidence_sha256=self.evidence_sha256 or "",
            **self.frame(project),
        )
        done = self._done(project, self._judging, "accepted")
        return accepted, done, self._task(project, self._paying, "milestone.release", keeper, project.office_id)

    def release(
        self, project: Project, trace: dict[str, Any], now: datetime
    ) -> tuple[TrancheApproved, TaskDone | None]:
        rules.milestone_after("release", MilestoneState(self.state))
        if self.released_at:
            raise rules.MilestoneNotReady(N_("The tranche of this milestone is released already."))
        self.released_at, self.gate = now, trace
        approved = TrancheApproved(
            version=self.touch(),
            project_id=project.id,
            number=self.number,
            tranche=self.tranche_amount,
            currency=self.tranche_currency,
            **self.frame(project),
        )
        return approved, self._done(project, self._paying, "released")

    def send_back(
        self, project: Project, reason: str, now: datetime
    ) -> tuple[EvidenceReturned, TaskDone | None, TaskAssigned]:
        self.state = rules.milestone_after("return", MilestoneState(self.state)).value
        self.answer, self.judged_at = reason, now
        returned = EvidenceReturned(
            version=self.touch(), project_id=project.id, number=self.number, reason=reason, **self.frame(project)
        )
        return returned, self._done(project, self._judging, "returned"), self.evidence_due(project)

    def end(self, project: Project, *, unpaid: bool) -> list[Event]:
        """The project is over. What is not accepted was not delivered; `unpaid` settles accepted money elsewhere."""
        if self.state == MilestoneState.ACCEPTED.value:
            return list(filter(None, [self._done(project, self._paying, "settled") if unpaid else None]))
        waited = self._judging if self.state == MilestoneState.EVIDENCE_SUBMITTED.value else self._showing
        self.state = rules.milestone_after("end", MilestoneState(self.state)).value
        ended = MilestoneEnded(version=self.touch(), project_id=project.id, number=self.number, **self.frame(project))
        return [ended, *filter(None, [self._done(project, waited, "project ended")])]

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="milestone", id=self.id)

    @property
    def _showing(self) -> str:
        return S_("Show that milestone %(number)s is reached: “%(title)s”", number=self.number, title=self.title)

    @property
    def _judging(self) -> str:
        return S_("Judge the evidence for milestone %(number)s: “%(title)s”", number=self.number, title=self.title)

    @property
    def _paying(self) -> str:
        return S_("Release the tranche of milestone %(number)s: “%(title)s”", number=self.number, title=self.title)

    def frame(self, project: Project) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(project.label),
            "owners": tuple(sorted(project.owners)),
            "arises_from": (project.ref,),
        }

    def _task(self, project: Project, title: str, kind: str, role: Role, organisation_id: UUID) -> TaskAssigned:
        self.task_id = new_id()
        return TaskAssigned(
            **self.frame(project) | {"id": self.task_id, "version": 1, "title": title, "arises_from": (self.ref,)},
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/milestones/{self.id}",
            due_at=datetime.combine(self.due_on, time(15, 59), UTC),  # the end of the day in Beijing
            about=self.ref,
        )

    def _done(self, project: Project, title: str, outcome: str = "done") -> TaskDone | None:
        if self.task_id is None:
            return None
        task_id, self.task_id = self.task_id, None
        frame = self.frame(project) | {"id": task_id, "version": 2, "title": title, "arises_from": (self.ref,)}
        return TaskDone(**frame, outcome=outcome)
