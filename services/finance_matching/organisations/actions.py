"""Keeps what the catalogue says about organisations."""

from services.finance_matching.organisations.model import Organisation
from shared.contracts.catalog import (
    OrganisationAdmitted,
    OrganisationCorrected,
    OrganisationRegistered,
    OrganisationSuspended,
)
from shared.db.work import Work

OrganisationFact = OrganisationRegistered | OrganisationAdmitted | OrganisationSuspended | OrganisationCorrected

_UPSERT = f"""
INSERT INTO {Organisation.__tablename__} AS o (id, version, described, name, kind, sector, region, state)
VALUES (%(id)s, %(version)s, %(described)s, %(name)s, %(kind)s, %(sector)s, %(region)s, %(state)s)
ON CONFLICT (id) DO UPDATE SET
    name = CASE WHEN excluded.version > o.version THEN excluded.name ELSE o.name END,
    state = CASE WHEN excluded.version > o.version THEN excluded.state ELSE o.state END,
    kind = CASE WHEN excluded.described > o.described THEN excluded.kind ELSE o.kind END,
    sector = CASE WHEN excluded.described > o.described THEN excluded.sector ELSE o.sector END,
    region = CASE WHEN excluded.described > o.described THEN excluded.region ELSE o.region END,
    described = greatest(o.described, excluded.described),
    version = greatest(o.version, excluded.version)
"""  # noqa: S608 -- constants only


async def record_organisation(work: Work, event: OrganisationFact) -> None:
    """Any order and any number of repeats of the facts end in the same row."""
    described = not isinstance(event, OrganisationSuspended)
    await work.execute(
        _UPSERT,
        {
            "id": event.id,
            "version": event.version,
            "described": event.version if described else 0,
            "name": event.name,
            "kind": "" if isinstance(event, OrganisationSuspended) else event.kind,
            "sector": "" if isinstance(event, OrganisationSuspended) else event.sector.value,
            "region": "" if isinstance(event, OrganisationSuspended) else event.region,
            "state": event.standing if isinstance(event, OrganisationCorrected) else event.state,
        },
    )
