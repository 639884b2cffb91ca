"""What the event server says about its streams and those who hear them, and what our own database has set aside."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import nats.errors
import orjson

from shared.bus.bus import Bus
from shared.bus.reactions import stream_name
from shared.db.work import Rows
from shared.kernel.errors import Unavailable
from shared.kernel.marks import N_
from shared.kernel.settings import SERVICE_NAMES

ASK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Hearer:
    """A durable consumer: how much it has not heard, not confirmed, and been given again."""

    name: str
    pending: int
    unconfirmed: int
    redelivered: int


@dataclass(frozen=True, slots=True)
class Stream:
    service: str
    messages: int = 0
    bytes: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    hearers: list[Hearer] = field(default_factory=list)


async def streams(bus: Bus) -> list[Stream]:
    """Every service's stream with its hearers. Raises Unavailable when the event server does not answer."""
    if not bus.healthy:
        raise Unavailable(N_("The event server does not answer. Facts are kept and published as soon as it is back."))
    try:
        return [await _stream(bus, service) for service in SERVICE_NAMES]
    except (nats.errors.Error, TimeoutError, OSError) as problem:
        raise Unavailable(N_("The event server does not answer in time. Try again in a moment.")) from problem


async def _stream(bus: Bus, service: str) -> Stream:
    info = await _ask(bus, f"STREAM.INFO.{stream_name(service)}")
    if "error" in info:  # the service has never been started
        return Stream(service)
    state = info["state"]
    heard = bool(state["messages"])
    return Stream(
        service,
        int(state["messages"]),
        int(state["bytes"]),
        datetime.fromisoformat(state["first_ts"]) if heard else None,
        datetime.fromisoformat(state["last_ts"]) if heard else None,
        await _hearers(bus, service),
    )


async def _hearers(bus: Bus, service: str) -> list[Hearer]:
    found: list[Hearer] = []
    while True:
        answer = await _ask(bus, f"CONSUMER.LIST.{stream_name(service)}", offset=len(found))
        page = answer.get("consumers") or []
        found += [
            Hearer(one["name"], one["num_pending"], one["num_ack_pending"], one["num_redelivered"]) for one in page
        ]
        if not page or len(found) >= int(answer["total"]):
            return sorted(found, key=lambda hearer: hearer.name)


async def _ask(bus: Bus, subject: str, **fields: Any) -> dict[str, Any]:
    message = await bus.client.request(f"$JS.API.{subject}", orjson.dumps(fields), timeout=ASK_SECONDS)
    answer: dict[str, Any] = orjson.loads(message.data)
    return answer


async def set_aside(rows: Rows) -> int:
    """How many events this service has set aside and not yet settled."""
    row = await rows.row("SELECT count(*) AS n FROM parked_events WHERE resolved_at IS NULL")
    return int(row["n"]) if row else 0
