"""The drain's baseline: the same bytes through JetStream with nothing around them."""

import asyncio
import time
from uuid import uuid4

from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, StreamConfig

from shared.bus.bus import Bus, Outgoing

WINDOW = 500
SUBJECT = "raw.projects.application.submitted.v1"


async def raw_drain(bus: Bus, payloads: list[bytes], *, atomic: bool) -> float:
    """Seconds to publish in windows, pull in batches and acknowledge; both sides at the same time."""
    client = bus.client
    context = client.jetstream(publish_async_max_pending=4 * WINDOW)
    await context.add_stream(
        StreamConfig(name="raw", subjects=["raw.>"], discard=DiscardPolicy.NEW, duplicate_window=600, allow_atomic=True)
    )
    subscription = await context.pull_subscribe(
        "raw.>",
        durable="raw",
        stream="raw",
        config=ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=30, max_ack_pending=4 * WINDOW),
    )
    started = time.perf_counter()

    async def publish() -> None:
        for start in range(0, len(payloads), WINDOW):
            window = payloads[start : start + WINDOW]
            if atomic:
                await bus.publish([Outgoing(SUBJECT, payload, str(uuid4()), "") for payload in window])
                continue
            acks = [
                await context.publish_async(SUBJECT, payload, headers={"Nats-Msg-Id": str(uuid4())})
                for payload in window
            ]
            await asyncio.wait_for(asyncio.gather(*acks), 30)

    async def pull() -> None:
        left = len(payloads)
        while left:
            messages = await subscription.fetch(min(WINDOW, left), timeout=30)
            for message in messages:
                await message.ack()
            left -= len(messages)
        await client.flush()

    await asyncio.gather(publish(), pull())
    took = time.perf_counter() - started
    await subscription.unsubscribe()
    await context.delete_stream("raw")
    return took
