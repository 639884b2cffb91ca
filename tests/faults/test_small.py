"""Three of the scenarios with one seed each, in every test run: the suite itself stays alive."""

import asyncio
from collections.abc import Iterator

import pytest

from shared.kernel.settings import Settings
from tests.faults.conftest import Record
from tests.faults.proxy import Proxy
from tests.faults.scenarios import crash, drop_connection, kill_service
from tests.faults.town import Town

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def small_town(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """On the test run's shared servers, which are not durable and not ours to kill."""
    town = Town(settings, None, tmp_path_factory.mktemp("faults"))
    yield town
    town.end()
    asyncio.run(town.clear())


async def test_services_that_die_or_lose_their_connections_lose_nothing(small_town: Town, outcome: Record) -> None:
    town = small_town
    await town.begin("small")
    await crash(town, outcome("small crash", 1), "after_commit_before_ack", 5)
    await kill_service(town, outcome("small kill", 1))
    proxy = Proxy.before(town.settings.nats_url)
    try:
        await drop_connection(town, outcome("small dropped", 1), "nats", proxy, silence=(0.5, 1.0))
    finally:
        town.end()
        proxy.close()
