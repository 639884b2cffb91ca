"""Sends a service's outbox to its stream, in order, from one process at a time.

The lock, the claims and the marks live on one connection of its own. PostgreSQL ends that connection when it is idle
for five seconds, so a relay that was stopped loses the lock to another and can mark nothing when it wakes.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import nats.errors
import orjson
import psycopg
import structlog
from nats.aio.msg import Msg
from psycopg import AsyncConnection, conninfo

from shared.bus import metrics
from shared.bus.bus import Bus, Unpublished
from shared.bus.inbox import reason_of
from shared.bus.outbox import Saved, claim, mark, send_again
from shared.bus.parked import REPLAY_SUBJECT
from shared.db.engine import Database
from shared.kernel import faults

log = structlog.get_logger("bus")
WINDOW = 500
POLL_SECONDS = 0.1
STANDBY_SECONDS = 1.0
RETRY_SECONDS = 0.25
SESSION_SECONDS = 5
GAP_SECONDS = 0.008
"""Windows start no closer than this, unless full: under load many small commits then share one window."""
BUSY_SHARE = 0.2
"""Of its time the relay works at most this share on windows that are not full; on a busy machine they grow instead."""
MAX_GAP_SECONDS = 0.05
FEW = 5
"""A window smaller than this is no sign of load; what comes next goes out soon."""
PARTITIONS_EVERY_SECONDS = 6 * 3600.0
_LOCK = "SELECT pg_try_advisory_lock(hashtext('hechuan'), hashtext('relay'))"


class Relay:
    """Runs until it is stopped: as the relay while it holds the lock, else waiting for it."""

    def __init__(self, database: Database, bus: Bus, *, window: int = WINDOW, gap: float = GAP_SECONDS) -> None:
        self._database, self._bus, self._window, self._gap = database, bus, window, gap
        self._service = database.service
        self._awake = asyncio.Event()
        self._stopping = False
        self.holds = asyncio.Event()
        """Set while this process is the service's relay."""
        self.lost = asyncio.Event()
        self.lost.set()
        self.published = 0
        self.lag = 0.0
        """Age of the oldest event in the window being sent, in seconds; 0 when everything is sent."""
        self._wanted: list[dict[str, Any]] = []

    def wake(self) -> None:
        """Something was committed."""
        faults.point("after_commit")
        self._awake.set()

    def stop(self) -> None:
        self._stopping = True
        self._awake.set()

    async def run(self) -> None:
        while not self._stopping:
            try:
                async with await self._connect() as connection:
                    if await self._win(connection):
                        await self._serve(connection)
            except Exception as problem:  # whatever it was: the rows are safe, and a relay that ended would send none
                log.warning("relay broke", service=self._service, why=reason_of(problem))
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._give_up()

    async def _connect(self) -> AsyncConnection[Any]:
        # Marks may be lost in a crash of the database: the rows are then sent again and dropped as copies.
        options = (
            f"-c idle_session_timeout={SESSION_SECONDS}s -c idle_in_transaction_session_timeout={SESSION_SECONDS}s"
            " -c synchronous_commit=off -c statement_timeout=15s -c lock_timeout=3s -c timezone=UTC"
            # A stopped reader of a long answer must lose its session as well; idle it is not.
            f" -c tcp_user_timeout={2 * SESSION_SECONDS}s"
            # Planning over the partitions costs several times what the statements do; the indexes are always right.
            " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
        )
        address = conninfo.make_conninfo(
            self._database.url,
            options=options,
            application_name=f"hechuan-{self._service}-relay",
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=2,
            tcp_user_timeout=10_000,
        )
        return await AsyncConnection.connect(address, autocommit=True)

    async def _win(self, connection: AsyncConnection[Any]) -> bool:
        while not self._stopping:
            row = await (await connection.execute(_LOCK)).fetchone()
            if row and row[0]:
                return True
            await self._sleep(STANDBY_SECONDS)
        return False

    async def _serve(self, connection: AsyncConnection[Any]) -> None:
        self.lost.clear()
        self.holds.set()
        metrics.RELAY_HOLDS.labels(self._service).set(1)
        log.info("relay holds", service=self._service)
        subscription = await self._bus.client.subscribe(f"{REPLAY_SUBJECT}.{self._service}", cb=self._on_replay)
        since: datetime | str = "-infinity"
        partitions_at = 0.0
        try:
            while not self._stopping:
                if time.monotonic() >= partitions_at:
                    partitions_at = time.monotonic() + PARTITIONS_EVERY_SECONDS
                    await self._make_partitions(connection)
                self._awake.clear()
                started = time.monotonic()
                try:
                    sent = await self._drain(connection, since)
                    while self._wanted:
                        await self._answer_replay(connection, self._wanted.pop(0))
                except (Unpublished, nats.errors.Error) as problem:
                    log.warning("not published, sending again", service=self._service, why=reason_of(problem))
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                self.lag = 0.0
                metrics.RELAY_LAG.labels(self._service).set(0)
                since = datetime.now(UTC) - timedelta(days=1)
                if 0 < sent < self._window:
                    took = time.monotonic() - started
                    busy = sent >= FEW
                    await asyncio.sleep((min(took / BUSY_SHARE, MAX_GAP_SECONDS) if busy else self._gap) - took)
                await self._sleep(POLL_SECONDS)
        finally:
            with suppress(nats.errors.Error, OSError):
                await subscription.unsubscribe()

    async def _drain(self, connection: AsyncConnection[Any], since: datetime | str) -> int:
        """Sends until nothing is unpublished. While one window is on its way, the one before is marked and the next
        one read; the next is not sent before every ack of this one is in."""
        sent = 0
        before: list[Saved] = []
        window = await claim(connection, self._service, since, [], self._window)
        while window:
            self.lag = (datetime.now(UTC) - window[0].recorded_at).total_seconds()
            metrics.RELAY_LAG.labels(self._service).set(self.lag)
            full = len(window) == self._window
            publishing = asyncio.create_task(self._bus.publish([saved.message for saved in window]))
            following: list[Saved] = []
            try:
                if before:
                    await mark(connection, before)
                if full and not self._stopping:
                    following = await claim(connection, self._service, since, window, self._window)
            finally:
                await publishing  # also when the database failed: nothing of this window may still be on its way later
            faults.point("after_ack_before_mark")
            sent += len(window)
            self.published += len(window)
            metrics.PUBLISHED.labels(self._service).inc(len(window))
            before, window = window, following
        if before:
            await mark(connection, before)
        return sent

    async def _make_partitions(self, connection: AsyncConnection[Any]) -> None:
        try:
            await connection.execute("SELECT outbox_partitions((now() AT TIME ZONE 'UTC')::date, 8)")
        except psycopg.errors.LockNotAvailable:
            log.warning("outbox partitions not made, somebody reads the outbox for long", service=self._service)

    async def _on_replay(self, message: Msg) -> None:
        with suppress(ValueError, KeyError, TypeError):
            asked = orjson.loads(message.data)
            self._wanted.append(
                {"subject": str(UUID(asked["subject"])), "versions": (int(asked["from"]), int(asked["below"]))}
            )
            self._awake.set()

    async def _answer_replay(self, connection: AsyncConnection[Any], asked: dict[str, Any]) -> None:
        sent = await send_again(connection, self._bus, self._service, str(time.time_ns()), **asked)
        log.info("sent again on request", service=self._service, events=sent)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()

    def _give_up(self) -> None:
        self.holds.clear()
        self.lost.set()
        metrics.RELAY_HOLDS.labels(self._service).set(0)
