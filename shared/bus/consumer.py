"""A reaction at work: pulls batches from each stream it hears and makes each fact take effect exactly once."""

import asyncio
import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

import psycopg
import structlog
from nats.aio.msg import Msg
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.bus import metrics
from shared.bus.bus import Bus
from shared.bus.envelope import BadEnvelope, Envelope, decode
from shared.bus.inbox import EraChanged, admit, era_of, park, reason_of
from shared.bus.pull import Stretch, StretchOver
from shared.bus.reactions import Heard, Reaction
from shared.contracts.base import Event
from shared.db.engine import Database
from shared.kernel import faults
from shared.kernel.actor import system_actor

log = structlog.get_logger("bus")
FIRST_RETRY_SECONDS = 0.5
ONE_EVENT_SECONDS = 20.0
NOWHERE = UUID(int=0)
_EVENTS_OWN_FAULT = ("40001", "40P01", "55P03", "57014")
"""Serialisation failure, deadlock, lock timeout, statement timeout: OperationalErrors with a living database."""


class UnknownVersion(Exception):
    """This release does not know that version of the event; a person replays it after the upgrade."""


def database_is_away(problem: BaseException) -> bool:
    """Whether the failure says nothing about the event: the database cannot be reached or takes no work."""
    if isinstance(problem, (NoConnectionFree, PoolTimeout)):
        return True
    if isinstance(problem, DBAPIError):
        if problem.connection_invalidated:
            return True
        problem = problem.orig or problem
    if isinstance(problem, psycopg.InterfaceError):
        return True
    return isinstance(problem, psycopg.OperationalError) and problem.sqlstate not in _EVENTS_OWN_FAULT


def read_event(reaction: Reaction, envelope: Envelope) -> Event | None:
    """The typed fact, or None where a reaction hears everything. Raises UnknownVersion and ValidationError."""
    if envelope.subject == NOWHERE:
        raise BadEnvelope("no event of this platform")
    if reaction.kind == "everything":
        return None
    known = reaction.types.get(envelope.type)
    if known is None:
        versions = ", ".join(sorted(reaction.types))
        raise UnknownVersion(f"{envelope.type} is not among {versions}. Upgrade this service, then replay the event.")
    return known.model_validate(envelope.data)


async def act(database: Database, reaction: Reaction, envelopes: list[Envelope], era: int) -> int:
    """One transaction: inbox rows, effects, commit; returns how many were set aside. Anything raised leaves nothing."""
    started = time.perf_counter()
    async with database.work(system_actor(database.service)) as work:
        admitted = await admit(work, reaction, envelopes, era)
        faults.point("after_inbox_insert")
        if admitted.fresh:
            heard: list[Heard] = [(read_event(reaction, envelope), envelope) for envelope in admitted.fresh]
            await reaction.run(work, heard)
    labels = (database.service, reaction.name)
    metrics.HANDLED.labels(*labels).inc(len(admitted.fresh))
    metrics.SKIPPED.labels(*labels).inc(admitted.skipped)
    metrics.BATCH_SECONDS.labels(*labels).observe(time.perf_counter() - started)
    return admitted.aside


