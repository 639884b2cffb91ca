"""The row of a booking and its transitions."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, Index, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlmodel import Field

from services.resource_catalog.bookings import rules
from services.resource_catalog.tables import Aggregate
from shared.contracts.base import ThingRef
from shared.contracts.catalog import BookingCancelled, BookingConfirmed
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.types import OrgRef, SecurityLabel


class Booking(Aggregate, table=True):
    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("state IN ('confirmed', 'cancelled')", name="bookings_state"),
        CheckConstraint("label IN ('internal', 'controlled', 'confidential')", name="bookings_label"),
        CheckConstraint("starts_at < ends_at", name="bookings_order"),
        ExcludeConstraint(
            ("facility_id", "="),
            ("during", "&&"),
            where=text("state = 'confirmed'"),
            using="gist",
            name="bookings_one_at_a_time",
        ),
        Index("bookings_organisation", "organisation_id", "starts_at", "id"),
        Index("bookings_facility", "facility_id", "starts_at", "id"),
        Index("bookings_list", "starts_at", "id"),
    )

    facility_id: UUID = Field(foreign_key="facilities.id")
    organisation_id: UUID = Field(foreign_key="organisations.id")
    project_id: UUID | None = None
    project_title: str = ""
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    during: Any = Field(
        default=None, sa_column=Column(TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True))
    )
    purpose: str
    label: str
    charge_amount: Decimal = Field(sa_type=MoneyAmount)
    charge_currency: str
    state: str = Field(default=rules.State.CONFIRMED.value)
    state_reason: str = ""
    booked_by: str
    trace: Any = Field(sa_type=Json, nullable=False)

    def confirmed(self, title: str, facility_name: str, owner_id: UUID, organisation: OrgRef) -> BookingConfirmed:
        return BookingConfirmed(
            id=self.id,
            version=self.version,
            title=title,
            label=SecurityLabel(self.label),
            owners=tuple(dict.fromkeys((self.organisation_id, owner_id))),
            arises_from=self._causes(),
            facility_id=self.facility_id,
            facility_name=facility_name,
            organisation=organisation,
            project_id=self.project_id,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )

    def cancel(self, title: str, owner_id: UUID, reason: str, now: datetime) -> BookingCancelled:
        after = rules.next_state("cancel", rules.State(self.state))
        rules.may_cancel_at(self.starts_at, now)
        self.state = after
        self.state_reason = reason
        return BookingCancelled(
            id=self.id,
            version=self.touch(),
            title=title,
            label=SecurityLabel(self.label),
            owners=tuple(dict.fromkeys((self.organisation_id, owner_id))),
            arises_from=self._causes(),
            facility_id=self.facility_id,
            reason=reason,
        )

    def _causes(self) -> tuple[ThingRef, ...]:
        facility = ThingRef(kind="facility", id=self.facility_id)
        return (ThingRef(kind="project", id=self.project_id), facility) if self.project_id else (facility,)
