"""Writes about assets."""

from datetime import date
from uuid import UUID

from services.ip_registry.assets import rules
from services.ip_registry.assets.model import Asset, AssetHolder
from services.ip_registry.assets.schemas import AssetCreate
from services.ip_registry.disclosures.model import Disclosure
from services.ip_registry.organisations.queries import organisation_names
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.types import SecurityLabel


async def register_asset(work: Work, fields: AssetCreate) -> Asset:
    """Open the dossier of an asset with its holders.

    Raises Invalid for missing filing data or unknown organisations, Conflict when the application number is registered.
    """
    rules.REGISTER.require(work.actor, label=fields.label)
    faults = rules.filing_faults(fields.kind, fields.office, fields.application_number, fields.filed_on is not None)
    names = await organisation_names(work, [holder.organisation_id for holder in fields.shares])
    for position, holder in enumerate(fields.shares):
        if holder.organisation_id not in names:
            faults[f"shares/{position}/organisation_id"] = "Name an organisation that the catalogue knows."
    project_id = await _project_of(work, fields.disclosure_id, fields.label, faults)
    if fields.filed_on and fields.filed_on > work.now.date():
        faults["filed_on"] = "The day of filing lies in the future."
    if faults:
        raise Invalid(
            "Correct the marked entries and send it again.",
            errors=[{"pointer": f"/{name}", "detail": detail} for name, detail in faults.items()],
        )
    if fields.application_number and await work.row(
        "SELECT 1 FROM assets WHERE office = %(office)s AND application_number = %(number)s",
        {"office": fields.office, "number": fields.application_number},
    ):
        raise Conflict("This application number has its dossier already. Look it up among the assets.")
    plain = fields.model_dump(mode="json", exclude={"shares"})
    asset = Asset.model_validate(
        {**plain, "project_id": project_id, "registered_by": work.actor.subject, "created_at": work.now}
    )
    work.add(asset)
    await work.flush()
    held_from = fields.filed_on or date(work.now.year, work.now.month, work.now.day)
    holders = [
        AssetHolder(
            asset_id=asset.id,
            organisation_id=holder.organisation_id,
            from_on=held_from,
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


async def _project_of(
    work: Work, disclosure_id: UUID | None, label: SecurityLabel, faults: dict[str, str]
) -> UUID | None:
    """The disclosure's project. A label below the disclosure's would publish it by the back door."""
    if disclosure_id is None:
        return None
    disclosure = await work.session.get(Disclosure, disclosure_id)
    if disclosure is None or not SecurityLabel(disclosure.label).readable_with(work.actor.clearance):
        faults["disclosure_id"] = "There is no such disclosure."
        return None
    if disclosure.outcome not in ("protect", "keep_secret"):
        faults["disclosure_id"] = (
            "Triage the disclosure first: only one to be protected or kept secret becomes an asset."
        )
    if label.rank < SecurityLabel(disclosure.label).rank:
        faults["label"] = f"The disclosure is labelled {disclosure.label}; the asset cannot be labelled lower."
    return disclosure.project_id
