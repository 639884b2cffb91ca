"""kill -9 of NATS and of PostgreSQL while facts are said and heard: durable servers of the test's own."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from infra.embedded.group import Embedded
from infra.embedded.server import Server
from shared.bus.bus import Bus
from shared.db.engine import Database
from shared.db.schema import kernel_1
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from tests.shared.bus.conftest import EFFECTS, House, submitted, until, withdrawn
from tests.shared.bus.program import keeps
from tests.shared.bus.test_interruptions import everything_once_and_in_order

pytestmark = [pytest.mark.anyio, pytest.mark.faults]


@pytest.mark.parametrize("victim", ["nats", "postgres"])
async def test_a_killed_server_loses_nothing_and_doubles_nothing(tmp_path: Path, victim: str) -> None:
    servers = Embedded(Settings(state_dir=tmp_path / "state"), {"postgres", "nats"})
    settings = await asyncio.to_thread(servers.start)
    try:
        await _kill_under_load(settings, servers[victim])
    finally:
        await asyncio.to_thread(servers.stop)


async def _kill_under_load(settings: Settings, server: Server) -> None:
    urls = {service: settings.database_url(service) for service in ("projects", "finance")}
    for service, more in (("projects", ""), ("finance", EFFECTS)):
        async with await psycopg.AsyncConnection.connect(
            settings.migration_url(service), autocommit=True
        ) as connection:
            await connection.execute((kernel_1() + more).encode())
    token = settings.nats_token.get_secret_value()
    bus = Bus(settings.nats_url, token=token)
    databases = projects, finance = [Database(service, url) for service, url in urls.items()]
    await bus.open()
    for database in databases:
        await database.open()
    house = House(urls, projects, finance, bus, (settings.nats_url, token))
    try:
        async with house.running(keeps()):
            saying = asyncio.create_task(_say_for_long(house))
            for _ in range(3):
                await asyncio.sleep(0.7)
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(0.3)
                await asyncio.to_thread(server.start)
            await asyncio.sleep(0.5)
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await until(house.all_sent, 30)
            (row,) = await house.rows("projects", "SELECT count(*)::int AS n FROM outbox")
            assert row["n"] > 20
            await everything_once_and_in_order(house, row["n"])
        assert (await bus.jetstream.stream_info("hechuan_projects")).state.messages == row["n"]
    finally:
        await bus.close()
        for database in databases:
            await database.close()


async def _say_for_long(house: House) -> None:
    """Aggregates with three versions each. A commit whose answer was lost may stand; what stands must arrive."""
    while True:
        id = new_id()
        try:
            await house.say(submitted(id), withdrawn(id, 2), withdrawn(id, 3))
        except Exception:
            await asyncio.sleep(0.1)
