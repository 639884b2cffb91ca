"""The row of a disclosure and its transition."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.ip_registry.disclosures import rules
from services.ip_registry.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.ip import DisclosureTriaged, InventionDisclosed
from shared.db.rows import Json
from shared.kernel.types import OrgRef, SecurityLabel


class Disclosure(Aggregate, table=True):
    __tablename__ = "disclosures"
    __table_args__ = (
        CheckConstraint("state IN ('filed', 'triaged')", name="disclosures_state"),
        CheckConstraint(
            "outcome IS NULL OR outcome IN ('protect', 'keep_secret', 'publish', 'release')", name="disclosures_outcome"
        ),
        CheckConstraint("(state = 'triaged') = (outcome IS NOT NULL)", name="disclosures_decided"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="disclosures_label"),
        Index("disclosures_list", "created_at", "id"),
        Index("disclosures_organisation", "organisation_id"),
    )

    title: str
    abstract: str
    organisation_id: UUID
    organisation_name: str
    project_id: UUID | None = None
    project_title: str = ""
    inventors: list[dict[str, Any]] = Field(sa_type=Json)
    """Name, person_id and exact share of each, as JSON of `schemas.Inventor`."""
    funding: str = ""
    label: str = SecurityLabel.INTERNAL.value
    state: str = rules.State.FILED.value
    outcome: str | None = None
    reason: str = ""
    filed_by: str
    task_id: UUID

    def filed(self) -> InventionDisclosed:
        return InventionDisclosed(
            id=self.id,
            version=self.version,
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            arises_from=(ThingRef(kind="project", id=self.project_id),) if self.project_id else (),
            organisation=OrgRef(id=str(self.organisation_id), name=self.organisation_name),
            inventors=tuple(inventor["name"] for inventor in self.inventors),
            inventor_ids=tuple(inventor.get("person_id") for inventor in self.inventors),
            project_id=self.project_id,
        )

    def triage(self, outcome: rules.Outcome, reason: str) -> DisclosureTriaged:
        self.state = rules.next_state("triage", rules.State(self.state))
        self.outcome = outcome.value
        self.reason = reason
        return DisclosureTriaged(
            id=self.id,
            version=self.touch(),
            title=self.title,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            outcome=outcome.value,
            reason=reason,
        )
