"""The audit trail as a table for a spreadsheet, written while it is read."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any

from services.coordination.audit import queries
from services.coordination.audit.queries import Question
from shared.db.engine import Database
from shared.db.work import Row
from shared.kernel.actor import Actor
from shared.web.exports import safe_cell

COLUMNS = (
    "time",
    "service",
    "type",
    "kind",
    "subject",
    "version",
    "title",
    "actor",
    "label",
    "correlation_id",
    "causation_id",
    "event_id",
    "hash",
)


async def lines(database: Database, actor: Actor, question: Question) -> AsyncIterator[str]:
    """CSV (RFC 4180) with a heading line, in pieces of a batch each."""
    yield "\ufeff" + _written([COLUMNS])  # spreadsheets take the mark for "this is UTF-8"
    async with database.read(actor) as read:
        async for batch in queries.every_entry(read, question):
            yield _written(_cells(row) for row in batch)


def _cells(row: Row) -> list[str]:
    return [_cell(row[name].isoformat() if name == "time" else row[name]) for name in COLUMNS]


def _cell(value: Any) -> str:
    return safe_cell(None if value is None else str(value))


def _written(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
