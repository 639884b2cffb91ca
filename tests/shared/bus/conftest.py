"""Two services on a real PostgreSQL and a real NATS: projects says facts, finance hears them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.bus.bus import Bus
from shared.bus.reactions import Reaction
from shared.bus.runner import BusRunner
from shared.contracts.projects import ApplicationSubmitted, ApplicationWithdrawn
from shared.db.engine import Database
from shared.db.schema import kernel_1
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef
from tests.kit.servers import shared_servers, worker_name, worker_nats
from tests.kit.streams import fresh_streams

EFFECTS = "CREATE TABLE effects (n bigint GENERATED ALWAYS AS IDENTITY, subject uuid, version integer, word text)"


def submitted(id: UUID, version: int = 1) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        id=id,
        version=version,
        title="Detectors",
        call_id=new_id(),
        lead=OrgRef(id=str(new_id()), name="Institute of Optics"),
        requested="100.00",
        currency="CNY",
        sha256="0" * 64,
    )


def withdrawn(id: UUID, version: int, reason: str = "no laboratory") -> ApplicationWithdrawn:
    return ApplicationWithdrawn(id=id, version=version, title="Detectors", call_id=new_id(), reason=reason)


async def until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    """Waits until the condition (plain or async) holds; fails otherwise."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.02)


@dataclass
class House:
    """The two services' databases, a bus, and addresses for those who need their own connection."""

    urls: dict[str, str]
    projects: Database
    finance: Database
    bus: Bus
    nats: tuple[str, str]
    runners: list[BusRunner] = field(default_factory=list)

    async def say(self, *events: Any) -> None:
        """One commit an event, as commands do."""
        for event in events:
            async with self.projects.work(system_actor("projects")) as work:
                work.emit(event)

    async def effects(self) -> list[tuple[UUID, int, str]]:
        async with self.finance.read(system_actor("finance")) as read:
            rows = await read.rows("SELECT subject, version, word FROM effects ORDER BY n")
        return [(row["subject"], row["version"], row["word"]) for row in rows]

    async def rows(self, service: str, sql: str, **params: Any) -> list[dict[str, Any]]:
        database = self.projects if service == "projects" else self.finance
        async with database.read(system_actor(service)) as read:
            return await read.rows(sql, params)

    async def all_sent(self) -> bool:
        return not await self.rows("projects", "SELECT FROM outbox WHERE published_at IS NULL LIMIT 1")

    @asynccontextmanager
    async def running(self, reactions: Sequence[Reaction] = (), *, says: bool = True) -> AsyncIterator[None]:
        """The relay of projects and the reactions of finance, until the block ends."""
        runners = [BusRunner("finance", self.finance, self.bus, reactions)]
        if says:
            runners.append(BusRunner("projects", self.projects, self.bus, []))
        for runner in runners:
            await runner.start()
        self.runners = runners
        try:
            yield
        finally:
            for runner in runners:
                await runner.stop()


async def _fresh_database(service: str, more: str) -> str:
    shared, name = shared_servers(), f"bus_{worker_name()}_{service}"
    url = shared.admin_url.rsplit("/", 1)[0] + "/" + name
    async with await psycopg.AsyncConnection.connect(shared.admin_url, autocommit=True) as admin:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        await admin.execute(f"CREATE DATABASE {name}".encode())
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute((kernel_1() + more).encode())
    return url


@pytest.fixture
async def house() -> AsyncIterator[House]:
    urls = {"projects": await _fresh_database("projects", ""), "finance": await _fresh_database("finance", EFFECTS)}
    nats = worker_nats()
    bus = Bus(nats.url, token=nats.token)
    await bus.open()
    databases = [Database(service, url) for service, url in urls.items()]
    async with AsyncExitStack() as stack:
        stack.push_async_callback(bus.close)
        for database in databases:
            await database.open()
            stack.push_async_callback(database.close)
        await fresh_streams(bus)
        yield House(urls, databases[0], databases[1], bus, (nats.url, nats.token))
