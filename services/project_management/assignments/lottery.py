"""An assignment drawn by lot, in which no pair is likelier than a stated bound, and which is the best in expectation.

Who can foresee a reviewer can bargain with one. So the probabilities of pairs are bounded, the best probabilities under
the bound are computed, and an assignment is drawn that has just these probabilities (Jecmen, Zhang, Liu, Shah, Conitzer
and Fang, Mitigating Manipulation in Peer Review via Randomized Reviewer Assignments, NeurIPS 2020). The drawing is
dependent rounding (Gandhi, Khuller, Parthasarathy and Srinivasan, JACM 2006): every need and every cap is kept in
every draw. Probabilities are whole percents, so that everything here is exact.
"""

from collections import defaultdict

import numpy as np

from services.project_management.assignments import flow
from services.project_management.assignments.affinity import Ints
from services.project_management.assignments.flow import Flags, Problem

WHOLE = 100
"""Parts of a probability."""


def chances(given: Problem, bound: int) -> Ints:
    """Each pair's probability in percent, none above `bound`: the best in expectation. Their sum is less than the needs
    when the bound is too low for them."""
    return flow.amounts(given, WHOLE, bound)


def least_bound(given: Problem) -> int:
    """The lowest bound in percent under which every need can be met; the needs must be possible without one."""
    low, high = 1, WHOLE
    while low < high:
        middle = (low + high) // 2
        if chances(given, middle).sum() == given.needs.sum() * WHOLE:
            high = middle
        else:
            low = middle + 1
    return low


def drawn(given: Problem, chance: Ints, seed: int) -> Flags:
    """One assignment with these probabilities; the same seed draws the same."""
    # RandomState, whose stream NumPy keeps for good: a trace is run again years later.
    draw = np.random.RandomState(seed)
    amount, fractional = chance.tolist(), _Fractional(given, chance)
    while (path := fractional.path()) is not None:
        ahead, behind = path[::2], path[1::2]
        up = min([WHOLE - amount[k] for k in ahead] + [amount[k] for k in behind])
        down = min([amount[k] for k in ahead] + [WHOLE - amount[k] for k in behind])
        step = up if draw.random_sample() * (up + down) < down else -down
        for k, sign in [*((k, 1) for k in ahead), *((k, -1) for k in behind)]:
            amount[k] += sign * step
            if amount[k] in (0, WHOLE):
                fractional.drop(k)
    return np.asarray(np.array(amount, dtype=np.int64) == WHOLE)


class _Fractional:
    """The pairs that are neither certain nor excluded, as a graph between applications and experts."""

    def __init__(self, given: Problem, chance: Ints) -> None:
        self.ends: dict[int, tuple[int, int]] = {}
        self.at: dict[int, dict[int, None]] = defaultdict(dict)
        for k in np.nonzero((chance > 0) & (chance < WHOLE))[0].tolist():
            ends = int(given.first[k]), len(given.needs) + int(given.second[k])
            self.ends[k] = ends
            for node in ends:
                self.at[node][k] = None

    def drop(self, k: int) -> None:
        for node in self.ends.pop(k):
            del self.at[node][k]
            if not self.at[node]:
                del self.at[node]

    def path(self) -> list[int] | None:
        """The pairs of a cycle, or of a path that cannot go on at either end; None when nothing is left to draw."""
        if not self.ends:
            return None
        found, end = self._walk(next(iter(self.at)))
        return found if end is None else self._walk(end)[0]

    def _walk(self, node: int) -> tuple[list[int], int | None]:
        """From here on until a cycle closes (its pairs, None) or there is nowhere to go (the pairs, the last node)."""
        walked: list[int] = []
        place = {node: 0}
        while True:
            before = walked[-1] if walked else None
            onward = next((k for k in self.at[node] if k != before), None)
            if onward is None:
                return walked, node
            left, right = self.ends[onward]
            node = right if node == left else left
            walked.append(onward)
            if node in place:
                return walked[place[node] :], None
            place[node] = len(walked)
