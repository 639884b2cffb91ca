"""Hears who is registered, admitted and suspended."""

from services.project_management.organisations.model import Organisation
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.catalog import (
    OrganisationAdmitted,
    OrganisationCorrected,
    OrganisationRegistered,
    OrganisationSuspended,
)
from shared.db.work import Work

hears = Reactions()
OrganisationFact = OrganisationRegistered | OrganisationAdmitted | OrganisationSuspended | OrganisationCorrected

# A suspension carries no description, so the description remembers its own version: facts in any order end the same.
_UPSERT = f"""
INSERT INTO {Organisation.__tablename__} AS o
       (id, version, described, name, name_zh, kind, sector, region, state, admitted_until)
VALUES (%(id)s, %(version)s, %(described)s, %(name)s, %(name_zh)s, %(kind)s, %(sector)s, %(region)s,
        %(state)s, %(until)s)
ON CONFLICT (id) DO UPDATE SET
    state = CASE WHEN excluded.version > o.version THEN excluded.state ELSE o.state END,
    admitted_until = CASE WHEN excluded.version > o.version THEN excluded.admitted_until ELSE o.admitted_until END,
    name = CASE WHEN excluded.version > o.version THEN excluded.name ELSE o.name END,
    name_zh = CASE WHEN excluded.described > o.described THEN excluded.name_zh ELSE o.name_zh END,
    kind = CASE WHEN excluded.described > o.described THEN excluded.kind ELSE o.kind END,
    sector = CASE WHEN excluded.described > o.described THEN excluded.sector ELSE o.sector END,
    region = CASE WHEN excluded.described > o.described THEN excluded.region ELSE o.region END,
    described = greatest(o.described, excluded.described),
    version = greatest(o.version, excluded.version)
"""  # noqa: S608 -- the table's own name


@hears.on(OrganisationRegistered, OrganisationAdmitted, OrganisationSuspended, OrganisationCorrected)
async def on_organisation_fact(work: Work, event: OrganisationFact, heard: Envelope) -> None:
    """One reaction for all four, because their versions count one organisation's facts together."""
    fields = {"id": event.id, "version": event.version, "name": event.name, "until": None}
    fields["state"] = event.standing if isinstance(event, OrganisationCorrected) else event.state
    if isinstance(event, OrganisationSuspended):
        fields |= {"described": 0, "name_zh": "", "kind": "", "sector": "", "region": ""}
    else:
        fields |= {
            "described": event.version,
            "name_zh": event.name_zh,
            "kind": event.kind,
            "sector": event.sector.value,
            "region": event.region,
        }
    if isinstance(event, OrganisationAdmitted | OrganisationCorrected):
        fields["until"] = event.valid_until
    await work.execute(_UPSERT, fields)
