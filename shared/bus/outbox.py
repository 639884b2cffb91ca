"""Reading a service's outbox for sending: the unpublished rows in order, and rows sent once more on request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from psycopg import AsyncConnection

from shared.bus.bus import Bus, Outgoing
from shared.bus.envelope import encode

log = structlog.get_logger("bus")
_COLUMNS = """seq, recorded_at, event_id::text, type, subject::text, version, actor, correlation_id::text,
              causation_id::text, data::text"""
# `since` spares the look into every day's partition; the relay passes -infinity until it has caught up once.
_CLAIM = f"""SELECT {_COLUMNS} FROM outbox
             WHERE published_at IS NULL AND recorded_at >= %s AND seq <> ALL(%s::bigint[]) ORDER BY seq LIMIT %s"""  # noqa: S608
_MARK = """UPDATE outbox SET published_at = now()
           WHERE published_at IS NULL AND seq = ANY(%s::bigint[]) AND recorded_at BETWEEN %s AND %s"""
_AGAIN = f"""SELECT {_COLUMNS} FROM outbox WHERE published_at IS NOT NULL AND seq > %(after)s
             AND recorded_at >= %(since)s AND recorded_at < %(until)s
             AND (%(type)s::text IS NULL OR type = %(type)s)
             AND (%(subject)s::uuid IS NULL OR subject = %(subject)s)
             AND version >= %(from_version)s AND version < %(below_version)s
             ORDER BY seq LIMIT 500"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Saved:
    """An outbox row and its wire form."""

    seq: int
    recorded_at: datetime
    message: Outgoing


def _saved(service: str, row: Sequence[Any], copy: str = "") -> Saved:
    seq, recorded_at, id, type, subject, version, actor, correlation, causation, data = row
    wire = encode(id, type, service, subject, version, recorded_at, actor, correlation, causation, data)
    return Saved(seq, recorded_at, Outgoing(type, wire, id + copy, subject))


async def claim(
    connection: AsyncConnection[Any], service: str, since: datetime | str, taken: Sequence[Saved], limit: int
) -> list[Saved]:
    """The first unpublished rows in order, leaving out those on their way."""
    cursor = await connection.execute(_CLAIM, (since, [saved.seq for saved in taken], limit))
    return [_saved(service, row) for row in await cursor.fetchall()]


async def mark(connection: AsyncConnection[Any], window: Sequence[Saved]) -> None:
    """Exactly these rows are published."""
    times = [saved.recorded_at for saved in window]
    await connection.execute(_MARK, ([saved.seq for saved in window], min(times), max(times)))


async def send_again(
    connection: AsyncConnection[Any],
    bus: Bus,
    service: str,
    stamp: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    type: str | None = None,
    subject: str | None = None,
    versions: tuple[int, int] = (0, 2**31 - 1),
) -> int:
    """Publishes rows a second time, in order; who has acted on them skips them. Returns how many.

    The message id is the event's with `stamp` behind it: the server would drop the bare one as a copy.
    """
    after = sent = 0
    while True:
        cursor = await connection.execute(
            _AGAIN,
            {
                "after": after,
                "since": since or "-infinity",
                "until": until or "infinity",
                "type": type,
                "subject": subject,
                "from_version": versions[0],
                "below_version": versions[1],
            },
        )
        rows = await cursor.fetchall()
        if not rows:
            return sent
        await bus.publish([_saved(service, row, f":{stamp}").message for row in rows])
        after, sent = rows[-1][0], sent + len(rows)
