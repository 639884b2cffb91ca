"""Keyset pages with opaque cursors: stable while rows arrive, and as fast on page 1,000 as on page 1."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
