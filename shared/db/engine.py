"""One service's database: an engine for units of work, and a light pool for reads."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, conninfo
from psycopg import Error as PsycopgError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.event import listen
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from shared.db.work import Read, Work
from shared.kernel.actor import Actor
from shared.kernel.clock import Clock, system_clock

STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 3_000
IDLE_IN_TRANSACTION_MS = 30_000
TRUSTED_SECONDS = 1.0
"""A connection put back more recently than this is not asked whether it lives: under load that is a round trip for
each request. One that died meanwhile fails at its first statement, and the request is run again."""


def _sqlalchemy_url(url: str) -> str:
    return "postgresql+psycopg://" + url.split("://", 1)[1]


class Database:
    """Opens units of work on one service's database.

    Writes go through `work()`: a SQLAlchemy session in one transaction. Reads go through `read()`: plain psycopg in
    autocommit, because the ORM makes lists several times slower than the same rows fetched directly.
    """

    def __init__(self, service: str, url: str, *, clock: Clock = system_clock, pool_size: int = 10) -> None:
        self.service = service
        self.url = url
        self.clock = clock
        self.after_commit: list[Callable[[], None]] = []
        """Called after each commit that saved an event; the relay listens here."""
        options = (
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
            f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} -c timezone=UTC"
        )
        self.engine = create_async_engine(
            _sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"options": options, "application_name": f"hechuan-{service}", "connect_timeout": 5},
        )
        listen(self.engine.sync_engine, "checkin", lambda _put, record: record.info.update(at=time.monotonic()))
        listen(self.engine.sync_engine, "checkout", self._take)
        self._reads: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            conninfo.make_conninfo(url, options=options, application_name=f"hechuan-{service}-read", connect_timeout=5),
            connection_class=AsyncConnection[DictRow],
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=pool_size,
            timeout=10,
            open=False,
        )

    def _take(self, connection: Any, record: Any, _taken: Any) -> None:
        if time.monotonic() - record.info.get("at", time.monotonic()) > TRUSTED_SECONDS:
            try:
                self.engine.dialect.do_ping(connection)
            except PsycopgError as error:
                raise InvalidatePoolError from error

    async def open(self) -> None:
        await self._reads.open()

    async def close(self) -> None:
        await self._reads.close()
        await self.engine.dispose()

    def begin(self, actor: Actor, *, correlation_id: UUID | None = None, causation_id: UUID | None = None) -> Work:
        """A unit of work that the caller commits and closes. Only the edge and the bus call this."""
        session = AsyncSession(self.engine, expire_on_commit=False, autoflush=True)
        return Work(
            session,
            actor,
            self.service,
            self.clock,
            correlation_id=correlation_id,
            causation_id=causation_id,
            after_commit=self.after_commit,
        )

    @asynccontextmanager
    async def work(
        self, actor: Actor, *, correlation_id: UUID | None = None, causation_id: UUID | None = None
    ) -> AsyncIterator[Work]:
        """A unit of work that commits when the block ends well and rolls back when it does not."""
        work = self.begin(actor, correlation_id=correlation_id, causation_id=causation_id)
        try:
            yield work
            await work.commit()
        finally:
            await work.close()

    def reader(self, actor: Actor) -> Read:
        """Reads for the actor, without a transaction."""
        return Read(self._reads, actor, self.clock)

    @asynccontextmanager
    async def read(self, actor: Actor) -> AsyncIterator[Read]:
        """The same as a block, for callers that already have one."""
        yield self.reader(actor)

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[bool]:
        """Whether this process, of all on this database, may do the named thing until the block ends.

        Held by a session lock on a connection of its own, so the block need not be one transaction.
        """
        async with self._reads.connection() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtext(%s)) AS mine", (name,))
            row = await cursor.fetchone()
            mine = bool(row and row["mine"])
            try:
                yield mine
            finally:
                if mine:
                    await connection.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,))
