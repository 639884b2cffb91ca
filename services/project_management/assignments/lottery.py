"""An assignment drawn by lot, in which no pair is likelier than a stated bound, and which is the best in expectation.

Who can foresee a reviewer can bargain with one. So the probabilities of pairs are bounded, the best probabilities under
the bound are computed, and an assignment is drawn that has just these probabilities (Jecmen, Zhang, Liu, Shah, Conitzer
and Fang, Mitigating Manipulation in Peer Review via Randomized Reviewer Assignments, NeurIPS 2020). The drawing is
dependent rounding (Gandhi, Khuller, Parthasarathy and Srinivasan, JACM 2006), along the groups' nodes too: every need,
every cap and every limit of a group is kept in every draw. Probabilities are whole percents, so that all is exact.
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
    fractional = _Fractional(given, chance)
    amount = fractional.amount
    while (path := fractional.path()) is not None:
        # What flows along the first step and against it: each node but a path's ends keeps what it has.
        ahead = [k for k, onward in path if onward == path[0][1]]
        behind = [k for k, onward in path if onward != path[0][1]]
        up = min([WHOLE - amount[k] % WHOLE for k in ahead] + [amount[k] % WHOLE for k in behind])
        down = min([amount[k] % WHOLE for k in ahead] + [WHOLE - amount[k] % WHOLE for k in behind])
        step = up if draw.random_sample() * (up + down) < down else -down
        for k, sign in [*((k, 1) for k in ahead), *((k, -1) for k in behind)]:
            amount[k] += sign * step
            if amount[k] % WHOLE == 0:
                fractional.drop(k)
    return np.asarray(np.array(amount[: len(chance)], dtype=np.int64) == WHOLE)


class _Fractional:
    """The pairs that are neither certain nor excluded, and the groups' arcs that are not whole, as a graph from
    applications to experts. An arc's number follows those of the pairs."""

    def __init__(self, given: Problem, chance: Ints) -> None:
        self.ends: dict[int, tuple[int, int]] = {}
        self.at: dict[int, dict[int, None]] = defaultdict(dict)
        way = given.routes
        amount = np.concatenate([chance, way.load(chance)])
        tails = np.concatenate([way.start, way.tail])
        heads = np.concatenate([len(given.needs) + given.second, way.head])
        self.amount: list[int] = amount.tolist()
        for k in np.nonzero(amount % WHOLE)[0].tolist():
            ends = int(tails[k]), int(heads[k])
            self.ends[k] = ends
            for node in ends:
                self.at[node][k] = None

    def drop(self, k: int) -> None:
        for node in self.ends.pop(k):
            del self.at[node][k]
            if not self.at[node]:
                del self.at[node]

    def path(self) -> list[tuple[int, bool]] | None:
        """The arcs of a cycle, or of a path that cannot go on at either end, each with whether it is walked from its
        tail; None when nothing is left to draw."""
        if not self.ends:
            return None
        found, end = self._walk(next(iter(self.at)))
        return found if end is None else self._walk(end)[0]

    def _walk(self, node: int) -> tuple[list[tuple[int, bool]], int | None]:
        """From here on until a cycle closes (its arcs, None) or there is nowhere to go (the arcs, the last node)."""
        walked: list[tuple[int, bool]] = []
        place = {node: 0}
        while True:
            before = walked[-1][0] if walked else None
            onward = next((k for k in self.at[node] if k != before), None)
            if onward is None:
                return walked, node
            left, right = self.ends[onward]
            walked.append((onward, node == left))
            node = right if node == left else left
            if node in place:
                return walked[place[node] :], None
            place[node] = len(walked)
