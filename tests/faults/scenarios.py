"""The runs that both the full suite and its small version make."""

import asyncio
import random
import time

from shared.kernel.settings import SERVICE_NAMES, Settings
from tests.faults.load import client_of, loading
from tests.faults.proxy import Proxy
from tests.faults.report import Outcome
from tests.faults.town import COORDINATOR, Town

SILENCE_SECONDS = (1.0, 7.0)
"""From less than the wait for an acknowledgement (3 s) to more than a relay's session may be idle (5 s)."""


async def crash(town: Town, run: Outcome, point: str, nth: int) -> None:
    """The services kill themselves at the nth pass of a crash point and are started again."""
    doomed = await town.serve(fault=f"{point}:{nth}")
    async with client_of([town.settings.address], COORDINATOR, run.seed) as client:
        async with loading(client, run.name):
            await town.fall(doomed)
            blow, run.kills = time.monotonic(), 1
            await town.serve()
            run.recovery = await town.probe(client, run.name, blow)
        await town.judge(run, client)


async def kill_service(town: Town, run: Outcome) -> None:
    """The services are killed under load and started again."""
    await town.serve()
    async with client_of([town.settings.address], COORDINATOR, run.seed) as client:
        async with loading(client, run.name):
            await asyncio.sleep(run.moment.uniform(0.1, 1.5))
            town.end()
            blow, run.kills = time.monotonic(), 1
            await town.serve()
            run.recovery = await town.probe(client, run.name, blow)
        await town.judge(run, client)


async def kill_server(town: Town, run: Outcome, victim: str) -> None:
    """PostgreSQL or NATS is killed under load and started again."""
    await town.serve()
    async with client_of([town.settings.address], COORDINATOR, run.seed) as client:
        async with loading(client, run.name):
            await asyncio.sleep(run.moment.uniform(0.1, 1.5))
            blow = await town.strike(victim, pause=run.moment.uniform(0.0, 0.5))
            run.kills = 1
            run.recovery = await town.probe(client, run.name, blow)
        await town.judge(run, client)


def through(settings: Settings, server: str, proxy: Proxy) -> Settings:
    """The same platform with one server's address replaced by the proxy's."""
    names = ["nats_url"] if server == "nats" else [f"{service}_database_url" for service in SERVICE_NAMES]
    changed = {name: str(getattr(settings, name)).replace(f":{proxy.target}", f":{proxy.port}") for name in names}
    return settings.model_copy(update=changed)


async def drop_connection(
    town: Town, run: Outcome, server: str, proxy: Proxy, silence: tuple[float, float] = SILENCE_SECONDS
) -> None:
    """Every connection to a server is cut at once; later all fall silent for a while, and nobody is told."""
    await town.serve(settings=through(town.settings, server, proxy))
    async with client_of([town.settings.address], COORDINATOR, run.seed) as client:
        async with loading(client, run.name):
            await asyncio.sleep(run.moment.uniform(0.1, 1.0))
            blow = time.monotonic()
            assert proxy.cut(), "nothing was connected"
            run.recovery = await town.probe(client, f"{run.name} cut", blow)
            blow = time.monotonic()
            proxy.silence(True)
            try:
                await asyncio.sleep(run.moment.uniform(*silence))
            finally:
                proxy.silence(False)
            run.recovery = max(run.recovery, await town.probe(client, f"{run.name} silence", blow))
            run.kills = 2
        await town.judge(run, client)


def nth_pass(deepest: int, run: Outcome) -> int:
    """Which pass of a crash point is the last one, as the seed says."""
    return random.Random(run.name).randint(1, deepest)
