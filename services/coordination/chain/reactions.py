"""Hears every fact of every service and keeps what arose from what."""

from collections.abc import Sequence

from services.coordination.chain.actions import record_things
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.db.work import Work

hears = Reactions()


@hears.on_everything()
async def on_fact(work: Work, batch: Sequence[Envelope]) -> None:
    await record_things(work, batch)
