"""Hears which assets this service registered, and opens what the deadline rules ask for."""

from services.ip_registry.assets.model import Asset
from services.ip_registry.docket.actions import open_deadlines
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.ip import AssetRegistered
from shared.db.work import Work

hears = Reactions()


@hears.on(AssetRegistered)
async def on_asset_registered(work: Work, event: AssetRegistered, heard: Envelope) -> None:
    await open_deadlines(work, await work.get(Asset, event.id))
