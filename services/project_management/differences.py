"""What differs between two snapshots of a thing: field by field or value by value, and in texts word by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from pydantic import BaseModel

Kind = Literal["same", "added", "removed"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
"""A time as snapshots hold it: one word, for half a time says nothing."""
_WORDS = re.compile(MOMENT.pattern + r"|\d[\d.,]*\d|\s+|[\u3400-\u9fff\uf900-\ufaff]|\w+|[^\w\s]")
_SENTENCES = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]?\s*")
MOST_WORDS = 3_000
"""Longer texts are compared sentence by sentence: the search for the same words takes quadratic time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. `parts` is the newer text with what was taken out still in it; `path` names the field
    from the outside in."""

    path: tuple[str, ...]
    before: str
    after: str
    parts: tuple[tuple[Kind, str], ...]

    @property
    def field(self) -> str:
        return self.path[0]

    @classmethod
    def of_row(cls, row: dict[str, str]) -> "Difference":
        """A difference that was kept as `row` says it."""
        before, after = row["before"], row["after"]
        return cls(tuple(row["what"].split(".")), before, after, tuple(compared(before, after)))

    @property
    def row(self) -> dict[str, str]:
        """The difference as changes and agreements keep it: "milestones.1.due_on", before, after."""
        return {"what": ".".join(self.path), "before": self.before, "after": self.after}


class PartRead(BaseModel):
    kind: Kind
    text: str


class DifferenceRead(BaseModel):
    field: str
    before: str
    after: str
    parts: list[PartRead]

    @classmethod
    def of(cls, difference: Difference) -> "DifferenceRead":
        parts = [PartRead(kind=kind, text=text) for kind, text in difference.parts]
        return cls(field=difference.field, before=difference.before, after=difference.after, parts=parts)


class SingleDifferenceRead(BaseModel):
    what: str
    before: str
    after: str
    parts: list[PartRead]

    @classmethod
    def of(cls, difference: Difference) -> "SingleDifferenceRead":
        parts = [PartRead(kind=kind, text=text) for kind, text in difference.parts]
        return cls(**difference.row, parts=parts)


class VersionChangesRead(BaseModel):
    since: int
    until: int
    changes: list[SingleDifferenceRead]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Every field whose text differs, in the order of the newer version; one that is missing reads as empty."""
    return _differing(dict(_fields(before)), dict(_fields(after)))


def single_differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Every single value that differs, however deep it lies, in the same order.

    Entries of lists are told apart by what names them (name, number, id), so that one more row is one difference;
    namesakes by their order.
    """
    return _differing(dict(_values(before)), dict(_values(after)))


def _differing(old: dict[tuple[str, ...], str], new: dict[tuple[str, ...], str]) -> list[Difference]:
    found = []
    for path in [*new, *(path for path in old if path not in new)]:
        was, now = old.get(path, ""), new.get(path, "")
        if was != now:
            found.append(Difference(path, was, now, tuple(compared(was, now))))
    return found


def compared(before: str, after: str) -> Iterator[tuple[Kind, str]]:
    """The two texts as one: what is the same, what was removed, what was added."""
    was, now = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(was), len(now)) > MOST_WORDS:
        was, now = _SENTENCES.findall(before), _SENTENCES.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(now[k:m])
            continue
        if j > i:
            yield "removed", "".join(was[i:j])
        if m > k:
            yield "added", "".join(now[k:m])


def _fields(content: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, value in content.items():
        yield (name,), _text(value)


def _values(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(inner, (*path, key))
    elif isinstance(value, list):
        named = apart(_name(inner, position) for position, inner in enumerate(value, 1))
        for name, inner in zip(named, value, strict=True):
            yield from _values(inner, (*path, name))
    else:
        yield path, _text(value)


def apart(names: Iterable[str]) -> list[str]:
    """The names, the second of the same name as “Li (2)”: a person that shares a name is a person of their own."""
    found: list[str] = []
    for name in names:
        number, one = 1, name
        while one in found:
            number += 1
            one = f"{name} ({number})"
        found.append(one)
    return found


def _name(entry: Any, position: int) -> str:
    if isinstance(entry, dict):
        for key in ("name", "number", "organisation_id", "id"):
            if entry.get(key):
                return str(entry[key]).replace(".", "·")
    return str(position)


def _text(value: Any) -> str:
    """A value as a reader would write it: a list has an entry a line, a record its values in order."""
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    if isinstance(value, dict):
        if set(value) == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}"
        return " · ".join(text for key, one in value.items() if key not in ("id",) and (text := _text(one)))
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value)
