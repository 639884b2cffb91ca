"""The tables of this service: one registry, so that equal names in other services do not meet in one process.

Outbox, inbox and the other kernel tables are DDL of `shared.db.schema`, made by the first migration.
"""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.db.rows import Versioned

_registry = registry()


class Base(SQLModel, registry=_registry):
    """A plain row, such as a projection of what another service said."""


class Aggregate(Versioned, registry=_registry):
    """A thing with a life of its own: id, version, creation time."""
