"""One process's connection to NATS: streams, and windows of messages published with their acknowledgements."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import nats
import nats.errors
import nats.js.errors
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

from shared.bus.reactions import stream_name
from shared.kernel import faults
from shared.kernel.settings import SERVICE_NAMES

log = structlog.get_logger("bus")
FIRST_CONNECT_SECONDS = 30.0
ACK_SECONDS = 3.0
"""Shorter than the relay's session may be idle."""
DUPLICATE_WINDOW_SECONDS = 600
MAX_ATOMIC = 1000
"""The server takes no larger atomic batch."""
ATOMIC_FROM = 12
"""Below this the server's fixed cost of a batch (some milliseconds) is more than a flush to disk a message."""
CONTAINS_DUPLICATE = 10201
ATOMIC_DISABLED = 10174


class Unpublished(Exception):
    """A window was not acknowledged whole. Some of it may be stored; sending it again is safe."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. `aggregate` is what must stay in order; `id` makes the server drop a second copy."""

    subject: str
    payload: bytes
    id: str
    aggregate: UUID | str


def _read(ack: Msg) -> dict[str, Any]:
    if not ack.data:  # a status without a body: no stream listens on the subject
        raise Unpublished("no stream answers")
    answer: dict[str, Any] = orjson.loads(ack.data)
    return answer


