"""Everything one service does on the bus: its relay, its reactions, its parked events."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import nats.errors
import structlog

from shared.bus.bus import Bus
from shared.bus.consumer import Consumer
from shared.bus.parked import ParkedRetry
from shared.bus.reactions import Reaction
from shared.bus.relay import Relay
from shared.db.engine import Database

log = structlog.get_logger("bus")
STOP_SECONDS = 10.0


class BusRunner:
    """Starts with the service and stops with it. Reactions run where the service's relay runs: in one process."""

    def __init__(self, service_name: str, database: Database, bus: Bus, reactions: Iterable[Reaction]) -> None:
        self.service_name, self._database, self._bus = service_name, database, bus
        kept = list(reactions)
        self.reactions = {reaction.name: reaction for reaction in kept}
        if len(self.reactions) != len(kept):
            raise ValueError(f"Two reactions of {service_name} have one name; name the functions apart.")
        self.relay = Relay(database, bus)
        self._parts: list[Consumer | ParkedRetry] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Returns when the streams stand; the work goes on behind."""
        await self._bus.ensure_streams()
        self._database.after_commit.append(self.relay.wake)
        self._stopping.clear()
        self._tasks = [
            asyncio.create_task(self.relay.run(), name=f"{self.service_name} relay"),
            asyncio.create_task(self._react(), name=f"{self.service_name} reactions"),
        ]

    async def stop(self) -> None:
        """Finishes the batches in hand; what takes longer than ten seconds is broken off and heard again later."""
        self._stopping.set()
        self._stop_reactions()
        self.relay.stop()
        with suppress(ValueError):
            self._database.after_commit.remove(self.relay.wake)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(nats.errors.Error, OSError, TimeoutError):
            await self._bus.client.flush(timeout=2)  # the last acknowledgements

    async def _react(self) -> None:
        while not self._stopping.is_set():
            if not await self._either(self.relay.holds):
                return
            retry = ParkedRetry(self._database, self._bus, self.reactions)
            self._parts = [retry]
            for reaction in self.reactions.values():
                self._parts.append(Consumer(self._database, self._bus, reaction, parked=retry.look))
            work = [asyncio.create_task(part.run()) for part in self._parts]
            try:
                await self._either(self.relay.lost)
            finally:
                self._stop_reactions()
                await asyncio.gather(*work)

    async def _either(self, event: asyncio.Event) -> bool:
        """Waits for the event or the end; False at the end."""
        waits = [asyncio.create_task(event.wait()), asyncio.create_task(self._stopping.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return not self._stopping.is_set()

    def _stop_reactions(self) -> None:
        for part in self._parts:
            part.stop()
