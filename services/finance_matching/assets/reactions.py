"""Hears who holds which registered IP asset."""

from services.finance_matching.assets.actions import record_asset
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.ip import AssetRegistered
from shared.db.work import Work

hears = Reactions()


@hears.on(AssetRegistered)
async def on_asset_registered(work: Work, event: AssetRegistered, heard: Envelope) -> None:
    await record_asset(work, event)