class Bus:
    """Opens the connection, keeps it for ever, and publishes."""

    def __init__(self, url: str, *, token: str = "", replicas: int = 1, name: str = "hechuan") -> None:
        self._url, self._token, self._replicas, self._name = url, token, replicas, name
        self._client = Client()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}
        self._tokens = itertools.count()
        self._inbox = ""
        self._atomic = True
        self._on_reconnect: set[Callable[[], None]] = set()

    @property
    def client(self) -> Client:
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        return self._client.jetstream(timeout=ACK_SECONDS)

    @property
    def healthy(self) -> bool:
        return bool(self._client.is_connected)

    async def open(self) -> None:
        """Connects. Raises ConnectionError when no server answers in time; later losses are repaired silently."""
        options: dict[str, Any] = {"reconnect_time_wait": 0.2}
        if self._token:
            options["token"] = self._token
        try:
            await asyncio.wait_for(
                self._client.connect(
                    self._url,
                    name=self._name,
                    connect_timeout=3,
                    max_reconnect_attempts=-1,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnect,
                    reconnected_cb=self._on_reconnected,
                    **options,
                ),
                FIRST_CONNECT_SECONDS,
            )
        except (TimeoutError, OSError, nats.errors.Error) as problem:
            with suppress(OSError, nats.errors.Error):
                await self._client.close()
            raise ConnectionError(f"NATS does not answer: {type(problem).__name__}") from problem
        self._inbox = self._client.new_inbox()
        await self._client.subscribe(f"{self._inbox}.*", cb=self._on_ack)

    async def close(self) -> None:
        if self._client.is_closed:
            return
        with suppress(nats.errors.Error, OSError, TimeoutError):
            await self._client.flush(timeout=2)
        await self._client.close()

    def on_reconnect(self, call: Callable[[], None]) -> Callable[[], None]:
        """Call it after every reconnect; returns how to stop that."""
        self._on_reconnect.add(call)
        return lambda: self._on_reconnect.discard(call)

    async def ensure_stream(self, service: str) -> None:
        """Makes a service's stream, or brings its settings up to date. Safe to repeat and to race."""
        config = StreamConfig(
            name=stream_name(service),
            subjects=[f"hechuan.{service}.>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            duplicate_window=DUPLICATE_WINDOW_SECONDS,
            num_replicas=self._replicas,
            allow_atomic=True,
        )
        try:
            await self.jetstream.add_stream(config)
        except nats.js.errors.BadRequestError:
            await self.jetstream.update_stream(config)

    async def ensure_streams(self) -> None:
        """All five: a consumer may start before its producer ever ran."""
        for service in SERVICE_NAMES:
            await self.ensure_stream(service)

    # -- publishing ---------------------------------------------------------------------------------------------

    async def publish(self, window: Sequence[Outgoing]) -> None:
        """Stores a window in order, or raises Unpublished.

        An atomic batch costs the server one flush to disk for the whole window instead of one a message. It refuses
        a batch with any message it has already, so a retried window goes the slow way: message by message, where a
        second copy is acknowledged and dropped.
        """
        if not self._client.is_connected:
            raise Unpublished("not connected")
        try:
            if len(window) >= ATOMIC_FROM and self._atomic:
                for start in range(0, len(window), MAX_ATOMIC):
                    if not await self._publish_atomic(window[start : start + MAX_ATOMIC]):
                        await self._publish_each(window[start : start + MAX_ATOMIC])
            else:
                await self._publish_each(window)
        except (TimeoutError, OSError, nats.errors.Error) as problem:
            raise Unpublished(type(problem).__name__) from problem

    async def _publish_atomic(self, window: Sequence[Outgoing]) -> bool:
        batch, last = uuid4().hex, len(window)
        reply, ack = self._expect_ack()
        publish = self._client.publish
        try:
            for number, message in enumerate(window, 1):
                headers = {"Nats-Msg-Id": message.id, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
                if number == last:
                    headers["Nats-Batch-Commit"] = "1"
                await publish(message.subject, message.payload, reply if number == last else "", headers)
                if number == (last + 1) // 2:
                    await self._reach("mid_window_publish")
            answer = _read(await asyncio.wait_for(ack, ACK_SECONDS))
        finally:
            self._forget(reply)
        if error := answer.get("error"):
            if error.get("err_code") == ATOMIC_DISABLED:
                self._atomic = False
            elif error.get("err_code") != CONTAINS_DUPLICATE:
                log.warning("atomic batch refused", code=error.get("err_code"), description=error.get("description"))
            return False
        if answer.get("count") != last:
            # A server too old for batches has stored ordinary messages; the retry finds out which.
            self._atomic = False
            raise Unpublished("the server does not know atomic batches")
        return True

    async def _publish_each(self, window: Sequence[Outgoing]) -> None:
        """In waves that hold each aggregate once: whatever fails, nothing of the same aggregate has overtaken it."""
        waves: list[list[Outgoing]] = []
        seen: dict[UUID | str, int] = {}
        for message in window:
            wave = seen.get(message.aggregate, -1) + 1
            seen[message.aggregate] = wave
            if wave == len(waves):
                waves.append([])
            waves[wave].append(message)
        for messages in waves:
            acks = [self._expect_ack() for _ in messages]
            try:
                for number, (message, (reply, _)) in enumerate(zip(messages, acks, strict=True), 1):
                    await self._client.publish(message.subject, message.payload, reply, {"Nats-Msg-Id": message.id})
                    if number == (len(messages) + 1) // 2:
                        await self._reach("mid_window_publish")
                await asyncio.wait_for(asyncio.gather(*(ack for _, ack in acks)), ACK_SECONDS)
            finally:
                for reply, _ in acks:
                    self._forget(reply)
            for _, ack in acks:
                if error := _read(ack.result()).get("error"):
                    raise Unpublished(f"{error.get('err_code')} {error.get('description')}")

    async def _reach(self, point: str) -> None:
        if faults.armed(point):
            await self._client.flush()
            faults.point(point)

    def _expect_ack(self) -> tuple[str, asyncio.Future[Msg]]:
        token = str(next(self._tokens))
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[token] = future
        return f"{self._inbox}.{token}", future

    def _forget(self, reply: str) -> None:
        self._waiting.pop(reply.rpartition(".")[2], None)

    async def _on_ack(self, message: Msg) -> None:
        future = self._waiting.get(message.subject.rpartition(".")[2])
        if future and not future.done():
            future.set_result(message)

    # -- the connection's life ----------------------------------------------------------------------------------

    async def _on_error(self, problem: Exception) -> None:
        log.warning("nats", error=type(problem).__name__)

    async def _on_disconnect(self) -> None:
        # An ack that was on its way never comes now; waiting for its timeout would only cost time.
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError("connection to NATS lost"))
                future.exception()  # counts as seen, should nobody wait for it any more

    async def _on_reconnected(self) -> None:
        log.info("nats reconnected")
        for call in tuple(self._on_reconnect):
            call()
