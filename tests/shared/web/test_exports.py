"""Lists as files: no cell is a formula, numbers and days stay what they are, nothing is held whole."""

import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from starlette.requests import Request

from shared.kernel.errors import Invalid
from shared.web.exports import DANGEROUS, LONGEST, MOST, Cell, exported, pages_of, safe_cell, wanted

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
CELLS = [
    Cell("Title", lambda row: row[0]),
    Cell("Amount", lambda row: row[1]),
    Cell("Day", lambda row: date(2026, 11, 22)),
    Cell("At", lambda row: datetime(2026, 11, 22, 4, 5, tzinfo=UTC)),
    Cell("None", lambda row: None),
]
EVIL = ['=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"]


def asking(kind: str) -> Request:
    return Request({"type": "http", "query_string": f"format={kind}".encode(), "headers": []})


async def made(kind: str, rows: Sequence[Any], total: int = 1) -> bytes:
    async def batches() -> AsyncIterator[Sequence[Any]]:
        for at in range(0, len(rows), 2):
            yield rows[at : at + 2]

    response = exported(asking(kind), "list", CELLS, batches(), total)
    assert re.search(rf'attachment; filename="list-\d{{4}}-\d\d-\d\d.{kind}"', response.headers["Content-Disposition"])
    pieces = [piece async for piece in response.body_iterator]
    return b"".join(piece.encode() if isinstance(piece, str) else bytes(piece) for piece in pieces)


@pytest.mark.parametrize("text", EVIL)
def test_no_text_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("a=1") == "a=1"
    assert safe_cell("") == safe_cell(None) == ""


def test_what_is_no_format_is_the_page() -> None:
    assert [wanted(asking(kind)) for kind in ("csv", "xlsx", "pdf", "")] == ["csv", "xlsx", "", ""]


async def test_csv_is_read_back_as_it_was_but_for_formulas() -> None:
    content = (await made("csv", [("标题", Decimal("-5.10")), *((text, 3) for text in EVIL)])).decode()
    assert content.startswith("\ufeff")
    heads, first, *others = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    assert heads == ["Title", "Amount", "Day", "At", "None"]
    assert first == ["标题", "-5.10", "2026-11-22", "2026-11-22T12:05+08:00", ""]
    assert [row[0] for row in others] == [f"'{text}" for text in EVIL]


async def test_a_workbook_holds_numbers_days_and_text_and_no_formula() -> None:
    long = "x" * (LONGEST + 9)
    content = await made("xlsx", [("标题", Decimal("-5.10")), (long, 7), *((text, 3) for text in EVIL)])
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert not any("vba" in name.lower() for name in book.namelist())
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
    assert sheet.findall(".//m:f", NAMES) == []
    quoted = [n for n, one in enumerate(styles.findall("m:cellXfs/m:xf", NAMES)) if one.get("quotePrefix") == "1"]
    rows = sheet.findall(".//m:row", NAMES)
    first = {cell.get("r"): cell for cell in rows[1].findall("m:c", NAMES)}
    assert "".join(first["A2"].itertext()) == "标题"
    assert (first["B2"].get("t"), first["B2"].findtext("m:v", namespaces=NAMES)) == (None, "-5.10")
    assert first["C2"].findtext("m:v", namespaces=NAMES) == "46348"
    assert "E2" not in first
    assert len("".join(rows[2].findall("m:c", NAMES)[0].itertext())) == LONGEST
    for row, text in zip(rows[3:], EVIL, strict=True):
        cell = row.findall("m:c", NAMES)[0]
        assert cell.get("t") == "inlineStr"
        assert int(cell.get("s") or 0) in quoted
        assert "".join(cell.itertext()).strip() == text.strip().replace("\r", "_x000D_") or "\r" in text
    assert all(text.lstrip().startswith(DANGEROUS) for text in EVIL)


async def test_a_list_too_long_for_a_file_says_what_to_do() -> None:
    with pytest.raises(Invalid, match="Search or filter"):
        await made("csv", [], MOST + 1)


async def test_every_page_of_a_list_is_read_once() -> None:
    class Part:
        def __init__(self, items: list[int], next_cursor: str | None) -> None:
            self.items, self.next_cursor = items, next_cursor

    parts = {None: Part([1, 2], "a"), "a": Part([3], None)}

    async def page(cursor: str | None) -> Part:
        return parts[cursor]

    assert [list(batch) async for batch in pages_of(page)] == [[1, 2], [3]]
