"""The agreement on a project's results, each version put before the parties word for word, and their signatures.

While the lead words it nothing is a fact; from the proposal on each transition returns its facts (decision 10).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.rights import rules
from services.project_management.rights.rules import State
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_delivery import (
    RightsAgreed,
    RightsEnded,
    RightsParty,
    RightsProposed,
    RightsRefused,
    RightsReopened,
    RightsSigned,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import OrgRef, Role, SecurityLabel

TIME_TO_ACT = timedelta(days=14)
"""How long drafting, and then signing, may take before the worklist says it is overdue."""
DRAFT = "draft"
"""Key of the task to word it, among those of the parties."""


class AgreementVersion(Base, table=True):
    """What was put before the parties: `content` is the canonical JSON that `sha256` was taken of."""

    __tablename__ = "agreement_versions"

    agreement_id: UUID = Field(primary_key=True, foreign_key="agreements.id")
    number: int = Field(primary_key=True)
    content: str
    sha256: str
    trace: dict[str, Any] = Field(sa_type=Json)
    """The DecisionTrace on which it was let through."""
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    agreed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AgreementSignature(Base, table=True):
    """One party's signature under one version."""

    __tablename__ = "agreement_signatures"

    agreement_id: UUID = Field(primary_key=True, foreign_key="agreements.id")
    number: int = Field(primary_key=True)
    organisation_id: UUID = Field(primary_key=True)
    subject: str
    signed_at: datetime = Field(sa_type=UtcDateTime)


