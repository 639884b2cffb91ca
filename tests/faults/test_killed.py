"""kill -9 of each server and of the services under load; each is started again."""

import asyncio
import random
import time

import pytest

from tests.faults.conftest import Record, seeds
from tests.faults.load import client_of, loading
from tests.faults.scenarios import kill_server, kill_service
from tests.faults.town import COORDINATOR, Town
from tests.faults.uploads import Uploads, uploading

pytestmark = [pytest.mark.anyio, pytest.mark.faults]


@seeds
@pytest.mark.parametrize("victim", ["nats", "postgres"])
async def test_a_killed_server(town: Town, outcome: Record, victim: str, seed: int) -> None:
    run = outcome(f"kill {victim}", seed)
    await town.begin(run.scenario)
    await kill_server(town, run, victim)


@seeds
async def test_a_killed_service(town: Town, outcome: Record, seed: int) -> None:
    run = outcome("kill service", seed)
    await town.begin(run.scenario)
    await kill_service(town, run)


@seeds
async def test_a_killed_store(town: Town, outcome: Record, seed: int) -> None:
    """SeaweedFS dies while files come in; what the client was told is stored can be read, what it was not is swept."""
    run = outcome("kill seaweedfs", seed)
    await town.begin(run.scenario)
    await town.serve()
    uploads = Uploads(run.name, random.Random(seed))
    async with client_of([town.settings.address], COORDINATOR, seed) as client:
        async with loading(client, run.name, workers=1), uploading(uploads, client):
            await asyncio.sleep(run.moment.uniform(0.2, 1.5))
            blow = await town.strike("seaweedfs", pause=run.moment.uniform(0.0, 0.5))
            run.kills = 1
            await uploads.insist(client)
            run.recovery = time.monotonic() - blow
        run.notes["uploads accepted"] = len(uploads.accepted)
        await uploads.judge(town, client)
        await town.judge(run, client)
