"""Hears who is registered, admitted and suspended."""

from services.finance_matching.organisations.actions import OrganisationFact, record_organisation
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
async def on_organisation_fact(work: Work, event: OrganisationFact, heard: Envelope) -> None:
    await record_organisation(work, event)
