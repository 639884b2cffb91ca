"""Snapshots: the canonical text of a thing that somebody relied on, and its SHA-256."""

import hashlib
import json
from typing import Any


def canonical(content: dict[str, Any]) -> tuple[str, str]:
    """Canonical JSON (sorted keys, no blanks, text as it is) and its SHA-256: equal content, equal hash.

    Raises TypeError for values that JSON has no form for, floats included: they have no one text.
    """
    _refuse_floats(content)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text, hashlib.sha256(text.encode()).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a binary fraction; give amounts as text")
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """What differs between two snapshots, as (what, before, after) in the order of the later one.

    Entries of lists are told apart by what names them (id, name, number), so that one more row is one difference.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    names = [*new, *(name for name in old if name not in new)]
    return [
        {"what": name, "before": old.get(name, ""), "after": new.get(name, "")}
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def _leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        found = [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{path}.{key}" if path else key)]
    elif isinstance(value, list):
        found = [leaf for n, inner in enumerate(value, 1) for leaf in _leaves(inner, f"{path}.{_name(inner, n)}")]
    else:
        found = [(path, "" if value is None else str(value))]
    return found


def _name(entry: Any, position: int) -> str:
    if isinstance(entry, dict):
        for key in ("name", "number", "organisation_id", "id"):
            if entry.get(key):
                return str(entry[key]).replace(".", "·")
    return str(position)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
