"""What an operator can ask of the bus and do to it (`hechuan events`)."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import nats.js.errors
from psycopg import AsyncConnection

from shared.bus.bus import Bus
from shared.bus.envelope import decode
from shared.bus.inbox import record_one
from shared.bus.outbox import send_again
from shared.bus.reactions import Reaction, stream_name
from shared.db.engine import Database
from shared.db.work import Row, Work
from shared.kernel.actor import system_actor
from shared.kernel.errors import Conflict, NotFound


async def lag(database: Database, bus: Bus, reactions: Sequence[Reaction]) -> dict[str, Any]:
    """What is under way: rows not yet sent, and per durable how much it has not heard and not confirmed."""
    async with database.read(system_actor(database.service)) as read:
        outbox = await read.row(
            """SELECT count(*) AS n, coalesce(extract(epoch FROM now() - min(recorded_at)), 0)::float AS oldest
               FROM outbox WHERE published_at IS NULL"""
        )
        states = await read.rows(
            "SELECT state, count(*) AS n FROM parked_events WHERE resolved_at IS NULL GROUP BY state"
        )
    waiting = {row["state"]: row["n"] for row in states}
    durables: list[dict[str, Any]] = []
    for reaction in reactions:
        for producer in reaction.subjects():
            durable = reaction.durable(database.service, producer)
            entry: dict[str, Any] = {"reaction": reaction.name, "producer": producer, "durable": durable}
            try:
                info = await bus.jetstream.consumer_info(stream_name(producer), durable)
                entry |= {"pending": info.num_pending or 0, "ack_pending": info.num_ack_pending or 0}
            except nats.js.errors.NotFoundError:
                entry |= {"pending": await _all_of(bus, producer), "ack_pending": 0}
            durables.append(entry)
    return {
        "unpublished": outbox["n"] if outbox else 0,
        "oldest_unpublished_seconds": outbox["oldest"] if outbox else 0.0,
        "parked": waiting.get("parked", 0),
        "retrying": waiting.get("retrying", 0),
        "behind": waiting.get("behind", 0),
        "reactions": durables,
    }


async def _all_of(bus: Bus, producer: str) -> int:
    """A reaction that never ran has the whole stream before it."""
    try:
        return int((await bus.jetstream.stream_info(stream_name(producer))).state.messages)
    except nats.js.errors.NotFoundError:
        return 0


async def parked(database: Database) -> list[Row]:
    """What is set aside, oldest first, without the events' contents."""
    async with database.read(system_actor(database.service)) as read:
        return await read.rows(
            """SELECT id, reaction, event_id, type, subject, version, state, reason, tries, next_try_at, parked_at
               FROM parked_events WHERE resolved_at IS NULL ORDER BY id LIMIT 1000"""
        )


async def replay_parked(database: Database, id: int) -> str:
    """Try a parked event again, with all its tries; returns what was done in words.

    Raises NotFound, and Conflict for an event that only waits for an older one.
    """
    async with database.work(system_actor(database.service)) as work:
        row = await _open(work, id)
        if row["state"] == "behind":
            raise Conflict("It only waits for an older event of the same thing. Mend or drop that one first.")
        await work.execute(
            "UPDATE parked_events SET state = 'retrying', tries = 0, next_try_at = now() WHERE id = %(id)s", {"id": id}
        )
    return f"{row['type']} is tried again now."


async def drop_parked(database: Database, id: int, reason: str, *, by: str = "the operator") -> str:
    """Give a parked event up for good: the reaction never acts on it, and what waits behind it goes on.

    Reason and `by` are kept with it.

    Raises NotFound, and Conflict without a reason or for an event that only waits for an older one.
    """
    if not reason.strip():
        raise Conflict("Say why it is dropped; the reason is kept.")
    async with database.work(system_actor(database.service)) as work:
        row = await _open(work, id)
        if row["state"] == "behind":
            raise Conflict("It only waits for an older event of the same thing. Mend or drop that one first.")
        await record_one(work, row["reaction"], decode(row["envelope"]))
        await work.execute(
            """UPDATE parked_events SET state = 'dropped', resolved_at = now(),
                      reason = reason || '; dropped by ' || %(by)s || ': ' || %(why)s WHERE id = %(id)s""",
            {"id": id, "by": by, "why": reason.strip()},
        )
    return f"{row['type']} is dropped."


async def _open(work: Work, id: int) -> Row:
    row = await work.row("SELECT * FROM parked_events WHERE id = %(id)s AND resolved_at IS NULL FOR UPDATE", {"id": id})
    if row is None:
        raise NotFound("There is no such parked event, or it is resolved already.")
    return row


async def replay_range(
    database: Database,
    bus: Bus,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    type: str | None = None,
    subject: UUID | None = None,
) -> int:
    """Sends published facts once more, in order; who has acted on them skips them. Returns how many."""
    async with await AsyncConnection.connect(database.url, autocommit=True, connect_timeout=5) as connection:
        return await send_again(
            connection,
            bus,
            database.service,
            str(time.time_ns()),
            since=since,
            until=until,
            type=type,
            subject=str(subject) if subject else None,
        )


async def rebuild(database: Database, bus: Bus, reaction: Reaction) -> None:
    """Makes a reaction hear everything again from the streams' beginning. Empty its projection first.

    A running consumer notices the new era before its next batch; a batch under way ends first. What somebody has given
    up with a reason stays given up.
    """
    async with database.work(system_actor(database.service)) as work:
        name = {"reaction": reaction.name}
        await work.execute(
            """INSERT INTO inbox_eras (reaction, era) VALUES (%(reaction)s, 2)
               ON CONFLICT (reaction) DO UPDATE SET era = inbox_eras.era + 1""",
            name,
        )
        # Parked ones first: a retry that holds one of them ends before the heads go, and so leaves none behind.
        await work.execute("DELETE FROM parked_events WHERE reaction = %(reaction)s AND state <> 'dropped'", name)
        await work.execute(
            """DELETE FROM inbox WHERE reaction = %(reaction)s AND event_id NOT IN
                 (SELECT event_id FROM parked_events WHERE reaction = %(reaction)s)""",
            name,
        )
        await work.execute("DELETE FROM inbox_heads WHERE reaction = %(reaction)s", name)
    for producer in reaction.subjects():
        durable = reaction.durable(database.service, producer)
        try:
            await bus.jetstream.delete_consumer(stream_name(producer), durable)
        except nats.js.errors.NotFoundError:
            continue
