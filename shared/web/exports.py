"""Lists as files: what a list page shows, with its filter and the same eyes, as CSV or an Excel workbook.

Written while it is read, a batch at a time, so that no list is ever held whole. Text never becomes a formula
(OWASP, CSV Injection): in CSV it gets an apostrophe, in a workbook it is stored as text that keeps being text. Numbers
stay numbers.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from fastapi import Request
from fastapi.responses import StreamingResponse
from xlsxwriter import Workbook

from shared.kernel.clock import system_clock
from shared.kernel.errors import Invalid
from shared.kernel.marks import S_
from shared.web.formats import zone
from shared.web.i18n import Text

PARAMETER = "format"
MOST = 100_000
"""Rows: a spreadsheet takes ten times as many, a person reads none of them."""
BATCH = 500
PIECE = 1 << 16
LONGEST = 32_767
"""Characters of a cell; Excel refuses the whole file for one more."""
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Value = str | int | Decimal | date | datetime | None


class Paged(Protocol):
    """A page of a list (`shared.db.keyset.Page`)."""

    @property
    def items(self) -> Sequence[Any]: ...
    @property
    def next_cursor(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Cell:
    """A column: its heading, and what stands in a row of it."""

    label: Text
    value: Callable[[Any], Value]


def safe_cell(text: str | None) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text and (text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS)) else text or ""


def wanted(request: Request) -> str:
    """`csv` or `xlsx` when the list is asked for as a file, else empty."""
    asked = request.query_params.get(PARAMETER, "")
    return asked if asked in ("csv", "xlsx") else ""


async def pages_of(page: Callable[[str | None], Awaitable[Paged]]) -> AsyncIterator[Sequence[Any]]:
    """All rows of a list, page by page; `page` takes the cursor and gives BATCH rows."""
    cursor = None
    while True:
        found = await page(cursor)
        yield found.items
        cursor = found.next_cursor
        if cursor is None:
            return


async def all_at_once(rows: Sequence[Any]) -> AsyncIterator[Sequence[Any]]:
    """Of a list that is never long."""
    yield rows


def exported(
    request: Request, name: str, cells: Sequence[Cell], rows: AsyncIterator[Sequence[Any]], total: int
) -> StreamingResponse:
    """The file in the format asked for. Raises Invalid for a list of more than MOST rows."""
    if total > MOST:
        raise Invalid(S_("A file takes %(most)s rows at most. Search or filter the list first.", most=f"{MOST:,}"))
    # Words are found now: when the rows are written, the request's language is over.
    heads = [str(cell.label) for cell in cells]
    kind = wanted(request)
    day = system_clock().astimezone(zone.get()).date().isoformat()
    return StreamingResponse(
        _csv(heads, cells, rows) if kind == "csv" else _xlsx(heads, cells, rows),
        media_type=CSV if kind == "csv" else XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{day}.{kind}"',
            "Cache-Control": "no-store",
        },
    )


async def _csv(heads: Sequence[str], cells: Sequence[Cell], rows: AsyncIterator[Sequence[Any]]) -> AsyncIterator[str]:
    yield "\ufeff" + _written([heads])  # spreadsheets take the mark for "this is UTF-8"
    async for batch in rows:
        yield _written([_plain(cell.value(row)) for cell in cells] for row in batch)


def _plain(value: Value) -> str | int | Decimal:
    if isinstance(value, datetime):
        return value.astimezone(zone.get()).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | Decimal) else safe_cell(None if value is None else str(value))


def _written(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


async def _xlsx(
    heads: Sequence[str], cells: Sequence[Cell], rows: AsyncIterator[Sequence[Any]]
) -> AsyncIterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path = f"{folder}/list.xlsx"
        sheet = _Sheet(path, folder, heads)
        async for batch in rows:
            values = [[cell.value(row) for cell in cells] for row in batch]
            await asyncio.to_thread(sheet.add, values)
        await asyncio.to_thread(sheet.close)
        with open(path, "rb") as file:  # noqa: ASYNC230 -- a local file, read in pieces
            while piece := file.read(PIECE):
                yield piece


class _Sheet:
    """One sheet, written row by row to the disk."""

    def __init__(self, path: str, folder: str, heads: Sequence[str]) -> None:
        self._book = Workbook(path, {"constant_memory": True, "tmpdir": folder, "remove_timezone": True})
        form = self._book.add_format
        self._text, self._whole = form({"quote_prefix": True}), form({"num_format": "#,##0"})
        self._exact = form({"num_format": "#,##0.00"})
        self._day, self._moment = form({"num_format": "yyyy-mm-dd"}), form({"num_format": "yyyy-mm-dd hh:mm"})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(0, len(heads) - 1), 22)
        bold = form({"bold": True})
        for column, head in enumerate(heads):
            self._sheet.write_string(0, column, head, bold)
        self._next = 1

    def add(self, rows: Sequence[Sequence[Value]]) -> None:
        for values in rows:
            for column, value in enumerate(values):
                self._cell(column, value)
            self._next += 1

    def _cell(self, column: int, value: Value) -> None:
        at = self._next, column
        if isinstance(value, datetime):
            self._sheet.write_datetime(*at, value.astimezone(zone.get()).replace(tzinfo=None), self._moment)
        elif isinstance(value, date):
            self._sheet.write_datetime(*at, value, self._day)
        elif isinstance(value, int | Decimal):
            self._sheet.write_number(*at, value, self._whole if isinstance(value, int) else self._exact)
        elif value:
            text = value[:LONGEST]
            self._sheet.write_string(*at, text, self._text if safe_cell(text) != text else None)

    def close(self) -> None:
        self._book.close()
