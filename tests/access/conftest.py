"""The service a module's tests ask, kept for all of them."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse

from shared.kernel.settings import Settings
from shared.web.pages import Pages
from tests.access.matrix import World, world_of
from tests.kit.platform import running


@contextmanager
def briefly_refused(pages: Pages) -> Iterator[None]:
    """The matrix asks for the status of a refusal; each kind of its page is drawn whole once, for all of one kind are
    the same, and drawing was most of what fifteen thousand refusals cost."""
    whole, drawn = pages.error, set[tuple[int, str]]()

    def error(request: Request, status: int, **words: Any) -> HTMLResponse:
        kind = status, str(words.get("title", ""))
        if kind not in drawn:
            drawn.add(kind)
            return whole(request, status, **words)
        return HTMLResponse("", status_code=status)

    pages.error = error  # type: ignore[method-assign]
    try:
        yield
    finally:
        del pages.error


@pytest.fixture(scope="module")
async def world(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[World]:
    """The service named by the test's parameter."""
    # Ten thousand refusals are what is wanted here; a logged traceback for each unexpected one costs a second.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with running(settings, request.param) as service, world_of(service) as made:
        await service.service.bus.open()
        with briefly_refused(service.service.pages):
            yield made
        await service.service.bus.close()
    structlog.reset_defaults()
