"""Snapshots of the contracts: `python -m shared.contracts.lock` writes those of new events.

What is locked stays: a hearer somewhere relies on it. A change of meaning is a new version of the event. `--new` takes
over changed contracts all the same; use it only for what no released version has said yet.
"""

import json
import sys
from pathlib import Path
from typing import Any

from shared.contracts import EVENTS, Event

LOCKED = Path(__file__).parent / "locked"


def schema(event: type[Event]) -> dict[str, Any]:
    """The contract as JSON Schema. Words about it may improve, so descriptions and titles are left out."""
    plain: dict[str, Any] = _without_words(event.model_json_schema())
    return plain


def _without_words(part: Any, inside: str = "") -> Any:
    if isinstance(part, dict):
        words = {"title", "description"} if inside not in ("properties", "$defs") else set()
        return {name: _without_words(value, name) for name, value in part.items() if name not in words}
    return [_without_words(entry) for entry in part] if isinstance(part, list) else part


def locked() -> dict[str, dict[str, Any]]:
    """Type → the schema that was locked."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(LOCKED.glob("*.json"))}


def changed() -> dict[str, str]:
    """Type → what is wrong with its snapshot."""
    kept = locked()
    faults = {name: "it was locked and is gone" for name in kept if name not in EVENTS}
    for name, event in EVENTS.items():
        if name not in kept:
            faults[name] = "it is not locked yet"
        elif kept[name] != schema(event):
            faults[name] = "it differs from what was locked"
    return faults


def lock(*, take_changes: bool = False) -> int:
    """Write missing snapshots. Returns how many contracts differ from theirs and were left alone."""
    LOCKED.mkdir(exist_ok=True)
    refused = 0
    for name, fault in changed().items():
        path = LOCKED / f"{name}.json"
        if fault != "it is not locked yet" and not take_changes:
            sys.stderr.write(f"{name}: {fault}. Give the event a new version, or pass --new if nobody has heard it.\n")
            refused += 1
        elif name in EVENTS:
            path.write_text(json.dumps(schema(EVENTS[name]), indent=1, sort_keys=True) + "\n", "utf-8")
        else:
            path.unlink()
    return refused


if __name__ == "__main__":
    sys.exit(1 if lock(take_changes="--new" in sys.argv[1:]) else 0)
