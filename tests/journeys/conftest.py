"""One real platform for the journeys of this worker, as `hechuan run` starts it: with the people, without a round."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from seeds.demonstration import Demonstration, gather
from seeds.round import Round
from seeds.visitor import Visitor
from tests.journeys.platform import Platform
from tests.kit.browser import chromium


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("journeys"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def people(platform: Platform) -> Iterator[dict[str, Visitor]]:
    """Every persona signed in, for the steps that are preparation."""
    found = gather(platform.address, platform.passwords)
    yield found
    for visitor in found.values():
        visitor.client.close()


@pytest.fixture(scope="session")
def base(platform: Platform, people: dict[str, Visitor]) -> Round:
    """Organisations, roles, experts, a facility and products: what a round starts from."""
    loading = Demonstration(platform.address, platform.passwords, lambda line: None)
    found = Round(people)
    loading.people(found)
    loading.offers(found)
    found.experts()
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with the module: its loop must not be the one that other tests find running."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files to upload are written."""
    return tmp_path_factory.mktemp("papers")
