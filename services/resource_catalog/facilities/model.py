"""The row of a facility and its transitions."""

from datetime import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.resource_catalog.facilities import rules
from services.resource_catalog.tables import Aggregate
from shared.contracts.catalog import FacilityPublished
from shared.db.rows import MoneyAmount
from shared.kernel.types import OrgRef, SecurityLabel


class Facility(Aggregate, table=True):
    __tablename__ = "facilities"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published')", name="facilities_state"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="facilities_label"),
        CheckConstraint("opens_at < closes_at", name="facilities_hours"),
        CheckConstraint("slot_minutes > 0 AND max_hours > 0 AND lead_minutes >= 0", name="facilities_terms"),
        CheckConstraint("price_amount >= 0", name="facilities_price"),
        Index("facilities_list", "name", "id"),
        Index("facilities_organisation", "organisation_id"),
    )

    name: str
    name_zh: str = ""
    kind: str
    technique: str = ""
    region: str
    summary: str = ""
    organisation_id: UUID = Field(foreign_key="organisations.id")
    opens_at: time
    closes_at: time
    zone: str = rules.DEFAULT_ZONE
    slot_minutes: int
    max_hours: int
    lead_minutes: int
    horizon_days: int = rules.DEFAULT_HORIZON
    price_amount: Decimal = Field(sa_type=MoneyAmount)
    price_currency: str
    label: str
    state: str = Field(default=rules.State.DRAFT.value)
    registered_by: str

    def edit(self, changes: dict[str, Any]) -> None:
        """Take over what differs. Raises PublicationNotPossible when others rely on it already."""
        rules.next_state("edit", rules.State(self.state))
        changed = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in changed.items():
            setattr(self, name, value)
        if changed:
            self.touch()

    def publish(self, owner: OrgRef) -> FacilityPublished:
        self.state = rules.next_state("publish", rules.State(self.state))
        return FacilityPublished(
            id=self.id,
            version=self.touch(),
            title=self.name,
            label=SecurityLabel(self.label),
            owners=(self.organisation_id,),
            name=self.name,
            kind=self.kind,
            owner=owner,
            region=self.region,
        )
