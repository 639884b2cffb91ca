"""Identifiers: UUIDv7 (RFC 9562), so that ids made later sort later."""

from uuid import UUID

from uuid6 import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return UUID(int=uuid7().int)
