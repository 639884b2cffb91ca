"""Organisations as the catalogue says them, so that a role can be granted for one without asking it."""

from services.coordination.access.rules import OrganisationState
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


@hears.on(OrganisationRegistered, OrganisationAdmitted, OrganisationSuspended, OrganisationCorrected)
async def on_organisation_fact(work: Work, event: OrganisationFact, heard: Envelope) -> None:
    """The newest fact counts, a repeated one changes nothing. A suspension says less than the rest."""
    known = event.model_dump(mode="json", include={"name_zh", "kind", "sector", "region"})
    state = event.standing if isinstance(event, OrganisationCorrected) else event.state
    await work.execute(
        """INSERT INTO organisations AS o (id, version, name, name_zh, kind, sector, region, state)
           VALUES (%(id)s, %(version)s, %(name)s, %(name_zh)s, %(kind)s, %(sector)s, %(region)s, %(state)s)
           ON CONFLICT (id) DO UPDATE
           SET version = excluded.version, name = excluded.name, state = excluded.state,
               name_zh = coalesce(nullif(excluded.name_zh, ''), o.name_zh),
               kind = coalesce(nullif(excluded.kind, ''), o.kind),
               sector = coalesce(nullif(excluded.sector, ''), o.sector),
               region = coalesce(nullif(excluded.region, ''), o.region)
           WHERE excluded.version > o.version AND o.state <> 'built_in'""",
        {
            "id": event.id,
            "version": event.version,
            "name": event.name,
            "state": OrganisationState(state).value,
            **dict.fromkeys(("name_zh", "kind", "sector", "region"), ""),
            **known,
        },
    )
