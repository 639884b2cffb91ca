"""A risk of a project, with every weight it ever had."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.risks import rules
from services.project_management.risks.rules import State
from services.project_management.tables import Aggregate
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_risks import (
    RiskAssessed,
    RiskClosed,
    RiskOccurred,
    RiskRecorded,
    RiskReopened,
    RiskWatched,
)
from shared.db.rows import Json
from shared.kernel.types import SecurityLabel


class Risk(Aggregate, table=True):
    __tablename__ = "project_risks"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'watched', 'occurred', 'closed')", name="project_risks_state"),
        CheckConstraint("likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name="project_risks_scale"),
        CheckConstraint("response IN ('avoid', 'reduce', 'transfer', 'accept')", name="project_risks_response"),
        Index("project_risks_project", "project_id", "number", unique=True),
    )

    project_id: UUID = Field(foreign_key="projects.id")
    project_title: str
    office_id: UUID
    lead_id: UUID
    parties: list[str] = Field(sa_type=Json)
    label: str
    number: int
    title: str
    cause: str = ""
    effect: str = ""
    likelihood: int
    impact: int
    response: str
    measure: str = ""
    """What is done, in words."""
    owner: str
    """Who looks after it, by name."""
    due_on: date | None = None
    state: str = State.OPEN.value
    past: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """[{"at", "by", "likelihood", "impact"}]: every weight, the first first."""

    @property
    def ref(self) -> ThingRef:
        return ThingRef(kind="risk", id=self.id)

    def recorded(self, subject: str, now: datetime) -> RiskRecorded:
        self._weighed(subject, now)
        return RiskRecorded(
            version=self.version,
            number=self.number,
            likelihood=self.likelihood,
            impact=self.impact,
            **self._frame(),
        )

    def assess(self, values: dict[str, Any], reason: str, subject: str, now: datetime) -> RiskAssessed:
        """Take over new values. Raises RiskNotReady."""
        rules.next_state("assess", State(self.state))
        before = (self.likelihood, self.impact)
        for name, value in values.items():
            setattr(self, name, value)
        if before != (self.likelihood, self.impact):
            self._weighed(subject, now)
        return RiskAssessed(
            version=self.touch(), likelihood=self.likelihood, impact=self.impact, reason=reason, **self._frame()
        )

    def go(self, verb: str, reason: str) -> Event:
        """Raises RiskNotReady."""
        self.state = rules.next_state(verb, State(self.state)).value
        about = {"version": self.touch(), "reason": reason, **self._frame()}
        match verb:
            case "watch":
                return RiskWatched(**about)
            case "reopen":
                return RiskReopened(**about)
            case "occur":
                return RiskOccurred(**about)
            case _:
                return RiskClosed(**about)

    def _weighed(self, subject: str, now: datetime) -> None:
        weight = {"at": now.isoformat(), "by": subject, "likelihood": self.likelihood, "impact": self.impact}
        self.past = [*self.past, weight]

    def _frame(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "project_id": self.project_id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": tuple(sorted(UUID(one) for one in self.parties)),
            "arises_from": (ThingRef(kind="project", id=self.project_id),),
        }
