"""Streams as a test wants to find them: empty, and counted from one."""

import asyncio
from contextlib import suppress

from nats.js.errors import NotFoundError, ServerError

from shared.bus.bus import Bus
from shared.bus.reactions import stream_name
from shared.kernel.settings import SERVICE_NAMES


async def drop_streams(bus: Bus) -> None:
    """Deletes the five services' streams, whichever there are."""
    for service in SERVICE_NAMES:
        with suppress(NotFoundError):
            await bus.jetstream.delete_stream(stream_name(service))


async def fresh_streams(bus: Bus, seconds: float = 10.0) -> None:
    """The five streams, new.

    The server removes a deleted stream's directory in the background, and answers 500 to whoever makes a stream of that
    name in the meantime.
    """
    await drop_streams(bus)
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await bus.ensure_streams()
            except ServerError:
                await asyncio.sleep(0.1)
