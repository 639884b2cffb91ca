"""What documents need of a service's database. The database layer fits these shapes without knowing them."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from shared.kernel.actor import Actor

Row = dict[str, Any]


class Rows(Protocol):
    @property
    def actor(self) -> Actor: ...
    @property
    def now(self) -> datetime: ...
    async def rows(self, query: str, params: Mapping[str, Any] | None = None, /) -> list[Row]: ...
    async def row(self, query: str, params: Mapping[str, Any] | None = None, /) -> Row | None: ...


class Work(Rows, Protocol):
    """A transaction."""

    async def execute(self, query: str, params: Mapping[str, Any] | None = None, /) -> int: ...


class Database(Protocol):
    """Opens short transactions of its own: an upload lasts longer than a transaction may."""

    def work(self, actor: Actor) -> AbstractAsyncContextManager[Work]: ...
