"""Keyset pages with opaque cursors: stable while rows arrive, and as fast on page 1,000 as on page 1."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson

from shared.kernel.errors import Invalid
from shared.kernel.marks import N_

T = TypeVar("T")
MAX_LIMIT = 200


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row shown, as text a client passes back untouched."""
    return base64.urlsafe_b64encode(orjson.dumps([str(part) for part in key])).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, parts: int) -> list[str] | None:
    """The sort key inside a cursor; None for the first page. Raises Invalid for a cursor we did not make."""
    if not cursor:
        return None
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, str) for part in key):
        raise Invalid.field("/cursor", N_("Use the cursor exactly as the previous page gave it, or leave it out."))
    return key


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows and the cursor of the next page (None on the last)."""

    items: list[T]
    next_cursor: str | None


def page_of(rows: list[dict[str, Any]], limit: int, *key: str) -> Page[dict[str, Any]]:
    """Cut limit+1 fetched rows to a page; `key` names the sort columns in order."""
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], encode_cursor(*(last[column] for column in key)))


_READ: dict[str, Callable[[str], Any]] = {
    "text": str,
    "numeric": Decimal,
    "date": date.fromisoformat,
    "timestamptz": datetime.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders a list may be asked for, by name: an SQL expression that is never null, and its type.

    `-name` turns one round; what is not listed is the default. A cursor holds only in the order it was given in.
    """

    names: Mapping[str, tuple[str, str]]
    default: str
    id: str = "id"

    def asked(self, sort: str, cursor: str | None) -> "Order":
        """Raises Invalid for a cursor that was not given in this order."""
        chosen = sort if sort.removeprefix("-") in self.names else self.default
        key = decode_cursor(cursor, 3)
        expression, kind = self.names[chosen.removeprefix("-")]
        after: dict[str, Any] = {"after": None, "after_id": None}
        if key:
            try:
                after = {"after": _READ[kind](key[1]), "after_id": UUID(key[2])}
            except (ValueError, ArithmeticError):
                key = ["", "", ""]
            if key[0] != chosen:
                raise Invalid.field("/cursor", N_("Use the cursor in the order in which the list gave it."))
        return Order(chosen, expression, kind, self.id, after)


@dataclass(frozen=True, slots=True)
class Order:
    """One of them, at a place: what to add to the columns, to the conditions and to the parameters of a query."""

    name: str
    expression: str
    kind: str
    id: str
    params: dict[str, Any]

    @property
    def column(self) -> str:
        return f"({self.expression})::text AS sorted_by"

    @property
    def tail(self) -> str:
        sign, way = ("<", "DESC") if self.name.startswith("-") else (">", "ASC")
        return f"""AND (%(after_id)s::uuid IS NULL
                        OR ({self.expression}, {self.id}) {sign} (%(after)s::{self.kind}, %(after_id)s::uuid))
                   ORDER BY {self.expression} {way}, {self.id} {way} LIMIT %(limit)s"""

    def page(self, rows: list[dict[str, Any]], limit: int) -> Page[dict[str, Any]]:
        """Of limit+1 rows."""
        keys = [row.pop("sorted_by") for row in rows[:limit]]
        for row in rows[limit:]:
            row.pop("sorted_by")
        more = len(rows) > limit
        return Page(rows[:limit], encode_cursor(self.name, keys[-1], rows[limit - 1]["id"]) if more else None)
