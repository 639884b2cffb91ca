"""Work done by the clock goes on after any failure."""

import asyncio
from pathlib import Path

from shared.db.work import Work
from shared.kernel.settings import Settings
from shared.service import Service, Timed


async def test_a_failure_of_any_kind_does_not_stop_the_clock(settings: Settings) -> None:
    runs = 0
    done = asyncio.Event()

    async def fail_first(work: Work) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ValueError("a row that no rule foresaw")
        done.set()

    service = Service(
        "catalog", settings, prefix="/catalog", title="clock", folder=Path(__file__).parent, apis=[], pages=[]
    )
    await service.database.open()
    ticking = asyncio.create_task(service._repeat(Timed("fail_first", 0.01, fail_first)))
    try:
        await asyncio.wait_for(done.wait(), 10)
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await service.identity.close()
        await service.database.close()
    assert runs >= 2
