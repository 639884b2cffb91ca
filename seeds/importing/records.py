"""The records of a CSV, JSON-lines or JSON-array file, each with its line; a broken one does not end the reading."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from seeds.importing.csv_records import csv_records
from seeds.importing.files import FileUnreadable

_HALF = re.compile("[\ud800-\udfff]")
LONGEST = 8 << 20
"""Characters of one record; what is longer is no record but a file without an end of line."""


@dataclass(frozen=True)
class Record:
    """What one row says, by column, and as it stands in the file."""

    line: int
    cells: dict[str, Any]
    raw: str


@dataclass(frozen=True)
class Broken:
    """A row that cannot be read."""

    line: int
    reason: str
    raw: str


def records(text: IO[str]) -> Iterator[Record | Broken]:
    """Every row; which format it is the first character says. Raises FileUnreadable where nothing more can be read."""
    start = ""
    skipped = 0
    while not start:
        line = text.readline(LONGEST)
        if not line:
            raise FileUnreadable("The file has no rows.")
        skipped += 1
        start = line if line.strip() else ""
    first = start.lstrip()[0]
    if first == "[":
        yield from _array(start, text, skipped)
    elif first == "{":
        yield from _lines(start, text, skipped)
    else:
        for number, found, raw in csv_records(start, text, skipped):
            yield Broken(number, found, raw) if isinstance(found, str) else _sound(number, found, raw)


def _sound(line: int, cells: dict[str, Any], raw: str) -> Record | Broken:
    if not raw.isascii() and _HALF.search(raw):
        return Broken(line, "contains bytes that do not fit the file's encoding", raw)
    return Record(line, cells, raw)


def _lines(first: str, text: IO[str], number: int) -> Iterator[Record | Broken]:
    line = first
    while line:
        if line.strip():
            yield _object(number, line)
        number += 1
        line = text.readline(LONGEST)


def _object(number: int, raw: str) -> Record | Broken:
    try:
        return _cells(number, json.loads(raw, parse_float=Decimal), raw)
    except (ValueError, RecursionError) as fault:
        return Broken(number, f"is no complete JSON object: {getattr(fault, 'msg', fault)}", raw)


def _cells(number: int, found: Any, raw: str) -> Record | Broken:
    if not isinstance(found, dict):
        return Broken(number, "is no JSON object with named values", raw)
    return _sound(number, found, raw)


def _array(first: str, text: IO[str], number: int) -> Iterator[Record | Broken]:
    """Items of an array, read a piece at a time; after a syntax error no item can be told from the next."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    rest = first.lstrip()[1:]
    while True:
        while not rest.strip(" \t\r\n,"):
            number += rest.count("\n")
            rest = text.read(1 << 16)
            if not rest:
                raise FileUnreadable(f"The JSON array breaks off after line {number}.")
        stripped = rest.lstrip(" \t\r\n,")
        number += rest.count("\n", 0, len(rest) - len(stripped))
        rest = stripped
        if rest[0] == "]":
            return
        item, end, rest = _item(decoder, rest, text, number)
        raw = rest[:end]
        yield _cells(number, item, raw)
        number += raw.count("\n")
        rest = rest[end:]


def _item(decoder: json.JSONDecoder, rest: str, text: IO[str], number: int) -> tuple[Any, int, str]:
    while True:
        try:
            item, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError) as fault:
            more = text.read(max(1 << 16, len(rest))) if len(rest) < LONGEST else ""
            if not more:
                what = getattr(fault, "msg", fault)
                raise FileUnreadable(f"The JSON array cannot be read on from line {number}: {what}") from None
            rest += more
            continue
        return item, end, rest
