"""A unit of work: one session, one transaction, one actor, and the facts it leaves behind."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson
import structlog
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.base import Event
from shared.kernel.actor import Actor
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound, Stale
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_

log = structlog.get_logger(__name__)
Row = dict[str, Any]
Params = Mapping[str, Any]
RowT = TypeVar("RowT")
Query = str | sql.Composed

_INSERT_EVENT = (
    "INSERT INTO outbox (event_id, type, subject, version, actor, correlation_id, causation_id, data)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
MAX_EVENT_BYTES = 900_000
"""NATS takes a mebibyte unless told otherwise; an event that could never leave must not be saved."""


class Rows(Protocol):
    """What a query needs: somebody who asks, a time, and a connection. A `Work` and a `Read` both are one.

    SQL takes psycopg's named parameters: `%(name)s`.
    """

    @property
    def actor(self) -> Actor: ...
    @property
    def now(self) -> datetime: ...
    async def rows(self, query: Query, params: Params | None = None) -> list[Row]: ...
    async def row(self, query: Query, params: Params | None = None) -> Row | None: ...


class Read:
    """Reads outside a transaction, each on a connection of the pool for just as long as it takes."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[DictRow]], actor: Actor, clock: Clock) -> None:
        self._pool = pool
        self.actor = actor
        self._clock = clock

    @property
    def now(self) -> datetime:
        return self._clock()

    async def rows(self, query: Query, params: Params | None = None) -> list[Row]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_sql(query), params)
            return await cursor.fetchall()

    async def row(self, query: Query, params: Params | None = None) -> Row | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_sql(query), params)
            return await cursor.fetchone()


class Work:
    """One transaction with its actor. Actions take it as their first argument and never commit it themselves."""

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        service: str,
        clock: Clock,
        *,
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
        after_commit: Sequence[Callable[[], None]] = (),
    ) -> None:
        self.session = session
        self.actor = actor
        self.service = service
        self._clock = clock
        self.began = clock()
        """When it was asked for: a deadline is kept by who comes in time, however long the database takes."""
        self.correlation_id = correlation_id or new_id()
        self.causation_id = causation_id
        self._after_commit = after_commit
        self._events: list[tuple[UUID, Event, str]] = []
        self._said = False
        self._raw: tuple[Any, Any] | None = None

    @property
    def now(self) -> datetime:
        return self._clock()

    # -- rows ---------------------------------------------------------------------------------------------------

    async def connection(self) -> AsyncConnection[Any]:
        """psycopg's own connection, inside this transaction, with everything added so far written to it."""
        session = self.session.sync_session
        if session.new or session.dirty or session.deleted:
            await self.session.flush()
        # Asked for at every statement, and dear to find out; it stays the same as long as the transaction does.
        transaction = session.get_transaction()
        if self._raw is None or transaction is None or self._raw[0] is not transaction:
            raw = await (await self.session.connection()).get_raw_connection()
            self._raw = session.get_transaction(), raw.driver_connection
        connection: AsyncConnection[Any] = self._raw[1]
        return connection

    async def rows(self, query: Query, params: Params | None = None) -> list[Row]:
        async with (await self.connection()).cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_sql(query), params)
            return await cursor.fetchall()

    async def row(self, query: Query, params: Params | None = None) -> Row | None:
        async with (await self.connection()).cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_sql(query), params)
            return await cursor.fetchone()

    async def execute(self, query: Query, params: Params | None = None) -> int:
        """Run a statement; returns how many rows it touched."""
        async with (await self.connection()).cursor() as cursor:
            await cursor.execute(_sql(query), params)
            return cursor.rowcount

    def add(self, row: object) -> None:
        self.session.add(row)

    async def get(self, model: type[RowT], id: UUID, *, lock: bool = True) -> RowT:
        """Load a row to change it, locked until the transaction ends.

        Raises NotFound, in the words of `Policy.require`: a secret thing and one that never was must read alike.
        """
        row = await self.session.get(model, id, with_for_update=lock or None, populate_existing=lock)
        if row is None:
            raise NotFound(S_("There is no %(thing)s here that you may see.", thing=model.__name__.lower()))
        return row

    def must_match(self, row: Any, version: int | None) -> None:
        """Refuse a change based on an older version of the row than the stored one; None skips the check.

        Raises Stale with the stored version in `current_version`.
        """
        if version is not None and row.version != version:
            raise Stale(
                N_("It was changed after you opened it. Compare both versions, then save again."),
                current_version=row.version,
                your_version=version,
            )

    # -- facts --------------------------------------------------------------------------------------------------

    def emit(self, event: Event, *, unnamed: bool = False) -> None:
        """Save the fact with the state: it goes to the outbox in this same transaction.

        The trail names who acted to all its readers; what they must not learn is said `unnamed`, by the platform.
        """
        self._events.append((new_id(), event, f"system:{self.service}" if unnamed else self.actor.subject))

    async def flush(self) -> None:
        """Write rows and events to the transaction without ending it."""
        if not self._events:
            await self.session.flush()
            return
        events, self._events = self._events, []
        self._said = True
        correlation, causation = self.correlation_id, self.causation_id
        rows = []
        for event_id, event, actor in events:
            content = event.model_dump_json()
            if len(content.encode()) > MAX_EVENT_BYTES:
                raise ValueError(f"{event.type} is too large for an event: facts belong in it, documents do not")
            rows.append((event_id, event.type, event.id, event.version, actor, correlation, causation, content))
        # Straight to psycopg: through the ORM's statement layer the same row costs twice the time of the whole insert.
        async with (await self.connection()).cursor() as cursor:
            if len(rows) == 1:
                await cursor.execute(_INSERT_EVENT, rows[0])
            else:
                await cursor.executemany(_INSERT_EVENT, rows)

    @asynccontextmanager
    async def apart(self, **about: Any) -> AsyncIterator[None]:
        """A step that fails for itself: what it did is undone and logged with `about`, and the unit of work goes on.

        For work by the clock, where one broken row must not hold the others up.
        """
        await self.flush()
        try:
            async with self.session.begin_nested():
                yield
                await self.flush()
        except Exception:  # whatever it was, the next row is another matter
            self._events.clear()
            log.exception("step_left_out", **about)

    async def commit(self) -> None:
        """Save state and facts together. The edge calls it for a request, `Database.work` for all else."""
        await self.flush()
        await self.session.commit()
        if self._said:
            self._said = False
            for wake in self._after_commit:
                wake()

    async def rollback(self) -> None:
        """Undo everything so far; reads that follow see what is stored."""
        self._events.clear()
        await self.session.rollback()

    async def close(self) -> None:
        await self.session.close()


def _sql(query: Query) -> Any:
    return query.encode() if isinstance(query, str) else query


def as_json(value: Any) -> str:
    """JSON text for a jsonb parameter."""
    return orjson.dumps(value, default=str).decode()
