"""`python program.py SERVICE DATABASE_URL NATS_URL NATS_TOKEN`: a service's relay and reactions, until it is killed."""

import asyncio
import sys
from typing import Any

from shared.bus.bus import Bus
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reaction, Reactions
from shared.bus.runner import BusRunner
from shared.contracts.projects import ApplicationSubmitted, ApplicationWithdrawn
from shared.db.engine import Database
from shared.db.work import Work


def keeps() -> list[Reaction]:
    """A reaction that writes each fact down."""
    hears = Reactions()

    @hears.on(ApplicationSubmitted, ApplicationWithdrawn)
    async def on_application(work: Work, event: Any, heard: Envelope) -> None:
        await work.execute(
            "INSERT INTO effects (subject, version, word) VALUES (%(id)s, %(version)s, '')",
            {"id": heard.subject, "version": heard.version},
        )

    return hears.all


async def main(service: str, database_url: str, nats_url: str, token: str) -> None:
    database, bus = Database(service, database_url), Bus(nats_url, token=token)
    await database.open()
    await bus.open()
    await BusRunner(service, database, bus, keeps() if service == "finance" else []).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
