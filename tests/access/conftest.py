"""The service a module's tests ask, kept for all of them."""

import logging
from collections.abc import AsyncIterator

import pytest
import structlog

from shared.kernel.settings import Settings
from tests.access.matrix import World, world_of
from tests.kit.platform import running


@pytest.fixture(scope="module")
async def world(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[World]:
    """The service named by the test's parameter."""
    # Ten thousand refusals are what is wanted here; a logged traceback for each unexpected one costs a second.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with running(settings, request.param) as service, world_of(service) as made:
        await service.service.bus.open()
        yield made
        await service.service.bus.close()
    structlog.reset_defaults()
