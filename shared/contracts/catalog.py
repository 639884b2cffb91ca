"""Facts said by the resource catalogue."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts import base
from shared.contracts.base import Event
from shared.kernel.types import OrgRef, Sector, SecurityLabel, Trl


class OrganisationRegistered(Event):
    """An organisation is known to the platform; it may not yet take part."""

    type: ClassVar[str] = "hechuan.catalog.organisation.registered.v1"
    state: ClassVar[str] = "registered"

    name: str
    name_zh: str = ""
    kind: str
    sector: Sector
    region: str
    credit_code: str | None = None


class OrganisationAdmitted(Event):
    """An organisation may take part in joint work, within the scope and until the day given."""

    type: ClassVar[str] = "hechuan.catalog.organisation.admitted.v1"
    state: ClassVar[str] = "admitted"

    name: str
    name_zh: str = ""
    kind: str
    sector: Sector
    region: str
    credit_code: str | None = None
    valid_until: datetime
    reason: str


class OrganisationSuspended(Event):
    type: ClassVar[str] = "hechuan.catalog.organisation.suspended.v1"
    state: ClassVar[str] = "suspended"

    name: str
    reason: str


class OrganisationCorrected(Event):
    """What the catalogue says of an organisation was wrong and is right now. Its standing is what it was."""

    type: ClassVar[str] = "hechuan.catalog.organisation.corrected.v1"

    name: str
    name_zh: str = ""
    kind: str
    sector: Sector
    region: str
    credit_code: str | None = None
    standing: Literal["registered", "admitted", "suspended"]
    valid_until: datetime | None = None
    changed: tuple[str, ...]
    reason: str


class PersonRegistered(Event):
    """A researcher, expert or inventor. `subject` is set when the person also signs in."""

    type: ClassVar[str] = "hechuan.catalog.person.registered.v1"
    state: ClassVar[str] = "registered"

    name: str
    name_zh: str = ""
    subject: str | None = None
    orcid: str | None = None
    organisation: OrgRef | None = None
    fields: tuple[str, ...] = ()
    expert: bool = False
    review_cap: int = 0


class AffiliationChanged(Event):
    """From `since` on the person works for the organisation (None: for none that the platform knows)."""

    type: ClassVar[str] = "hechuan.catalog.person.affiliation_changed.v1"

    name: str
    organisation: OrgRef | None
    since: datetime


class FacilityPublished(Event):
    type: ClassVar[str] = "hechuan.catalog.facility.published.v1"
    state: ClassVar[str] = "published"

    name: str
    kind: str
    owner: OrgRef
    region: str


class BookingConfirmed(Event):
    """A slot of a facility is taken; the database guarantees that nobody else has it."""

    type: ClassVar[str] = "hechuan.catalog.booking.confirmed.v1"
    state: ClassVar[str] = "confirmed"

    facility_id: UUID
    facility_name: str
    organisation: OrgRef
    project_id: UUID | None = None
    starts_at: datetime
    ends_at: datetime


class BookingCancelled(Event):
    type: ClassVar[str] = "hechuan.catalog.booking.cancelled.v1"
    state: ClassVar[str] = "cancelled"

    facility_id: UUID
    reason: str


class AchievementReleased(Event):
    """A result of research may be shown to everyone whose clearance reaches its label."""

    type: ClassVar[str] = "hechuan.catalog.achievement.released.v1"
    state: ClassVar[str] = "released"

    kind: str
    abstract: str
    trl: Trl
    fields: tuple[str, ...] = ()
    organisation: OrgRef
    project_id: UUID | None = None
    asset_id: UUID | None = None
    checked_label: SecurityLabel


class TaskAssigned(base.TaskAssigned):
    type: ClassVar[str] = "hechuan.catalog.task.assigned.v1"


class TaskDone(base.TaskDone):
    type: ClassVar[str] = "hechuan.catalog.task.done.v1"
