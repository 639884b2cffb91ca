"""One stretch of listening to a durable consumer, from its acknowledgement floor on, in stream order without gaps.

JetStream alone does not keep order across a crash: what a dead process had taken comes back only after `ack_wait`,
behind newer messages. So every stretch begins by setting the durable back to its acknowledgement floor, and ends
(raising StretchOver) as soon as anything was delivered to somebody else or out of turn. What is then heard a second
time the inbox knows. That makes order and completeness independent of timeouts, and a second listener harmless.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

import nats.errors
import nats.js.errors
import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.bus.bus import Bus
from shared.bus.reactions import stream_name

ACK_WAIT_SECONDS = 30
EXPIRES_SECONDS = 4.0
"""The server serves open requests oldest first, also those of a process that was stopped (SIGSTOP) with its connection
up. They must be gone when another takes over, which is after the relay's session has been idle for five seconds."""
HEARTBEAT_SECONDS = 2.0
"""The server takes at most half of the above."""
SILENCE_SECONDS = 12.5


class StretchOver(Exception):
    """Listen anew from the acknowledgement floor."""


class Stretch:
    """Use as `async with Stretch(...) as stretch`, then `take()` and `acknowledge()` in turn."""

    def __init__(self, bus: Bus, producer: str, durable: str, subjects: list[str], batch: int) -> None:
        self._bus, self._stream, self._durable, self._subjects = bus, stream_name(producer), durable, subjects
        self._batch = batch
        self._arrived: deque[Msg] = deque()
        self._signal = asyncio.Event()
        self._broken = ""
        self._credit = 0
        self._next_delivery = 1
        self._subscription: Subscription | None = None
        self._inbox = ""
        self._stop_listening = bus.on_reconnect(lambda: self._break("reconnected"))

    async def __aenter__(self) -> "Stretch":
        try:
            await self._rewind()
            self._inbox = self._bus.client.new_inbox()
            self._subscription = await self._bus.client.subscribe(self._inbox, cb=self._on_message)
            await self._ask()
        except BaseException:
            self._stop_listening()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_listening()
        if self._subscription and not self._bus.client.is_closed:
            with suppress(nats.errors.Error, OSError):
                await self._subscription.unsubscribe()

    def wake(self) -> None:
        """Let a waiting `take()` return with what there is."""
        self._signal.set()

    async def take(self) -> list[Msg]:
        """The next messages, at once when there is one; empty after `wake()`.

        Raises StretchOver.
        """
        if not self._arrived and not self._broken:
            self._signal.clear()
            if self._credit <= self._batch:  # the request ran out while the batch before was worked on
                await self._ask()
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    await self._signal.wait()
            except TimeoutError:
                raise StretchOver("no heartbeat") from None
        taken: list[Msg] = []
        while self._arrived and len(taken) < self._batch:
            taken.append(self._in_turn(self._arrived.popleft()))
        if not taken and self._broken:
            raise StretchOver(self._broken)
        if self._credit <= self._batch and not self._broken:
            await self._ask()
        return taken

    async def acknowledge(self, messages: list[Msg]) -> None:
        publish = self._bus.client.publish
        for message in messages:
            await publish(message.reply)

    def _in_turn(self, message: Msg) -> Msg:
        # $JS.ACK.<stream>.<durable>.<deliveries>.<stream seq>.<delivery seq>.<time>.<pending>; a server with a domain
        # puts two tokens in front and one behind.
        tokens = message.reply.split(".")
        delivery = int(tokens[6] if len(tokens) == 9 else tokens[8])
        if delivery != self._next_delivery:
            raise StretchOver("messages went elsewhere")
        self._next_delivery += 1
        return message

    async def _ask(self) -> None:
        wanted = 2 * self._batch - self._credit - len(self._arrived)
        if wanted <= 0:
            return
        self._credit += wanted
        request = {
            "batch": wanted,
            "expires": int(EXPIRES_SECONDS * 1e9),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * 1e9),
        }
        await self._bus.client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._durable}", orjson.dumps(request), self._inbox
        )

    async def _on_message(self, message: Msg) -> None:
        status = message.headers.get("Status") if message.headers and not message.data else None
        if status is None or message.reply.startswith("$JS.ACK"):
            self._credit -= 1
            self._arrived.append(message)
        elif status == "100":
            self._signal.set()
            return
        elif status == "408":  # the request ran out; the server says how much of it was left
            self._credit -= int(message.headers.get("Nats-Pending-Messages", "0")) if message.headers else 0
        else:
            self._break(f"status {status}")
        self._signal.set()

    def _break(self, why: str) -> None:
        self._broken = why
        self._signal.set()

    # -- the durable --------------------------------------------------------------------------------------------

    async def _rewind(self) -> None:
        """The durable stands at its acknowledgement floor afterwards, and is made when it is not there."""
        context = self._bus.jetstream
        try:
            info = await context.consumer_info(self._stream, self._durable)
        except nats.js.errors.NotFoundError:
            await context.add_consumer(self._stream, self._config())
            return
        if not info.delivered or not info.delivered.consumer_seq:
            return
        answer = await self._request(f"CONSUMER.RESET.{self._stream}.{self._durable}")
        if answer is None or "error" in answer:  # a server without the request (before 2.14)
            floor = info.ack_floor.stream_seq if info.ack_floor else 0
            await context.delete_consumer(self._stream, self._durable)
            await context.add_consumer(self._stream, self._config(floor + 1))

    async def _request(self, subject: str) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = orjson.loads((await self._bus.client.request(f"$JS.API.{subject}", b"")).data)
        except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
            return None
        return answer

    def _config(self, start: int | None = None) -> ConsumerConfig:
        return ConsumerConfig(
            durable_name=self._durable,
            filter_subjects=self._subjects,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE if start else DeliverPolicy.ALL,
            opt_start_seq=start,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_deliver=-1,
            max_ack_pending=4 * self._batch,
        )
