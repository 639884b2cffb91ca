"""Draws the state diagram of every thing into its service's README, from the transition table that the code uses.

A README says where: `<!-- states: calls.TRANSITIONS -->` above a mermaid block, which is written anew."""

import importlib
import re
import sys
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"<!-- states: (?P<room>\w+)\.(?P<table>\w+) -->\n(?:```mermaid\n.*?```\n)?", re.DOTALL)

Table = dict[str, tuple[frozenset[StrEnum], StrEnum | frozenset[StrEnum] | None]]


def tables(service: str) -> dict[str, Table]:
    """Every transition table of a service, by `room.NAME`: verb → (states it may start from, state it ends in)."""
    found: dict[str, Table] = {}
    for path in sorted((ROOT / "services" / service).glob("*/rules.py")):
        rules = importlib.import_module(f"services.{service}.{path.parent.name}.rules")
        for name, value in vars(rules).items():
            if name.isupper() and _is_table(value):
                found[f"{path.parent.name}.{name}"] = value
    return found


def _is_table(value: object) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    return all(
        isinstance(row, tuple) and len(row) == 2 and isinstance(row[0], frozenset) and row[0]
        and all(isinstance(state, StrEnum) for state in row[0])
        for row in value.values()
    )  # fmt: skip


def diagram(table: Table) -> str:
    """The table as a mermaid state diagram. A thing begins in the first of its states; verbs between the same two share
    an arrow, a verb that may end in several states has one to each, and a state that nothing leaves is an end."""
    arrows: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    kind = type(next(iter(next(iter(table.values()))[0])))
    order = list(kind)
    for verb, (starts, ends) in table.items():
        for start in sorted(starts, key=order.index):
            after = sorted(ends or {start}, key=order.index) if isinstance(ends, frozenset | None) else [ends]
            for end in after:
                arrows.setdefault((start, end), []).append(verb)
    left = {start for start, after in arrows if start is not after}
    reached = {after for _, after in arrows}
    lines = [f"[*] --> {order[0].value}"]
    lines += [
        f"{start.value} --> {after.value}: {', '.join(verbs)}"
        for (start, after), verbs in sorted(arrows.items(), key=lambda arrow: [order.index(each) for each in arrow[0]])
    ]
    lines += [f"{state.value} --> [*]" for state in order if state in reached and state not in left]
    return "```mermaid\nstateDiagram-v2\n" + "".join(f"    {line}\n" for line in lines) + "```\n"


def drawn(service: str, text: str) -> str:
    """The README's text with each of its diagrams as the tables are now. Raises KeyError for one that is not there."""
    known = tables(service)
    return PLACE.sub(
        lambda place: (
            f"<!-- states: {place['room']}.{place['table']} -->\n" + diagram(known[f"{place['room']}.{place['table']}"])
        ),
        text,
    )


def places(text: str) -> set[str]:
    """The tables that a README draws."""
    return {f"{place['room']}.{place['table']}" for place in PLACE.finditer(text)}


def main() -> int:
    for path in sorted((ROOT / "services").glob("*/README.md")):
        text = path.read_text()
        path.write_text(drawn(path.parent.name, text))
        for missing in sorted(tables(path.parent.name).keys() - places(text)):
            where = path.relative_to(ROOT)
            sys.stdout.write(f"{where} draws no {missing}: put `<!-- states: {missing} -->` where it belongs.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
