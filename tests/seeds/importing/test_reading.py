"""Files as people really have them: any encoding and compression, and rows that are broken among sound ones."""

import gzip
import io
import json
import lzma
from pathlib import Path

import pytest

from seeds.importing.files import FileUnreadable, opened
from seeds.importing.records import Broken, Record, records

CHINESE = "number,title\n1,基于模糊性的可靠性评估\n2,镁合金薄板轧制工艺研究\n"
FRENCH = "number,title\n1,L’étude des matériaux\n2,Größe und Maß\n"


def read(path: Path) -> tuple[str, list[Record | Broken]]:
    with opened(path) as file:
        return file.encoding, list(records(file.text))


def rows_of(text: str) -> list[Record | Broken]:
    return list(records(io.StringIO(text, newline="")))


def titles(rows: list[Record | Broken]) -> list[str]:
    return [row.cells["title"] if isinstance(row, Record) else f"broken {row.line}" for row in rows]


@pytest.mark.parametrize(
    ("content", "encoding", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "utf-16", "utf-16"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH.replace("’", "'"), "latin-1", "cp1252"),
    ],
)
def test_the_encoding_is_found_and_the_text_read(tmp_path: Path, content: str, encoding: str, found: str) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(content.encode(encoding))
    name, rows = read(path)
    assert name == found
    assert titles(rows) == [line.split(",")[1] for line in content.splitlines()[1:]]


def test_a_foreign_letter_far_down_the_file_decides_too(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(b"number,title\n" + b"1,plain words\n" * 200_000 + "2,Größe\n".encode("cp1252"))
    name, rows = read(path)
    assert name == "cp1252"
    assert titles(rows)[-1] == "Größe"


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_compression_is_told_by_the_content_not_the_name(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "some.txt"
    path.write_bytes(pack(CHINESE.encode()))
    assert len(read(path)[1]) == 2


def test_one_line_in_another_encoding_is_one_broken_row(tmp_path: Path) -> None:
    lines = [f"{n},材料研究{n}".encode() for n in range(2, 40)]
    lines[20] = "22,Größe".encode("latin-1")
    path = tmp_path / "mixed.csv"
    path.write_bytes(b"\n".join([b"number,title", *lines]) + b"\n")
    rows = read(path)[1]
    assert [row.line for row in rows if isinstance(row, Broken)] == [22]
    assert len(rows) == 38


def test_a_damaged_archive_gives_what_it_has_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(CHINESE.encode() * 5000)[:-40])
    with pytest.raises(FileUnreadable, match=r"cut\.csv\.gz"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\x03\x04rest of an archive"])
def test_a_file_without_rows_is_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable):
        read(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = rows_of(f"number{delimiter}title\n1{delimiter}Melts\n")
    assert titles(rows) == ["Melts"]


def test_a_quote_never_closed_costs_one_row() -> None:
    text = 'number,title\n1,"open\n' + "".join(f"{n},sound\n" for n in range(2, 400))
    rows = rows_of(text)
    assert [(row.line, row.reason) for row in rows if isinstance(row, Broken)] == [
        (2, "opens a quotation mark that is not closed, or has too few cells")
    ]
    assert titles(rows)[1:] == ["sound"] * 398
    assert rows[-1].line == 400


def test_a_stray_quote_that_meets_another_far_below_costs_no_row_between() -> None:
    rows = rows_of('number,title\n1,"open\n2,sound\n3,also "quoted" sound\n4,"closed"\n5,last\n')
    assert titles(rows) == ["broken 2", "sound", 'also "quoted" sound', "closed", "last"]


def test_line_breaks_inside_quotes_keep_the_lines_counted() -> None:
    rows = rows_of('number,title\n1,"two\nlines"\n\n2,one\n')
    assert [(row.line, row.cells["title"]) for row in rows if isinstance(row, Record)] == [
        (2, "two\nlines"),
        (5, "one"),
    ]


def test_too_few_and_too_many_cells_are_named() -> None:
    rows = rows_of("number,title,year\n1,short\n2,fits,2001\n3,a,2001,more\n4,empty cells behind,2001,,\n")
    assert [row.reason for row in rows if isinstance(row, Broken)] == [
        "has 2 cells where the header has 3",
        "has 4 cells where the header has 3",
    ]
    assert [row.line for row in rows if isinstance(row, Record)] == [3, 5]


def test_a_broken_json_line_is_named_and_the_rest_read() -> None:
    rows = rows_of('{"number": 1, "title": "a"}\n{"number": 2, "ti\n\n[3]\n{"number": 4, "title": "d"}\n')
    assert [row.line for row in rows if isinstance(row, Broken)] == [2, 4]
    assert [row.line for row in rows if isinstance(row, Record)] == [1, 5]


def test_a_json_array_is_read_a_piece_at_a_time_with_its_lines() -> None:
    items = [{"number": str(n), "title": "镁" * 300, "nested": {"n": [n]}} for n in range(500)]
    rows = rows_of("\n" + json.dumps(items, indent=1, ensure_ascii=False))
    assert len(rows) == 500
    assert all(isinstance(row, Record) for row in rows)
    assert rows[0].line == 3
    assert rows[1].line == 12
    assert rows[-1].line == 3 + 9 * 499


def test_a_json_array_that_breaks_off_says_where() -> None:
    reading = records(io.StringIO('[\n{"number": 1},\n{"number": 2'))
    assert isinstance(next(reading), Record)
    with pytest.raises(FileUnreadable, match="line 3"):
        next(reading)


def test_amounts_in_json_stay_exact() -> None:
    (row,) = rows_of('{"amount": 1234567890123.45}\n')
    assert isinstance(row, Record)
    assert str(row.cells["amount"]) == "1234567890123.45"
