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


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
