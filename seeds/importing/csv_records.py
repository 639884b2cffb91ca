"""CSV that survives its own faults: a quote never closed costs one row, not the rest of the file."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import IO

from seeds.importing.files import FileUnreadable

DELIMITERS = ",;\t|"
MOST_LINES = 200
"""Lines of one record; a quote open for longer was never meant as one."""
LONGEST = 8 << 20
csv.field_size_limit(LONGEST)

Found = tuple[int, dict[str, str] | str, str]
"""Line, the cells by column or what is wrong, the row as it stands."""


class _QuoteLeftOpen(Exception):
    pass


class _Lines:
    """Lines with their numbers, which can be given back to be read again."""

    def __init__(self, text: IO[str], number: int) -> None:
        self._text = text
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.number = number

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise _QuoteLeftOpen
        line = self._waiting.popleft() if self._waiting else self._text.readline(LONGEST)
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def next_record(self) -> None:
        self.number += len(self.taken)
        self.taken = []

    def keep_first(self) -> str:
        """Give back all but the first line of the record."""
        first, *others = self.taken
        self._waiting.extendleft(reversed(others))
        self.taken = [first]
        return first


def csv_records(header: str, text: IO[str], number: int) -> Iterator[Found]:
    """The rows under a header. Raises FileUnreadable when there is none to speak of."""
    delimiter = max(DELIMITERS, key=lambda one: len(_cells(header, one)))
    columns = _columns(_cells(header, delimiter))
    lines = _Lines(text, number + 1)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        fault = ""
        row: list[str] = []
        try:
            row = next(reader)
        except StopIteration:
            return
        except _QuoteLeftOpen:
            fault = "opens a quotation mark that is not closed"
        except csv.Error as error:
            fault = f"is no CSV: {error}"
            if len(lines.taken) == 1 and "end of data" not in fault:
                row, fault = _cells(lines.taken[0], delimiter), ""  # text behind a closing quote, all on one line
        raw = "".join(lines.taken)
        cells = _fit(row, columns)
        if not fault and any(row) and cells is None:
            fault = f"has {len(row)} cells where the header has {len(columns)}"
        if fault and len(lines.taken) > 1:
            # An open quote swallowed the lines below it: only the first is at fault, the others are read again.
            raw, fault = lines.keep_first(), "opens a quotation mark that is not closed, or has too few cells"
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
        if fault:
            yield lines.number, fault, raw
        elif cells is not None and any(row):
            yield lines.number, cells, raw
        lines.next_record()


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _columns(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in (one.strip().lstrip("\ufeff") for one in names):
        found.append(name if name not in found or not name else f"{name} ({found.count(name) + 1})")
    if not any(found):
        raise FileUnreadable("The first line names no columns.")
    return found


def _fit(row: list[str], columns: list[str]) -> dict[str, str] | None:
    if len(row) < len(columns) or any(cell.strip() for cell in row[len(columns) :]):
        return None
    return {name: cell for name, cell in zip(columns, row, strict=False) if name}
