"""Hears every fact of every service and adds it to that service's hash chain."""

from collections.abc import Sequence

from services.coordination.audit.actions import record_facts
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.db.work import Work

hears = Reactions()


@hears.on_everything()
async def on_fact(work: Work, batch: Sequence[Envelope]) -> None:
    await record_facts(work, batch)