class Consumer:
    """Runs one reaction until it is stopped. Only the process that holds the service's relay should run it: a second
    one would do no harm, but the two would keep setting each other back."""

    def __init__(self, database: Database, bus: Bus, reaction: Reaction, *, parked: Callable[[], None] = lambda: None):
        self.database, self.bus, self.reaction = database, bus, reaction
        self._parked = parked
        self._stopping = False
        self._stretches: set[Stretch] = set()

    def stop(self) -> None:
        """Finish the batch in hand, acknowledge it, and return from `run()`."""
        self._stopping = True
        for stretch in self._stretches:
            stretch.wake()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as streams:
            for producer, subjects in self.reaction.subjects().items():
                streams.create_task(self._listen_for_ever(producer, subjects))

    async def _listen_for_ever(self, producer: str, subjects: list[str]) -> None:
        wait = FIRST_RETRY_SECONDS
        while not self._stopping:
            started = time.monotonic()
            try:
                await self._drop_old_durables(producer)
                await self._listen(producer, subjects)
                continue
            except (StretchOver, EraChanged) as why:
                log.info("listening anew", reaction=self.reaction.name, producer=producer, why=str(why))
                pause = 0.05
            except Exception as problem:
                # Whatever it was, everything not committed is heard again from the acknowledgement floor.
                log.warning("listening broke", reaction=self.reaction.name, producer=producer, why=reason_of(problem))
                pause = wait
            if time.monotonic() - started > 60:
                wait = FIRST_RETRY_SECONDS
            elif pause == wait:
                wait = min(wait * 2, 5.0)
            await asyncio.sleep(pause)

    async def _drop_old_durables(self, producer: str) -> None:
        """The set of events has changed: the durable has a new name, and the old one would only pile up."""
        hearing, context = self.database.service, self.bus.jetstream
        prefix, current = self.reaction.durable_prefix(hearing), self.reaction.durable(hearing, producer)
        stream = f"hechuan_{producer}"
        for info in await context.consumers_info(stream):
            name = info.name or ""
            if name.startswith(prefix) and len(name) == len(prefix) + 8 and name != current:
                await context.delete_consumer(stream, name)

    async def _listen(self, producer: str, subjects: list[str]) -> None:
        reaction = self.reaction
        async with self.database.work(system_actor(self.database.service)) as work:
            era = await era_of(work, reaction.name)
        durable = reaction.durable(self.database.service, producer)
        async with Stretch(self.bus, producer, durable, subjects, reaction.batch_size) as stretch:
            self._stretches.add(stretch)
            try:
                while not self._stopping:
                    if messages := await stretch.take():
                        await self._take_in(messages, era)
                        faults.point("after_commit_before_ack")
                        await stretch.acknowledge(messages)
            finally:
                self._stretches.discard(stretch)

    async def _take_in(self, messages: list[Msg], era: int) -> None:
        envelopes = [_read(message) for message in messages]
        good = [envelope for envelope in envelopes if envelope.subject != NOWHERE]
        for envelope in envelopes:
            if envelope.subject == NOWHERE:
                await self._set_aside(envelope, BadEnvelope("no event of this platform"), final=True)
        if not good:
            return
        try:
            if await act(self.database, self.reaction, good, era):
                self._parked()
            return
        except EraChanged:
            raise
        except Exception as problem:
            if database_is_away(problem):
                raise
            if len(good) > 1:
                log.info("batch failed, now one by one", reaction=self.reaction.name, why=reason_of(problem))
        for envelope in good:
            await self._take_one(envelope, era)

    async def _take_one(self, envelope: Envelope, era: int) -> None:
        try:
            async with asyncio.timeout(ONE_EVENT_SECONDS):
                if await act(self.database, self.reaction, [envelope], era):
                    self._parked()
        except EraChanged:
            raise
        except Exception as problem:
            if database_is_away(problem):
                raise
            await self._set_aside(envelope, problem, final=isinstance(problem, UnknownVersion))

    async def _set_aside(self, envelope: Envelope, problem: Exception, *, final: bool) -> None:
        reason, state = reason_of(problem), "parked" if final else "retrying"
        async with self.database.work(system_actor(self.database.service)) as work:
            await park(work, self.reaction.name, envelope, state, reason, FIRST_RETRY_SECONDS, tries=1)
        metrics.PARKED.labels(self.database.service, self.reaction.name).inc()
        log.warning(
            "event set aside", reaction=self.reaction.name, event_id=str(envelope.id), type=envelope.type, reason=reason
        )
        self._parked()


def _read(message: Msg) -> Envelope:
    """The envelope; for a message that has none, a stand-in that keeps its bytes and concerns no aggregate."""
    try:
        return decode(message.data)
    except BadEnvelope:
        tokens = message.reply.split(".")
        return Envelope(
            id=uuid5(NAMESPACE_OID, ".".join(tokens[2:3] + tokens[5:6] + tokens[7:8])),
            type="hechuan.unknown.message.unreadable.v0",
            source="/unknown",
            subject=NOWHERE,
            version=1,
            time=datetime.now(UTC),
            actor="",
            correlation_id=NOWHERE,
            causation_id=None,
            data={"subject": message.subject, "base64": base64.b64encode(message.data).decode()},
        )
