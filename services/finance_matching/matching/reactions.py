"""Hears what may change a judgement, and judges the open needs concerned again.

The projections have reactions of their own; here their fact is recorded once more first (a repeat changes nothing),
because the judgement must not run ahead of it.
"""

from uuid import UUID

from services.finance_matching.assets.actions import record_asset
from services.finance_matching.matching.actions import rematch, withdraw_matches
from services.finance_matching.organisations.actions import OrganisationFact, record_organisation
from services.finance_matching.projects.actions import record_project, record_tranche
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.catalog import (
    OrganisationAdmitted,
    OrganisationCorrected,
    OrganisationRegistered,
    OrganisationSuspended,
)
from shared.contracts.finance import ProductPublished, ProductWithdrawn
from shared.contracts.ip import AssetRegistered
from shared.contracts.project_delivery import ProjectTerminated
from shared.contracts.projects import MilestoneAccepted, ProjectCompleted, ProjectStarted
from shared.db.work import Work

hears = Reactions()


@hears.on(ProductPublished)
async def on_product_published(work: Work, event: ProductPublished, heard: Envelope) -> None:
    await rematch(work, product_id=event.id)


@hears.on(ProductWithdrawn)
async def on_product_withdrawn(work: Work, event: ProductWithdrawn, heard: Envelope) -> None:
    await withdraw_matches(work, event.reason, product_id=event.id)


@hears.on(OrganisationRegistered, OrganisationAdmitted, OrganisationSuspended, OrganisationCorrected)
async def on_organisation_changed(work: Work, event: OrganisationFact, heard: Envelope) -> None:
    await record_organisation(work, event)
    await rematch(work, organisation_ids=[event.id])


@hears.on(ProjectStarted, ProjectCompleted, ProjectTerminated)
async def on_project_changed(
    work: Work, event: ProjectStarted | ProjectCompleted | ProjectTerminated, heard: Envelope
) -> None:
    await record_project(work, event)
    await rematch(work, project_id=event.id)


@hears.on(MilestoneAccepted)
async def on_tranche_paid(work: Work, event: MilestoneAccepted, heard: Envelope) -> None:
    await record_tranche(work, event)
    await rematch(work, project_id=event.project_id)


@hears.on(AssetRegistered)
async def on_asset_known(work: Work, event: AssetRegistered, heard: Envelope) -> None:
    await record_asset(work, event)
    await rematch(work, organisation_ids=[UUID(share.holder.id) for share in event.shares])
