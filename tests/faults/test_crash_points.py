"""The services die at a named point of the code, are started again, and nothing is lost or done twice."""

import random
import time

import pytest

from tests.faults.conftest import Record, seeds
from tests.faults.load import client_of, loading
from tests.faults.scenarios import crash, nth_pass
from tests.faults.town import COORDINATOR, Town
from tests.faults.uploads import Uploads, uploading

pytestmark = [pytest.mark.anyio, pytest.mark.faults]

DEEPEST = {
    "after_commit": 40,
    "mid_window_publish": 12,
    "after_ack_before_mark": 12,
    "after_inbox_insert": 60,
    "after_commit_before_ack": 60,
}
"""The highest pass at which a run's load still surely dies; the seed chooses one up to it."""


@seeds
@pytest.mark.parametrize("point", DEEPEST)
async def test_a_crash(town: Town, outcome: Record, point: str, seed: int) -> None:
    run = outcome(f"crash {point}", seed)
    await town.begin(run.scenario)
    await crash(town, run, point, nth_pass(DEEPEST[point], run))


@seeds
async def test_a_crash_in_an_upload(town: Town, outcome: Record, seed: int) -> None:
    """Parts of files stay behind in the store; the sweep removes them, and nothing accepted is lost."""
    run = outcome("crash mid_upload", seed)
    await town.begin(run.scenario)
    doomed = await town.serve(fault=f"mid_upload:{nth_pass(12, run)}")
    uploads = Uploads(run.name, random.Random(seed))
    async with client_of([town.settings.address], COORDINATOR, seed) as client:
        async with loading(client, run.name, workers=1), uploading(uploads, client):
            await town.fall(doomed)
            blow, run.kills = time.monotonic(), 1
            await town.serve()
            await uploads.insist(client)
            run.recovery = time.monotonic() - blow
        run.notes["uploads accepted"] = len(uploads.accepted)
        await uploads.judge(town, client)
        await town.judge(run, client)
