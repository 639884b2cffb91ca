"""Writes about assets."""

from uuid import UUID

from services.ip_registry.assets import rules
from services.ip_registry.assets.model import Asset, AssetHolder
from services.ip_registry.assets.numbers import canonical
from services.ip_registry.assets.schemas import AssetCreate
from services.ip_registry.disclosures.model import Disclosure
from services.ip_registry.organisations.queries import organisation_names
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel


async def register_asset(work: Work, fields: AssetCreate) -> Asset:
    """Open the dossier of an asset with its holders.

    Raises Invalid for missing filing entries, unknown organisations and what does not fit the disclosure, Conflict when
    the application number is registered.
    """
    rules.REGISTER.require(work.actor)
    today = local_day(work.now)
    faults = rules.filing_faults(fields.kind, fields.office, fields.application_number, fields.filed_on is not None)
    if fields.filed_on and fields.filed_on > today:
        faults["filed_on"] = N_("The day of filing lies in the future.")
    number = fields.application_number
    if number and "office" not in faults:
        try:
            number = canonical(fields.kind, fields.office, number)
        except ValueError as fault:
            faults["application_number"] = str(fault)
    names = await organisation_names(work, [holder.organisation_id for holder in fields.shares])
    for position, holder in enumerate(fields.shares):
        if holder.organisation_id not in names:
            faults[f"shares/{position}/organisation_id"] = N_("Choose an organisation that the catalogue knows.")
    project_id = await _project_of(work, fields, faults)
    if not fields.label.readable_with(work.actor.clearance):
        faults["label"] = N_("Your clearance does not reach this label. Choose a lower one.")
    if faults:
        raise Invalid(
            N_("Correct the marked entries and send it again."),
            errors=[{"pointer": f"/{name}", "detail": detail} for name, detail in faults.items()],
        )
    if number and await work.row(
        "SELECT 1 FROM assets WHERE office = %(office)s AND application_number = %(number)s",
        {"office": fields.office, "number": number},
    ):
        raise Conflict(N_("This application number has its dossier already. Look it up among the assets."))
    plain = fields.model_dump(mode="json", exclude={"shares"})
    asset = Asset.model_validate(
        {
            **plain,
            "application_number": number,
            "project_id": project_id,
            "registered_by": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(asset)
    await work.flush()
    holders = [
        AssetHolder(
            asset_id=asset.id,
            organisation_id=holder.organisation_id,
            from_on=fields.filed_on or today,
            name=names[holder.organisation_id],
            numerator=holder.share.numerator,
            denominator=holder.share.denominator,
        )
        for holder in fields.shares
    ]
    for holder_row in holders:
        work.add(holder_row)
    work.emit(asset.registered(holders))
    return asset


async def _project_of(work: Work, fields: AssetCreate, faults: dict[str, str]) -> UUID | None:
    """The project of the disclosure it comes from; what does not fit that disclosure is added to the faults."""
    if fields.disclosure_id is None:
        return None
    disclosure = await work.session.get(Disclosure, fields.disclosure_id)
    if disclosure is None or not SecurityLabel(disclosure.label).readable_with(work.actor.clearance):
        faults["disclosure_id"] = N_("There is no such disclosure.")
        return None
    faults |= rules.origin_faults(fields.kind, fields.label, disclosure.outcome, SecurityLabel(disclosure.label))
    return disclosure.project_id
