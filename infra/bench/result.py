"""What every bench returns: figures, the baseline of the same run, their ratios, and the bars with their reasons."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that must hold: `value` at least (or at most) `bound`, for the reason that stands in the code."""

    name: str
    value: float
    bound: float
    reason: str
    sense: Literal["at least", "at most"] = "at least"

    @property
    def met(self) -> bool:
        return self.value >= self.bound if self.sense == "at least" else self.value <= self.bound


@dataclass(frozen=True, slots=True)
class Result:
    """One bench. `met` is true when every bar is."""

    figures: dict[str, Any]
    baseline: dict[str, Any]
    ratio: dict[str, float]
    bars: list[Bar] = field(default_factory=list)

    @property
    def met(self) -> bool:
        return all(bar.met for bar in self.bars)

    def as_json(self) -> dict[str, Any]:
        return {
            "figures": self.figures,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "bars": [{**asdict(bar), "met": bar.met} for bar in self.bars],
            "met": self.met,
        }


Say = Callable[[str], None]
