"""The two services that the events benchmark measures: one says facts, one keeps them as a projection."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from sqlalchemy import event as on_session

from shared.bus.bus import Bus
from shared.bus.envelope import Envelope, encode
from shared.bus.reactions import Reaction, Reactions
from shared.contracts.projects import ApplicationWithdrawn
from shared.db.engine import Database
from shared.db.schema import kernel_1
from shared.db.work import Work
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings

_TABLES = {
    "projects": "CREATE TABLE bench_things (id uuid PRIMARY KEY, title text NOT NULL, reason text NOT NULL)",
    "finance": """CREATE TABLE bench_projection
                  (id uuid PRIMARY KEY, version integer NOT NULL, title text NOT NULL, reason text NOT NULL)""",
}
_PROJECT = """INSERT INTO bench_projection
SELECT * FROM unnest(%(ids)s::uuid[], %(versions)s::int[], %(titles)s::text[], %(reasons)s::text[])
ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title, reason = excluded.reason"""
REASON = "The partner's laboratory is closed for a year and no other can take over the measurements. " * 2


def fact() -> ApplicationWithdrawn:
    """A fact of ordinary size."""
    return ApplicationWithdrawn(
        id=new_id(),
        version=1,
        title="Low-noise detectors for optical links",
        owners=(new_id(), new_id()),
        call_id=new_id(),
        reason=REASON,
    )


@dataclass
class Parts:
    """Databases, bus, the projecting reaction, and what it has seen."""

    settings: Settings
    projects: Database
    finance: Database
    bus: Bus
    projected: int = 0
    seen: dict[UUID, float] = field(default_factory=dict)
    """When each aggregate's projection was committed."""

    _progress: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for projections to be committed until the condition holds."""
        while not condition():
            self._progress.clear()
            await self._progress.wait()

    @property
    def reactions(self) -> list[Reaction]:
        hears = Reactions()

        @hears.on_batch(ApplicationWithdrawn)
        async def on_application_withdrawn(work: Work, batch: Sequence[tuple[ApplicationWithdrawn, Envelope]]) -> None:
            facts = [fact for fact, _ in batch]
            await work.execute(
                _PROJECT,
                {
                    "ids": [fact.id for fact in facts],
                    "versions": [fact.version for fact in facts],
                    "titles": [fact.title for fact in facts],
                    "reasons": [fact.reason for fact in facts],
                },
            )

            def committed(_: object) -> None:
                now = time.perf_counter()
                self.projected += len(facts)
                self.seen.update((fact.id, now) for fact in facts)
                self._progress.set()

            on_session.listen(work.session.sync_session, "after_commit", committed, once=True)

        return hears.all

    async def command(self, *, fact: bool) -> UUID:
        """A small command: one row, and the fact or not."""
        said = _fact()
        async with self.projects.work(system_actor("projects")) as work:
            await work.execute(
                "INSERT INTO bench_things VALUES (%(id)s, %(title)s, %(reason)s)",
                {"id": said.id, "title": said.title, "reason": said.reason},
            )
            if fact:
                work.emit(said)
        return said.id

    async def unpublished(self) -> int:
        return await self._count("SELECT count(*) AS n FROM outbox WHERE published_at IS NULL")

    async def outbox_rows(self) -> int:
        return await self._count("SELECT count(*) AS n FROM outbox")

    async def _count(self, query: str) -> int:
        async with self.projects.read(system_actor("projects")) as read:
            row = await read.row(query)
        return int(row["n"]) if row else 0

    async def payloads(self, number: int) -> list[bytes]:
        """What the relay is about to send, byte for byte."""
        async with self.projects.read(system_actor("projects")) as read:
            rows = await read.rows(
                "SELECT * FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT %(n)s", {"n": number}
            )
        return [
            encode(
                str(row["event_id"]),
                row["type"],
                "projects",
                str(row["subject"]),
                row["version"],
                row["recorded_at"],
                row["actor"],
                str(row["correlation_id"]),
                None,
                row["data"],
            )
            for row in rows
        ]

    async def settle(self) -> None:
        """Leaves neither side with the other's cleaning up."""
        for service in ("projects", "finance"):
            async with await psycopg.AsyncConnection.connect(
                self.settings.migration_url(service), autocommit=True
            ) as connection:
                await connection.execute("VACUUM (ANALYZE)")


_fact = fact


async def fill(parts: Parts, number: int) -> None:
    """Commits facts to the outbox, unpublished."""
    columns = "event_id, type, subject, version, actor, correlation_id, data"
    async with (
        await psycopg.AsyncConnection.connect(parts.settings.migration_url("projects")) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY outbox ({columns}) FROM STDIN") as copy,
    ):
        correlation = new_id()
        for _ in range(number):
            said = fact()
            await copy.write_row((new_id(), said.type, said.id, 1, "bench", correlation, said.model_dump_json()))


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Empty kernel tables in both databases, and everything open."""
    for service, table in _TABLES.items():
        async with await psycopg.AsyncConnection.connect(
            settings.migration_url(service), autocommit=True
        ) as connection:
            await connection.execute((kernel_1() + table).encode())
    parts = Parts(
        settings,
        Database("projects", settings.database_url("projects")),
        Database("finance", settings.database_url("finance")),
        Bus(settings.nats_url, token=settings.nats_token.get_secret_value()),
    )
    await parts.projects.open()
    await parts.finance.open()
    await parts.bus.open()
    try:
        yield parts
    finally:
        await parts.bus.close()
        await parts.finance.close()
        await parts.projects.close()
