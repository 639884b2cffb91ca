"""What a column mapping is, and the lists that lie beside a file."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seeds.importing.cleaning import Cells

Row = dict[str, Any]


@dataclass(frozen=True)
class Beside:
    """The file's neighbours: lists of names and places that its rows point to by number. None is needed."""

    folder: Path
    stem: str

    @cached_property
    def investigators(self) -> dict[str, str]:
        """NSF investigator number → name."""
        return {row["pi_id"]: row["name"] for row in self._rows("pi-names.csv", "pi_id", "name")}

    @cached_property
    def institutions(self) -> dict[str, str]:
        """NSF institution number → name."""
        return {row["id"]: row["org"] for row in self._rows("institutions.csv", "id", "org")}

    @cached_property
    def only_institution(self) -> dict[str, str]:
        """Investigator number → institution number, for those who were only ever at one."""
        places: dict[str, set[str]] = {}
        for row in self._rows("pi-affiliations.csv", "pi_id", "inst_id"):
            places.setdefault(row["pi_id"], set()).add(row["inst_id"])
        return {person: next(iter(found)) for person, found in places.items() if len(found) == 1}

    def _rows(self, name: str, *columns: str) -> Iterable[dict[str, str]]:
        path = self.folder / name
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row for row in csv.DictReader(file) if all(row.get(column) for column in columns)]


@dataclass(frozen=True)
class Profile:
    """How the rows of one layout become rows of the platform."""

    name: str
    kind: str
    source: str
    """Names the records for good, together with their numbers; empty: the file's own name."""
    columns: frozenset[str]
    """A file is of this layout when it has them all."""
    row: Callable[[Cells, Beside], Row]
    """Raises Unusable when the row cannot be taken."""
    about: str = field(default="", compare=False)

    def source_of(self, beside: Beside) -> str:
        return self.source or beside.stem[:60]


def without_nothing(row: Row) -> Row:
    """Only the fields that say something."""
    return {name: value for name, value in row.items() if value not in (None, "", [])}
