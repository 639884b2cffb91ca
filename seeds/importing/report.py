"""The list of rows that did not load as they stand, for somebody who opens it in a spreadsheet."""

import csv
from pathlib import Path
from types import TracebackType
from typing import IO

from seeds.importing.sending import Fault

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN = 200


def formula_safe(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would run (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip().startswith(_STARTS_A_FORMULA) or cell.startswith(_STARTS_A_FORMULA) else cell


class Report:
    """Writes as it goes, so that an import cut short leaves a list of what it met. Without a path it writes nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> "Report":
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(["line", "outcome", "field", "reason", "row"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def refused(self, fault: Fault) -> None:
        self._write("refused", fault)

    def left_out(self, fault: Fault) -> None:
        self._write("loaded without this value", fault)

    def _write(self, outcome: str, fault: Fault) -> None:
        if self._file is None:
            return
        start = fault.raw[:SHOWN].rstrip("\r\n").encode("utf-8", "replace").decode()
        cells = [outcome, fault.field, fault.reason, start]
        csv.writer(self._file).writerow([fault.line, *(formula_safe(cell) for cell in cells)])