class Agreement(Aggregate, table=True):
    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'proposed', 'agreed', 'ended')", name="agreements_state"),
        CheckConstraint("state IN ('draft', 'ended') OR number >= 1", name="agreements_number"),
        CheckConstraint("state <> 'agreed' OR in_force = number", name="agreements_in_force"),
        Index("agreements_lead", "lead_id"),
    )

    application_id: UUID = Field(foreign_key="applications.id", unique=True)
    call_title: str
    title: str
    office_id: UUID
    office_name: str
    lead_id: UUID
    lead_name: str
    partners: list[dict[str, str]] = Field(sa_type=Json)
    """[{"id": …, "name": …}]"""
    label: str
    inventor_floor: str
    """The call's, as 'numerator/denominator': the least part of the income that goes to inventors."""
    state: str = State.DRAFT.value
    state_reason: str = ""
    terms: dict[str, Any] = Field(sa_type=Json)
    number: int = 0
    """Of the version put before the parties last; 0: none yet."""
    in_force: int | None = None
    """Number of the version that all have signed last."""
    sha256: str = ""
    tasks: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    """Open tasks: organisation → task; the lead's own drafting task under "draft"."""
    asked: dict[str, str] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Role that each open task was given to; none is known of tasks from before legal officers were asked."""
    due: dict[str, str] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """When each open task is due: whoever it is handed on to, the time runs on."""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="rights", id=self.id)

    @property
    def organisations(self) -> list[dict[str, str]]:
        """Those that take part in the project, the lead first."""
        return [{"id": str(self.lead_id), "name": self.lead_name}, *self.partners]

    @property
    def owners(self) -> frozenset[UUID]:
        return frozenset(UUID(one["id"]) for one in self.organisations)

    @property
    def parties(self) -> list[str]:
        """Ids of those who sign, as the terms name them."""
        return [one["organisation_id"] for one in self.terms["parties"]]

    def name_of(self, organisation_id: str) -> str:
        known = {one["id"]: one["name"] for one in self.organisations} | {str(self.office_id): self.office_name}
        return known.get(organisation_id, "")

    def inputs(self) -> dict[str, Any]:
        """What soundness is judged on."""
        return {
            "call": self.call_title,
            "floor": self.inventor_floor,
            "organisations": self.organisations,
            "office": {"id": str(self.office_id), "name": self.office_name},
            "terms": self.terms,
        }

    def content(self) -> dict[str, Any]:
        """What the parties sign."""
        return {
            "application_id": str(self.application_id),
            "title": self.title,
            "call": self.call_title,
            "inventor_floor": self.inventor_floor,
            "number": self.number,
            "organisations": [
                {"id": party, "name": self.name_of(party)} for party in self.parties if self.name_of(party)
            ],
            "terms": self.terms,
        }

    def begin(self, now: datetime, lawyers: Collection[str]) -> list[Event]:
        """The lead is to word it. `lawyers`: the organisations whose legal officers may do it, here and below."""
        return [self._task(DRAFT, now, lawyers)]

    def write(self, terms: dict[str, Any]) -> None:
        self._go("write")
        self.terms = terms
        self.touch()

    def propose(self, now: datetime, sha256: str, lawyers: Collection[str]) -> list[Event]:
        """Put the terms before the parties. `number` was raised before the hash was taken."""
        self._go("propose")
        self.sha256, self.state_reason = sha256, ""
        done = self._done(DRAFT, "done")
        fact = RightsProposed(version=self.touch(), number=self.number, sha256=sha256, **self._frame())
        return [fact, *done, *(self._task(party, now, lawyers) for party in self.parties)]

    def sign(self, party: str) -> list[Event]:
        self._go("sign")
        fact = RightsSigned(
            version=self.touch(),
            party=OrgRef(id=party, name=self.name_of(party)),
            number=self.number,
            sha256=self.sha256,
            **self._frame(),
        )
        return [fact, *self._done(party, "signed")]

    def hand_on(self, now: datetime, lawyers: Collection[str]) -> list[Event]:
        """Give what waits to who may do it now, by the same day: an organisation's legal officers came, went, or signed
        for another."""
        moved = [key for key in self.tasks if self._role(key, lawyers) != self._asked(key)]
        due = {key: datetime.fromisoformat(self.due[key]) for key in moved if key in self.due}
        return [
            fact
            for key in moved
            for fact in (*self._done(key, "handed on"), self._task(key, now, lawyers, due.get(key)))
        ]

    def agree(self) -> RightsAgreed:
        """Every party has signed: the version is in force."""
        self._go("agree")
        self.in_force = self.number
        return RightsAgreed(
            version=self.touch(),
            application_id=self.application_id,
            number=self.number,
            sha256=self.sha256,
            inventor_share=self.terms["inventor_share"],
            parties=tuple(
                RightsParty(
                    organisation=OrgRef(id=one["organisation_id"], name=self.name_of(one["organisation_id"])),
                    ownership=one["ownership"],
                    income=one["income"],
                )
                for one in self.terms["parties"]
            ),
            disposal=self.terms["disposal"],
            **self._frame(),
        )

    def refuse(self, now: datetime, party: str, reason: str, lawyers: Collection[str]) -> list[Event]:
        """A party does not sign; the lead words it again."""
        self._go("refuse")
        self.state_reason = reason
        fact = RightsRefused(
            version=self.touch(), party=OrgRef(id=party, name=self.name_of(party)), reason=reason, **self._frame()
        )
        return [fact, *self._all_done("refused"), *self.begin(now, lawyers)]

    def reopen(self, now: datetime, reason: str, lawyers: Collection[str]) -> list[Event]:
        """Word it anew; what all have signed stays in force until a newer version is."""
        self._go("reopen")
        self.state_reason = reason
        fact = RightsReopened(version=self.touch(), reason=reason, **self._frame())
        return [fact, *self._all_done("reopened"), *self.begin(now, lawyers)]

    def end(self, *, stays: bool) -> list[Event]:
        """The project ended early: nothing is worded or signed any more, and what was in force is so only where it
        `stays`."""
        if self.state == State.ENDED.value or (stays and self.in_force):
            self.touch()
            return [*self._all_done("project ended")]
        self._go("end")
        self.in_force = None
        return [RightsEnded(version=self.touch(), **self._frame()), *self._all_done("project ended")]

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _title(self, key: str) -> str:
        if key == DRAFT:
            return S_("Word the agreement on the results of “%(title)s”", title=self.title)
        return S_("Sign the agreement on the results of “%(title)s”", title=self.title)

    def _role(self, key: str, lawyers: Collection[str]) -> Role:
        """Who is asked: an organisation's legal officers where they may do it, else who binds it in everything."""
        if key == str(self.office_id):
            return Role.PROGRAMME_OFFICER
        if (str(self.lead_id) if key == DRAFT else key) in lawyers:
            return Role.LEGAL_OFFICER
        return Role.APPLICANT if key == DRAFT else Role.REPRESENTATIVE

    def _asked(self, key: str) -> Role:
        return Role(self.asked.get(key) or self._role(key, ()))

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(self.owners)),
            "arises_from": (ThingRef(kind="application", id=self.application_id),),
        }

    def _task(self, key: str, now: datetime, lawyers: Collection[str], due_at: datetime | None = None) -> TaskAssigned:
        task_id, role, due_at = new_id(), self._role(key, lawyers), due_at or now + TIME_TO_ACT
        self.due = {**self.due, key: due_at.isoformat()}
        self.tasks = {**self.tasks, key: str(task_id)}
        self.asked = {**self.asked, key: role.value}
        return TaskAssigned(
            **self._task_frame(task_id, key, 1),
            role=role,
            organisation_id=self.lead_id if key == DRAFT else UUID(key),
            kind="rights.draft" if key == DRAFT else "rights.sign",
            url=f"/projects/agreements/{self.id}",
            due_at=due_at,
            about=self.ref,
        )

    def _done(self, key: str, outcome: str) -> list[TaskDone]:
        if key not in self.tasks:
            return []
        task_id = UUID(self.tasks[key])
        self.tasks = {other: task for other, task in self.tasks.items() if other != key}
        self.asked = {other: role for other, role in self.asked.items() if other != key}
        self.due = {other: due for other, due in self.due.items() if other != key}
        return [TaskDone(**self._task_frame(task_id, key, 2), outcome=outcome)]

    def _all_done(self, outcome: str) -> list[TaskDone]:
        return [done for key in list(self.tasks) for done in self._done(key, outcome)]

    def _task_frame(self, task_id: UUID, key: str, version: int) -> dict[str, Any]:
        told = {"id": task_id, "version": version, "title": self._title(key), "arises_from": (self.ref,)}
        return self._frame() | told
