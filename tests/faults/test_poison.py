"""A fact that one projection cannot take: it waits alone, others are not delayed, and after repair all is in order."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from shared.bus import operations
from shared.db.engine import Database
from tests.faults.conftest import Record, seeds
from tests.faults.load import Client, Told, client_of
from tests.faults.town import COORDINATOR, Town

pytestmark = [pytest.mark.anyio, pytest.mark.faults]
PAUSES = (0.5, 0.5, 0.5, 0.5)
"""Between tries in these processes, so that parking takes two seconds instead of forty; the first pause is the real
one. Whoever waited for the poison would wait at least that long."""
SAMPLES = 60
AT_ONCE = 3
NOISE, BAR_MS = 1.5, 250.0
"""The 95th percentile of other things' facts beside the poison is at most 1.5 times what it is without, plus half of
the first pause: above the noise of a busy machine, below what any waiting for the poison would cost."""
REASON = "this organisation is poison"
REACTIONS = {"organisations.on_organisation_fact", "matching.on_organisation_changed"}
"""Both write the projection."""
_TRIGGER = f"""
CREATE TABLE IF NOT EXISTS poison (name text PRIMARY KEY);
CREATE OR REPLACE FUNCTION poisoned() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM poison p WHERE p.name = NEW.name) THEN RAISE EXCEPTION '{REASON}'; END IF;
    PERFORM pg_notify('arrived', NEW.id || ' ' || NEW.version);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER poisoned AFTER INSERT OR UPDATE ON organisations FOR EACH ROW EXECUTE FUNCTION poisoned();
"""


@contextmanager
def owner(town: Town) -> Iterator[psycopg.Connection]:
    """The finance database, as the role that may change it."""
    with psycopg.connect(town.settings.migration_url("finance"), autocommit=True) as connection:
        yield connection


@dataclass
class Arrivals:
    """When each version of each organisation was committed in finance's projection, as the database told."""

    at: dict[tuple[str, int], float] = field(default_factory=dict)

    def order(self, id: str) -> list[int]:
        return [version for subject, version in self.at if subject == id]

    async def wait(self, id: str, version: int, seconds: float = 60.0) -> float:
        async with asyncio.timeout(seconds):
            while (id, version) not in self.at:
                await asyncio.sleep(0.01)
        return self.at[id, version]


@asynccontextmanager
async def arriving(url: str) -> AsyncIterator[Arrivals]:
    arrivals = Arrivals()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("LISTEN arrived")

        async def listen() -> None:
            async for notice in connection.notifies():
                id, version = notice.payload.split()
                arrivals.at.setdefault((id, int(version)), time.monotonic())

        listening = asyncio.create_task(listen())
        try:
            yield arrivals
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def p95(client: Client, arrivals: Arrivals, name: str) -> float:
    """Milliseconds from asking for a registration to its fact in finance, a few at a time."""
    samples: list[float] = []

    async def ask(worker: int) -> None:
        for number in range(SAMPLES // AT_ONCE):
            told, asked = Told(f"{name} {worker}.{number}"), time.monotonic()
            await client.chain(told, 1, insist=True)
            samples.append(await arrivals.wait(told.id, 1) - asked)

    await asyncio.gather(*(ask(worker) for worker in range(AT_ONCE)))
    return statistics.quantiles(samples, n=20)[-1] * 1000


@seeds
async def test_a_poison_event_delays_nothing_but_its_own_thing(town: Town, outcome: Record, seed: int) -> None:
    run = outcome("poison event", seed)
    await town.begin(run.scenario)
    with owner(town) as connection:
        connection.execute(_TRIGGER.encode())
    await town.serve(pauses=PAUSES)
    finance = Database("finance", town.settings.finance_database_url)
    await finance.open()
    try:
        async with (
            client_of([town.settings.address], COORDINATOR, seed) as client,
            arriving(town.settings.finance_database_url) as arrivals,
        ):
            await client.chain(Told(f"{run.name} warm"), 5, insist=True)
            without = await p95(client, arrivals, f"{run.name} calm")
            poison, versions = Told(f"{run.name} poison"), run.moment.randint(2, 4)
            with owner(town) as connection:
                connection.execute("INSERT INTO poison VALUES (%s)", [poison.name])
            await client.chain(poison, versions, insist=True)
            during = await p95(client, arrivals, f"{run.name} beside")
            run.notes = {"p95 ms without": without, "p95 ms beside": during}
            await _parked(finance, poison, versions)
            run.recovery = await _repair(town, finance, arrivals, poison)
            await town.judge(run, client)
        assert during <= NOISE * without + BAR_MS, run.line()
    finally:
        await finance.close()
        with owner(town) as connection:
            connection.execute("DROP TABLE poison; DROP FUNCTION poisoned CASCADE")


async def _parked(finance: Database, poison: Told, versions: int) -> None:
    """In each reaction the first fact is parked with its reason, the later ones stand behind it; nothing else is."""
    rows: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        while [row["reaction"] for row in rows if row["state"] == "parked"] != sorted(REACTIONS):
            await asyncio.sleep(0.1)
            rows = sorted(await operations.parked(finance), key=lambda row: (row["reaction"], row["version"]))
    assert {str(row["subject"]) for row in rows} == {poison.id}
    for reaction in REACTIONS:
        of = [row for row in rows if row["reaction"] == reaction]
        assert [row["version"] for row in of] == list(range(1, versions + 1))
        assert [row["state"] for row in of] == ["parked"] + ["behind"] * (versions - 1)
        assert REASON in of[0]["reason"]


async def _repair(town: Town, finance: Database, arrivals: Arrivals, poison: Told) -> float:
    """Mends the cause and replays the parked fact; seconds until it and those behind it have taken effect, in order."""
    with owner(town) as connection:
        connection.execute("DELETE FROM poison")
    begun = time.monotonic()
    for row in await operations.parked(finance):
        if row["state"] == "parked":
            await operations.replay_parked(finance, row["id"])
    await arrivals.wait(poison.id, poison.acknowledged)
    assert arrivals.order(poison.id) == list(range(1, poison.acknowledged + 1))
    async with asyncio.timeout(60):
        while await operations.parked(finance):
            await asyncio.sleep(0.05)
    return time.monotonic() - begun
