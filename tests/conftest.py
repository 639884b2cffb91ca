"""Fixtures for every test. Servers start with the first test that asks for them."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from infra.migrate import config as alembic_config
from shared.kernel.settings import Settings
from tests.kit.counting import pytest_sessionfinish as pytest_sessionfinish
from tests.kit.counting import pytest_terminal_summary as pytest_terminal_summary
from tests.kit.counting import pytest_testnodedown as pytest_testnodedown
from tests.kit.platform import Running, running
from tests.kit.scheduling import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler
from tests.kit.servers import worker_settings
from tests.kit.tokens import ISSUER, jwks_file


def _migrate(service: str, owner_url: str) -> None:
    from alembic import command

    command.upgrade(alembic_config(service, owner_url), "head")


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def settings() -> Settings:
    """This worker's platform: its databases, NATS, buckets; tokens are checked against the kit's key."""
    found = worker_settings(_migrate)
    return found.model_copy(update={"oidc_issuer": ISSUER, "oidc_jwks_file": jwks_file(found.state_dir), "port": 8000})


Serve = Callable[[str], Coroutine[Any, Any, Running]]


@pytest.fixture
async def serve(settings: Settings) -> AsyncIterator[Serve]:
    """`catalog = await serve("catalog")`: the service with empty tables."""
    async with AsyncExitStack() as stack:

        async def start(name: str) -> Running:
            service = await stack.enter_async_context(running(settings, name))
            await service.clear()
            return service

        yield start


@pytest.fixture
async def catalog(serve: Serve) -> Running:
    return await serve("catalog")


@pytest.fixture
async def projects(serve: Serve) -> Running:
    return await serve("projects")


@pytest.fixture
async def ip(serve: Serve) -> Running:
    return await serve("ip")


@pytest.fixture
async def finance(serve: Serve) -> Running:
    return await serve("finance")


@pytest.fixture
async def coordination(serve: Serve) -> Running:
    return await serve("coordination")
