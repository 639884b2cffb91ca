"""Writes about facilities."""

from typing import Any
from uuid import UUID

from services.resource_catalog.facilities import queries, rules
from services.resource_catalog.facilities.model import Facility
from services.resource_catalog.facilities.schemas import FacilityChange, FacilityCreate
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role, SecurityLabel


async def register_facility(work: Work, fields: FacilityCreate) -> Facility:
    """Enter a facility as a draft that only its organisation sees. Raises NotFound, Invalid."""
    organisation_id = fields.organisation_id or work.actor.organisation(Role.FACILITY_OWNER)
    rules.KEEP.require(work.actor, owners={organisation_id} if organisation_id else set(), thing="organisation")
    _may_label(work, fields.label)
    if organisation_id is None or await queries.owner_ref(work, organisation_id) is None:
        raise Invalid.field("/organisation_id", N_("The catalogue does not know this organisation. Register it first."))
    facility = Facility.model_validate(
        {
            **fields.model_dump(exclude={"price", "organisation_id", "kind", "label"}),
            "kind": fields.kind.value,
            "label": fields.label.value,
            "organisation_id": organisation_id,
            "price_amount": fields.price.amount,
            "price_currency": fields.price.currency,
            "registered_by": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(facility)
    await work.flush()
    return facility


async def edit_facility(
    work: Work, facility_id: UUID, fields: FacilityChange | FacilityCreate, version: int | None
) -> Facility:
    """Change a draft. What is None stays. Raises NotFound, Stale, Invalid, PublicationNotPossible."""
    facility = await _kept(work, facility_id, version)
    given = fields.model_dump(exclude={"price", "organisation_id", "kind", "label"}, exclude_none=True)
    if fields.kind is not None:
        given["kind"] = fields.kind.value
    if fields.label is not None:
        _may_label(work, fields.label)
        given["label"] = fields.label.value
    if fields.price is not None:
        given |= {"price_amount": fields.price.amount, "price_currency": fields.price.currency}
    _fitting({**facility.model_dump(), **given})
    facility.edit(given)
    await work.flush()
    return facility


async def publish_facility(work: Work, facility_id: UUID, version: int | None) -> Facility:
    """Open a facility for booking. Raises NotFound, Stale, PublicationNotPossible."""
    facility = await _kept(work, facility_id, version)
    owner = await queries.owner_ref(work, facility.organisation_id)
    if owner is None:
        raise NotFound(N_("The facility's organisation is not in the catalogue any more."))
    work.emit(facility.publish(owner))
    return facility


async def _kept(work: Work, facility_id: UUID, version: int | None) -> Facility:
    rules.KEEP.admits(work.actor)
    facility = await work.get(Facility, facility_id)
    rules.KEEP.require(
        work.actor, owners={facility.organisation_id}, label=SecurityLabel(facility.label), thing="facility"
    )
    work.must_match(facility, version)
    return facility


def _may_label(work: Work, label: SecurityLabel) -> None:
    if not label.readable_with(work.actor.clearance):
        raise Invalid.field("/label", N_("Your clearance does not reach this label. Choose a lower one."))


def _fitting(terms: dict[str, Any]) -> None:
    """Refuse hours that do not fit together, whichever of them was changed. Raises Invalid."""
    opens_at, closes_at, slot = terms["opens_at"], terms["closes_at"], terms["slot_minutes"]
    for name, check in (
        ("closes_at", lambda: rules.open_minutes(opens_at, closes_at)),
        ("slot_minutes", lambda: rules.fits_day(slot, opens_at, closes_at)),
        ("max_hours", lambda: rules.fits_slot(terms["max_hours"], slot)),
    ):
        try:
            check()
        except ValueError as fault:
            sentence = str(fault)[0].upper() + str(fault)[1:] + "."
            raise Invalid.field(f"/{name}", sentence) from None
