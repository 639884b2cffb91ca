"""Connections between the services and a server are cut, and once fall silent, while commands come in."""

from collections.abc import Iterator

import pytest

from tests.faults.conftest import Record, seeds
from tests.faults.proxy import Proxy
from tests.faults.scenarios import drop_connection
from tests.faults.town import Town

pytestmark = [pytest.mark.anyio, pytest.mark.faults]


@pytest.fixture(scope="module")
def proxies(town: Town) -> Iterator[dict[str, Proxy]]:
    """One before each server."""
    found = {
        "nats": Proxy.before(town.settings.nats_url),
        "postgres": Proxy.before(town.settings.catalog_database_url),
    }
    yield found
    town.end()
    for proxy in found.values():
        proxy.close()


@seeds
@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_dropped_connection(
    town: Town, proxies: dict[str, Proxy], outcome: Record, server: str, seed: int
) -> None:
    run = outcome(f"dropped {server}", seed)
    await town.begin(run.scenario)
    await drop_connection(town, run, server, proxies[server])
