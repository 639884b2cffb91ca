"""The process whose relays work is stopped (SIGSTOP); a second one takes over, and the first does no harm on waking."""

import asyncio
import signal
import time

import psycopg
import pytest

from shared.kernel.settings import SERVICE_NAMES
from tests.faults.conftest import Record, seeds
from tests.faults.load import Client, client_of, loading
from tests.faults.town import COORDINATOR, Town, free_port

pytestmark = [pytest.mark.anyio, pytest.mark.faults]
TAKEOVER_SECONDS = 30.0
"""PostgreSQL ends the stopped relay's session after 5 s; the rest is the next one's look and a busy machine. On a quiet
one facts flow within 10 s, as the table's column says."""


async def holders(town: Town) -> dict[str, int]:
    """The database session that holds the relay's lock, by service."""
    found = {}
    for service in SERVICE_NAMES:
        async with await psycopg.AsyncConnection.connect(
            town.settings.database_url(service), autocommit=True
        ) as connection:
            cursor = await connection.execute(
                """SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
                   AND classid::bigint = hashtext('hechuan')::bigint & 4294967295
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
            )
            pids = [row[0] for row in await cursor.fetchall()]
            assert len(pids) <= 1, f"{service} has {len(pids)} relays"
            if pids:
                found[service] = pids[0]
    return found


@seeds
async def test_a_stopped_relay(town: Town, outcome: Record, seed: int) -> None:
    run = outcome("stopped relay", seed)
    await town.begin(run.scenario)
    first = await town.serve()
    other = town.settings.model_copy(update={"port": free_port()})
    second = town.spawn(settings=other)
    try:
        assert await asyncio.to_thread(second.wait_ready)
        addresses = [town.settings.address, other.address]
        async with client_of(addresses, COORDINATOR, seed) as client:
            async with loading(client, run.name):
                await asyncio.sleep(run.moment.uniform(0.1, 1.0))
                before = await holders(town)
                assert set(before) == set(SERVICE_NAMES)
                blow, run.kills = time.monotonic(), 1
                first.signal(signal.SIGSTOP)
                run.recovery = await _probe_at(town, other.address, f"{run.name} probe", seed, client, blow)
                assert run.recovery <= TAKEOVER_SECONDS
                taken = await _taken_over(town, before)
                await asyncio.sleep(run.moment.uniform(0.0, 2.0))
                first.signal(signal.SIGCONT)
                await asyncio.sleep(1.5)
                await town.probe(client, f"{run.name} awake", time.monotonic())
                assert await holders(town) == taken, "the woken process took the relay back"
            await town.judge(run, client)
    finally:
        first.signal(signal.SIGCONT)
        second.kill()


async def _probe_at(town: Town, address: str, name: str, seed: int, client: Client, blow: float) -> float:
    """Through the second process, as a balancer that has noticed would do."""
    async with client_of([address], COORDINATOR, seed) as probing:
        took = await town.probe(probing, name, blow)
    client.told += probing.told
    client.acknowledged += probing.acknowledged
    return took


async def _taken_over(town: Town, before: dict[str, int]) -> dict[str, int]:
    """The new holders, once no service's lock is held by its former session."""
    async with asyncio.timeout(TAKEOVER_SECONDS):
        while True:
            now = await holders(town)
            if set(now) == set(SERVICE_NAMES) and not set(now.values()) & set(before.values()):
                return now
            await asyncio.sleep(0.2)
