"""The client's own judgement, which asks nothing of `hechuan verify`: what was acknowledged is there exactly once."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from shared.kernel.settings import SERVICE_NAMES, Settings
from tests.faults.load import Told

Row = dict[str, Any]
HEARERS = ("coordination", "projects", "ip", "finance")
"""They keep a projection of the catalogue's organisations."""
ARRIVAL_SECONDS = 120.0


@dataclass
class Books:
    """All five databases, read directly."""

    connections: dict[str, psycopg.AsyncConnection[Row]]

    async def rows(self, service: str, sql: str, **params: Any) -> list[Row]:
        cursor = await self.connections[service].execute(sql.encode(), params)
        return await cursor.fetchall()

    async def everywhere(self, told: Told) -> None:
        """Returns when every projection shows the organisation as it was last acknowledged."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        for service in HEARERS:
            sql = "SELECT 1 FROM organisations WHERE id = %(id)s AND version >= %(version)s"
            while not await self.rows(service, sql, id=told.id, version=told.acknowledged):
                assert time.monotonic() < deadline, f"{told.name} has not come to {service}"
                await asyncio.sleep(0.03)

    async def check(self, all_told: Sequence[Told]) -> None:
        """Every acknowledged command took effect once, in the source and wherever it is heard; others at most once."""
        names = [told.name for told in all_told]
        sql = "SELECT id::text, name, version, state FROM organisations WHERE name = ANY(%(names)s)"
        sources = await self.rows("catalog", sql, names=names)
        _once("catalog", (row["name"] for row in sources))
        by_name = {row["name"]: row for row in sources}
        for told in all_told:
            row = by_name.get(told.name)
            assert row or not told.acknowledged, f"{told.name} was acknowledged and is lost"
            if row:
                assert told.id in ("", row["id"]), f"{told.name} has another id than was acknowledged"
                assert told.acknowledged <= row["version"] <= told.asked, f"{told} stands as {row}"
        versions = {row["id"]: row["version"] for row in sources}
        await self._facts("catalog", "SELECT subject::text AS id, version FROM outbox", "subject", versions)
        await self._facts("coordination", "SELECT subject::text AS id, version FROM audit_entries", "subject", versions)
        for service in HEARERS:
            heard = await self.rows(service, sql, names=names)
            _once(service, (row["name"] for row in heard))
            assert {row["id"]: row for row in heard} == {row["id"]: row for row in sources}, service

    async def _facts(self, service: str, select: str, column: str, versions: dict[str, int]) -> None:
        found = await self.rows(service, f"{select} WHERE {column} = ANY(%(ids)s::uuid[])", ids=list(versions))
        counted = Counter((row["id"], row["version"]) for row in found)
        wanted = {(id, version) for id, newest in versions.items() for version in range(1, newest + 1)}
        assert counted == Counter(wanted), f"{service}: facts lost {wanted - set(counted)}, or kept twice"


def _once(where: str, keys: Iterable[str]) -> None:
    twice = [key for key, times in Counter(keys).items() if times > 1]
    assert not twice, f"{where} holds twice: {twice[:5]}"


@asynccontextmanager
async def books(settings: Settings) -> AsyncIterator[Books]:
    connections: dict[str, psycopg.AsyncConnection[Row]] = {}
    try:
        for service in SERVICE_NAMES:
            connections[service] = await psycopg.AsyncConnection.connect(
                settings.database_url(service), autocommit=True, row_factory=dict_row
            )
        yield Books(connections)
    finally:
        for connection in connections.values():
            await connection.close()
