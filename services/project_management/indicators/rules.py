"""Indicators as numbers: what is promised, and how much of it a measured value reaches.

An indicator is a mapping of name, direction, target, unit and baseline, numbers as text; the baseline may be empty.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from shared.kernel.marks import N_, S_

Measure = Mapping[str, Any]


class Direction(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


_WANTED = {
    Direction.AT_LEAST: N_("%(name)s: at least %(value)s"),
    Direction.AT_MOST: N_("%(name)s: at most %(value)s"),
}


def wanted(one: Measure) -> str:
    """The promise as a sentence."""
    value = f"{one['target']} {one['unit']}".rstrip()
    return _WANTED[Direction(one["direction"])] % {"name": one["name"], "value": value}


def compared(one: Measure, value: str | None) -> str:
    """What is promised beside what was measured, as a sentence."""
    if value is None:
        return S_("%(wanted)s; nothing was measured.", wanted=wanted(one))
    told = f"{value} {one['unit']}".rstrip()
    share = f"{round(progress(one, value) * 100)}"
    return S_(
        "%(wanted)s; measured: %(value)s. That is %(share)s %% of the promise.",
        wanted=wanted(one),
        value=told,
        share=share,
    )


def better(direction: str, one: Decimal, other: Decimal) -> bool:
    """Whether the first is at least as good as the other."""
    return one >= other if direction == Direction.AT_LEAST else one <= other


def baseline_fault(direction: str, target: Decimal, baseline: Decimal | None) -> str:
    """What is wrong with the starting value; empty when nothing is."""
    if baseline is not None and better(direction, baseline, target):
        return N_("The starting value reaches the target already.")
    return ""


def progress(one: Measure, value: str | None) -> Fraction:
    """How much of the promise is reached: all of it at the target, and on the way to it the part of the way that is
    done since the start. Without a start, short of the target is nothing: nobody said from where to count."""
    if value is None:
        return Fraction(0)
    target, given = Fraction(one["target"]), Fraction(value)
    if better(one["direction"], Decimal(value), Decimal(one["target"])):
        return Fraction(1)
    if not one.get("baseline"):
        return Fraction(0)
    start = Fraction(one["baseline"])
    return max(Fraction(0), (given - start) / (target - start))


def together(parts: Sequence[Fraction]) -> Fraction:
    """Several indicators of one milestone count alike."""
    return sum(parts, Fraction(0)) / len(parts)


def filled(one: Measure) -> dict[str, Any]:
    """Without what is empty, as entries are read."""
    return {name: value for name, value in one.items() if value != ""}
