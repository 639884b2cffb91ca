"""Writes about organisations."""

from uuid import UUID

from services.resource_catalog.organisations import rules
from services.resource_catalog.organisations.model import Organisation
from services.resource_catalog.organisations.schemas import (
    AdmissionCreate,
    OrganisationChange,
    OrganisationCorrection,
    OrganisationCreate,
    SuspensionCreate,
)
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_, S_


async def register_organisation(work: Work, fields: OrganisationCreate) -> Organisation:
    """Make an organisation known; it cannot take part before it is admitted.

    Raises Conflict when its credit code is registered already.
    """
    rules.REGISTER.require(work.actor)
    if fields.credit_code and await work.row(
        "SELECT 1 FROM organisations WHERE credit_code = %(code)s", {"code": fields.credit_code}
    ):
        raise Conflict(N_("An organisation with this credit code is registered already. Look it up in the list."))
    organisation = Organisation.model_validate(
        {**fields.model_dump(mode="json"), "registered_by": work.actor.subject, "created_at": work.now}
    )
    work.add(organisation)
    work.emit(organisation.registered())
    return organisation


async def correct_organisation(
    work: Work, organisation_id: UUID, fields: OrganisationChange | OrganisationCorrection, version: int | None
) -> Organisation:
    """Put right what was entered wrongly; every service that knows the organisation hears it.

    Of an `OrganisationChange` what is left out stays. Raises NotFound, Stale, KeptBySource, Conflict when the credit
    code is another's.
    """
    rules.REGISTER.require(work.actor)
    organisation = await work.get(Organisation, organisation_id)
    work.must_match(organisation, version)
    if organisation.source is not None:
        raise rules.KeptBySource(
            S_(
                "It comes from the list “%(source)s”, and the next import would undo the change. Correct the list.",
                source=organisation.source,
            )
        )
    values = fields.model_dump(mode="json", exclude={"reason"}, exclude_unset=isinstance(fields, OrganisationChange))
    code = values.get("credit_code")
    if code and await work.row(
        "SELECT 1 FROM organisations WHERE credit_code = %(code)s AND id <> %(id)s",
        {"code": code, "id": organisation.id},
    ):
        raise Conflict(N_("An organisation with this credit code is registered already. Look it up in the list."))
    kept = {name: value for name, value in values.items() if value is not None or name == "credit_code"}
    if fact := organisation.correct(kept, fields.reason):
        work.emit(fact)
    return organisation


async def admit_organisation(
    work: Work, organisation_id: UUID, fields: AdmissionCreate, version: int | None
) -> Organisation:
    """Admit an organisation to joint work. Raises NotFound, Stale, Invalid, AdmissionNotPossible."""
    rules.ADMIT.require(work.actor)
    organisation = await work.get(Organisation, organisation_id)
    work.must_match(organisation, version)
    try:
        until = rules.admission_end(work.now, fields.valid_until)
    except ValueError as error:
        raise Invalid.field("/valid_until", str(error)) from None
    work.emit(organisation.admit(until, fields.reason))
    return organisation


async def suspend_organisation(
    work: Work, organisation_id: UUID, fields: SuspensionCreate, version: int | None
) -> Organisation:
    """Suspend an admitted organisation. Raises NotFound, Stale, AdmissionNotPossible."""
    rules.ADMIT.require(work.actor)
    organisation = await work.get(Organisation, organisation_id)
    work.must_match(organisation, version)
    work.emit(organisation.suspend(fields.reason))
    return organisation
