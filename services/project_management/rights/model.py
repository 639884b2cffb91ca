"""The agreement on a project's results, each version put before the parties word for word, and their signatures.

While the lead words it nothing is a fact; from the proposal on each transition returns its facts (decision 10).
"""

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

    def begin(self, now: datetime) -> list[Event]:
        return [self._task("draft", now, self._wording, "rights.draft", Role.APPLICANT, self.lead_id)]

    def write(self, terms: dict[str, Any]) -> None:
        self._go("write")
        self.terms = terms
        self.touch()

    def propose(self, now: datetime, sha256: str) -> list[Event]:
        """Put the terms before the parties. `number` was raised before the hash was taken."""
        self._go("propose")
        self.sha256, self.state_reason = sha256, ""
        done = self._done("draft", self._wording, "done")
        fact = RightsProposed(version=self.touch(), number=self.number, sha256=sha256, **self._frame())
        asked = [
            self._task(
                party,
                now,
                self._signing,
                "rights.sign",
                Role.PROGRAMME_OFFICER if party == str(self.office_id) else Role.REPRESENTATIVE,
                UUID(party),
            )
            for party in self.parties
        ]
        return [fact, *done, *asked]

    def sign(self, party: str) -> list[Event]:
        self._go("sign")
        fact = RightsSigned(
            version=self.touch(),
            party=OrgRef(id=party, name=self.name_of(party)),
            number=self.number,
            sha256=self.sha256,
            **self._frame(),
        )
        return [fact, *self._done(party, self._signing, "signed")]

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

    def refuse(self, now: datetime, party: str, reason: str) -> list[Event]:
        """A party does not sign; the lead words it again."""
        self._go("refuse")
        self.state_reason = reason
        fact = RightsRefused(
            version=self.touch(), party=OrgRef(id=party, name=self.name_of(party)), reason=reason, **self._frame()
        )
        return [fact, *self._all_done("refused"), *self.begin(now)]

    def reopen(self, now: datetime, reason: str) -> list[Event]:
        """Word it anew; what all have signed stays in force until a newer version is."""
        self._go("reopen")
        self.state_reason = reason
        fact = RightsReopened(version=self.touch(), reason=reason, **self._frame())
        return [fact, *self._all_done("reopened"), *self.begin(now)]

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

    @property
    def _wording(self) -> str:
        return S_("Word the agreement on the results of “%(title)s”", title=self.title)

    @property
    def _signing(self) -> str:
        return S_("Sign the agreement on the results of “%(title)s”", title=self.title)

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(self.owners)),
            "arises_from": (ThingRef(kind="application", id=self.application_id),),
        }

    def _task(self, key: str, now: datetime, title: str, kind: str, role: Role, organisation_id: UUID) -> TaskAssigned:
        task_id = new_id()
        self.tasks = {**self.tasks, key: str(task_id)}
        return TaskAssigned(
            **self._frame() | {"id": task_id, "version": 1, "title": title, "arises_from": (self.ref,)},
            role=role,
            organisation_id=organisation_id,
            kind=kind,
            url=f"/projects/agreements/{self.id}",
            due_at=now + TIME_TO_ACT,
            about=self.ref,
        )

    def _done(self, key: str, title: str, outcome: str) -> list[TaskDone]:
        if key not in self.tasks:
            return []
        task_id = UUID(self.tasks[key])
        self.tasks = {other: task for other, task in self.tasks.items() if other != key}
        frame = self._frame() | {"id": task_id, "version": 2, "title": title, "arises_from": (self.ref,)}
        return [TaskDone(**frame, outcome=outcome)]

    def _all_done(self, outcome: str) -> list[TaskDone]:
        return [done for key in list(self.tasks) for done in self._done(key, self._signing, outcome)]
