"""What a stream holds, for those who compare it with the outbox."""

from datetime import UTC, datetime

import nats.errors
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.bus.bus import Bus
from shared.bus.reactions import stream_name


async def message_ids(bus: Bus, service: str) -> tuple[list[str], datetime | None]:
    """The event ids in a service's stream, as often as they are stored, and the time of the oldest message.

    A fact sent again on request (`<id>:<n>`) is the same fact and is left out.
    """
    context = bus.jetstream
    info = await context.stream_info(stream_name(service))
    total = info.state.messages
    if not total:
        return [], None
    subscription = await context.pull_subscribe(
        f"hechuan.{service}.>",
        stream=stream_name(service),
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, headers_only=True, inactive_threshold=60
        ),
    )
    found: list[str] = []
    oldest: datetime | None = None
    seen = 0
    try:
        while seen < total:
            try:
                batch = await subscription.fetch(1000, timeout=5)
            except (TimeoutError, nats.errors.TimeoutError):
                break
            for message in batch:
                seen += 1
                if oldest is None:
                    oldest = message.metadata.timestamp.astimezone(UTC)
                found.append((message.headers or {}).get("Nats-Msg-Id", ""))
    finally:
        name = (await subscription.consumer_info()).name
        await subscription.unsubscribe()
        await context.delete_consumer(stream_name(service), name)
    return [id for id in found if ":" not in id], oldest
