"""Where specimens stand: two organisations, a connection, and a maker of rows that fills in what nobody asked about."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.platform import Running

OWNER_NAME = "Institute of Specimens"
FOREIGN_NAME = "Institute Elsewhere"
THIRD_NAME = "Office of Specimens"

_COLUMNS = """
SELECT column_name, udt_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
                              AND is_generated = 'NEVER'
FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s
"""
_FILLERS: dict[str, Callable[[], Any]] = {
    "uuid": new_id,
    "int2": lambda: 1,
    "int4": lambda: 1,
    "int8": lambda: 1,
    "numeric": lambda: Decimal("1.00"),
    "bool": lambda: False,
    "timestamptz": lambda: datetime.now(UTC),
    "date": lambda: datetime.now(UTC).date(),
    "time": lambda: time(8),
    "jsonb": list,
    "_text": list,
    "_uuid": list,
}


@dataclass(frozen=True)
class Thing:
    """A specimen and what a policy needs to know of it. `label` None: a kind of thing that has none."""

    id: object
    owners: frozenset[UUID] = frozenset()
    label: SecurityLabel | None = None
    person: str | None = None
    office: UUID | None = None
    """Which office has charge of it, where a policy asks."""


@dataclass
class Ground:
    """A service's database with the organisation that owns the specimens and one that has nothing to do with them."""

    running: Running
    connection: psycopg.AsyncConnection[Any]
    owner: UUID = field(default_factory=new_id)
    foreign: UUID = field(default_factory=new_id)
    third: UUID = field(default_factory=new_id)
    """Nobody asks for this one: an office, or a partner."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What a maker made once and uses again."""
    _columns: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)
    _count: int = 0

    @property
    def organisations(self) -> tuple[tuple[UUID, str], ...]:
        return (self.owner, OWNER_NAME), (self.foreign, FOREIGN_NAME), (self.third, THIRD_NAME)

    def text(self, kind: str) -> str:
        """A title no other specimen has."""
        self._count += 1
        return f"Specimen {kind} {self._count:05d}"

    @property
    def number(self) -> int:
        """Changes with every title, for what must not be there twice."""
        return self._count

    async def row(self, table: str, **values: Any) -> Any:
        """Insert a row: `values` as given, the other obligatory columns filled in. Returns the id, if it has one."""
        if table not in self._columns:
            found = await (await self.connection.execute(_COLUMNS, (table,))).fetchall()
            assert found, f"{self.running.service.name} has no table {table}: correct the specimen"
            self._columns[table] = {name: (kind, needed) for name, kind, needed in found}
        columns = self._columns[table]
        for name, (kind, needed) in columns.items():
            if needed and name not in values:
                values[name] = _FILLERS[kind]() if kind in _FILLERS else self.text(table)
        names = list(values)
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(sql.Placeholder() * len(names)),
            sql.SQL("RETURNING id") if "id" in values else sql.SQL(""),
        )
        cursor = await self.connection.execute(query, [_stored(values[name], columns[name][0]) for name in names])
        return (await cursor.fetchone())[0] if "id" in values else None  # type: ignore[index]

    async def ask(self, query: str, *params: object) -> Any:
        """The first column of the first row."""
        found = await (await self.connection.execute(query.encode(), params)).fetchone()
        return found[0] if found else None


def _stored(value: Any, kind: str) -> Any:
    if isinstance(value, SecurityLabel):
        return value.value
    return Jsonb(value, dumps=_dumps) if kind == "jsonb" and value is not None else value


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=str)


Maker = Callable[[Ground, SecurityLabel, str, dict[str, Thing]], Awaitable[Thing]]
"""(ground, label, use, what the path named before it). `use` is "read", or the verb: the last word of an unsafe path,
or the method in small letters where the path ends in the thing itself."""


@asynccontextmanager
async def grounded(
    running: Running, settle: Callable[[Ground], Awaitable[None]], owner: UUID | None = None
) -> AsyncIterator[Ground]:
    """The service's ground; its owner is a fresh organisation unless one is named."""
    url = running.settings.database_url(running.service.name)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        ground = Ground(running, connection, owner or new_id())
        await settle(ground)
        yield ground
