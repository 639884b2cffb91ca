"""What was set aside comes back: retried with growing pauses, in order per aggregate, until a person is needed."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
import structlog

from shared.bus.bus import Bus
from shared.bus.consumer import ONE_EVENT_SECONDS, UnknownVersion, database_is_away, read_event
from shared.bus.envelope import Envelope, decode
from shared.bus.inbox import reason_of, record_one
from shared.bus.reactions import Reaction
from shared.db.engine import Database
from shared.db.work import Row, Work
from shared.kernel.actor import system_actor

log = structlog.get_logger("bus")
PAUSES = (0.5, 2.0, 8.0, 30.0)
"""After the first, second … failed try; a fifth failure is the last."""
LOOK_SECONDS = 0.5
IDLE_LOOK_SECONDS = 5.0
REPLAY_SUBJECT = "hechuan_replay"

_DUE = """
SELECT * FROM (
    SELECT DISTINCT ON (reaction, subject, thing) id, reaction, state, next_try_at
    FROM parked_events WHERE resolved_at IS NULL AND reaction = ANY(%(reactions)s)
    ORDER BY reaction, subject, thing, version, id) AS first
WHERE state = 'behind' OR (state = 'retrying' AND next_try_at <= now())
ORDER BY id LIMIT 100
"""
_TAKE = """
SELECT p.*, coalesce(h.version, 0) AS head FROM parked_events AS p
LEFT JOIN inbox_heads AS h USING (reaction, subject, thing)
WHERE p.id = %(id)s AND p.resolved_at IS NULL AND p.state <> 'parked' FOR UPDATE OF p SKIP LOCKED
"""


class Gap(Exception):
    """A version between the last one acted on and this one has not come."""


class ParkedRetry:
    """One loop for all reactions of a service."""

    def __init__(self, database: Database, bus: Bus, reactions: Mapping[str, Reaction]) -> None:
        self._database, self._bus, self._reactions = database, bus, reactions
        self._look = asyncio.Event()
        self._stopping = False

    def look(self) -> None:
        """Something was set aside just now."""
        self._look.set()

    def stop(self) -> None:
        self._stopping = True
        self._look.set()

    async def run(self) -> None:
        while not self._stopping:
            self._look.clear()
            try:
                pause = await self._round()
            except Exception as problem:
                log.warning("retrying parked events broke", why=reason_of(problem))
                pause = IDLE_LOOK_SECONDS
            if pause and not self._stopping:
                try:
                    async with asyncio.timeout(pause):
                        await self._look.wait()
                except TimeoutError:
                    continue

    async def _round(self) -> float:
        """Tries everything due; returns how long to wait before the next look."""
        actor = system_actor(self._database.service)
        async with self._database.read(actor) as read:
            due = await read.rows(_DUE, {"reactions": list(self._reactions)})
            if not due:
                more = await read.row(
                    "SELECT FROM parked_events WHERE resolved_at IS NULL AND state <> 'parked' LIMIT 1"
                )
                return IDLE_LOOK_SECONDS if more is None else LOOK_SECONDS
        moved = False
        for row in due:
            if self._stopping:
                break
            moved |= await self._try(row["id"], self._reactions[row["reaction"]])
        return 0 if moved else LOOK_SECONDS

    async def _try(self, id: int, reaction: Reaction) -> bool:
        """One event in one transaction; True when it is resolved."""
        actor = system_actor(self._database.service)
        try:
            async with asyncio.timeout(ONE_EVENT_SECONDS), self._database.work(actor) as work:
                row = await work.row(_TAKE, {"id": id})
                if row is None:
                    return False
                await self._run(work, reaction, row)
        except Exception as problem:
            if database_is_away(problem):
                raise
            await self._failed(id, problem)
            return False
        return True

    async def _run(self, work: Work, reaction: Reaction, row: Row) -> None:
        envelope = _envelope(row)
        if reaction.ordered and envelope.version > row["head"] + 1:
            raise Gap(f"version {row['head'] + 1} has not come")
        current = envelope.version > row["head"]
        if await record_one(work, reaction.name, envelope) and current:
            await reaction.run(work, [(read_event(reaction, envelope), envelope)])
        await work.execute(
            "UPDATE parked_events SET state = 'done', resolved_at = now() WHERE id = %(id)s", {"id": row["id"]}
        )

    async def _failed(self, id: int, problem: Exception) -> None:
        async with self._database.work(system_actor(self._database.service)) as work:
            row = await work.row(_TAKE, {"id": id})
            if row is None:
                return
            tries = row["tries"] + 1
            over = tries > len(PAUSES) or isinstance(problem, UnknownVersion)
            await work.execute(
                """UPDATE parked_events SET state = %(state)s, tries = %(tries)s, reason = %(reason)s,
                          next_try_at = now() + make_interval(secs => %(pause)s) WHERE id = %(id)s""",
                {
                    "id": id,
                    "state": "parked" if over else "retrying",
                    "tries": tries,
                    "reason": reason_of(problem),
                    "pause": 0 if over else PAUSES[tries - 1],
                },
            )
        if over:
            log.error("event parked", reaction=row["reaction"], event_id=str(row["event_id"]), type=row["type"])
        elif isinstance(problem, Gap):
            await self._ask_again(_envelope(row), row["head"] + 1)

    async def _ask_again(self, envelope: Envelope, version: int) -> None:
        producer = envelope.thing.partition(".")[0]
        request: dict[str, Any] = {"subject": str(envelope.subject), "from": version, "below": envelope.version}
        if self._bus.healthy:
            await self._bus.client.publish(f"{REPLAY_SUBJECT}.{producer}", orjson.dumps(request))


def _envelope(row: Row) -> Envelope:
    return decode(row["envelope"])
