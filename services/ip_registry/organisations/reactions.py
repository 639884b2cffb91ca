"""Hears who is registered, admitted and suspended."""

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


@hears.on(OrganisationRegistered, OrganisationAdmitted, OrganisationSuspended, OrganisationCorrected)
async def on_organisation_fact(
    work: Work,
    event: OrganisationRegistered | OrganisationAdmitted | OrganisationSuspended | OrganisationCorrected,
    heard: Envelope,
) -> None:
    state = event.standing if isinstance(event, OrganisationCorrected) else event.state
    await work.execute(
        """INSERT INTO organisations AS o (id, version, name, state)
           VALUES (%(id)s, %(version)s, %(name)s, %(state)s)
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, state = excluded.state
           WHERE excluded.version > o.version""",
        {"id": event.id, "version": event.version, "name": event.name, "state": state},
    )
