"""What each run came to, and the table at the end."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass
class Outcome:
    """One scenario with one seed."""

    scenario: str
    seed: int
    events: int = 0
    acknowledged: int = 0
    given_up: int = 0
    kills: int = 0
    recovery: float = 0.0
    missing: int = 0
    doubled: int = 0
    orphaned: int = 0
    seconds: float = 0.0
    notes: dict[str, float] = field(default_factory=dict)
    """Figures of the scenario's own; the table shows the largest over its seeds."""

    @property
    def name(self) -> str:
        return f"{self.scenario} {self.seed}"

    @cached_property
    def moment(self) -> random.Random:
        """Where the seed puts the blow."""
        return random.Random(self.name)

    def line(self) -> str:
        notes = "".join(f", {name} {value:.2f}" for name, value in self.notes.items())
        return (
            f"{self.scenario}, seed {self.seed}: {self.events} events pushed, {self.acknowledged} acknowledged, "
            f"{self.given_up} given up, {self.kills} kills, recovery {self.recovery:.1f} s{notes}; "
            f"verify {self.missing}/{self.doubled}/{self.orphaned} ({self.seconds:.1f} s)"
        )


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Lines of text, one a scenario, with a head and the sums."""
    heads = ("scenario", "seeds", "events", "acked", "gave up", "kills", "slowest s", "missing", "doubled", "orphaned")
    rows = []
    for scenario in dict.fromkeys(one.scenario for one in outcomes):
        of = [one for one in outcomes if one.scenario == scenario]
        names = dict.fromkeys(name for one in of for name in one.notes)
        notes = ", ".join(f"{name} ≤ {max(one.notes.get(name, 0.0) for one in of):.2f}" for name in names)
        rows.append([scenario, str(len(of)), *_sums(of), notes])
    rows.append(["all", str(len(outcomes)), *_sums(outcomes), f"{sum(one.seconds for one in outcomes) / 60:.1f} min"])
    lines = [[*heads, "notes"], *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return [
        "  ".join(
            text.ljust(width) if column == 0 else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=False))
        )
        + "  "
        + line[-1]
        for line in lines
    ]


def _sums(of: Sequence[Outcome]) -> list[str]:
    return [
        str(sum(one.events for one in of)),
        str(sum(one.acknowledged for one in of)),
        str(sum(one.given_up for one in of)),
        str(sum(one.kills for one in of)),
        f"{max((one.recovery for one in of), default=0.0):.1f}",
        str(sum(one.missing for one in of)),
        str(sum(one.doubled for one in of)),
        str(sum(one.orphaned for one in of)),
    ]
