"""Assignments as flows: the best in total, the fairest, and the cheapest change that makes an impossible one possible.

Numbers only: applications and experts are positions, a problem's pairs are those that may meet. The optimum is a
minimum-cost flow (OR-tools, cost scaling). Fair mode is the max-min linear programme, whose vertex is almost whole, as
Kobren, Saha and McCallum found (Paper Matching with Local Fairness Constraints, KDD 2019); what it splits is decided by
a small integer programme.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse.csgraph import breadth_first_order

from services.project_management.assignments.spread import Routes, Spread, routes

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SCALE = 1_000_000
"""Weights of 0…1 in whole units of cost; ties below a millionth are settled by `ties`."""
CANDIDATES = 30
"""Fair mode looks at each application's and each expert's best so many partners, and at those of the optimum."""
SHARES = (1.0, 0.995, 0.99, 0.98, 0.95, 0.9)
"""Of the bound, tried in turn: the worst-off application of a whole assignment may have to do with less."""
ALMOST = 1e-6
RAISE, WIDEN, WAIVE, LOWER = 2, 3, 5, 9
"""What one more review by an expert, one more reviewer from a full group, one waived conflict, and one reviewer fewer
cost against each other: an expert can be asked; more from one place narrows the view, and a waiver may bias it; both
need a named person's decision; fewer reviewers is unequal treatment."""


class NoSolution(Exception):
    """Not every need can be met under the limits; `relaxation` says what would have to change."""


@dataclass(frozen=True)
class Problem:
    """`needs`: reviews wanted, one an application. `rooms`: reviews possible, one an expert; `least`: reviews that an
    expert should get. `first`, `second`: the pairs' applications and experts; `weights`: their affinity, 0…1."""

    needs: Ints
    rooms: Ints
    first: Ints
    second: Ints
    weights: Floats
    ties: Ints | None = None
    least: Ints | None = None
    scale: int = SCALE
    """Weights in whole units of cost: with whole weights of 0…1000 a thousand is exact and leaves room for ties."""
    spread: int = 0
    """Among assignments of the same weight the reviews lie on many experts: an expert's k-th costs k times this in
    `ties`."""
    spreads: tuple[Spread, ...] = ()
    """At most so many of one group an application; from the inner to the outer group."""

    @property
    def routes(self) -> Routes:
        """The groups' nodes stand after applications, experts, source and sink."""
        return routes(self.spreads, self.first, self.second, len(self.needs) + len(self.rooms) + 2)

    def only(self, kept: Flags) -> "Problem":
        ties = None if self.ties is None else self.ties[kept]
        return replace(self, first=self.first[kept], second=self.second[kept], weights=self.weights[kept], ties=ties)


def problem(needs: Any, rooms: Any, pairs: Any, *, least: Any = None) -> Problem:
    """From plain lists; a pair is (application, expert, weight, tie)."""
    table = list(pairs)
    column = [np.array([row[k] for row in table], dtype=np.int64) for k in (0, 1, 3)]
    return Problem(
        np.array(needs, dtype=np.int64),
        np.array(rooms, dtype=np.int64),
        column[0],
        column[1],
        np.array([row[2] for row in table], dtype=np.float64),
        column[2],
        None if least is None else np.array(least, dtype=np.int64),
    )


def most(given: Problem) -> Flags:
    """The pairs of an assignment that meets as many needs as can be met, and of those has the highest total weight.

    An expert's `least` is met before weight counts. Ties are settled by the smallest sum of `ties` and `spread`.
    """
    return np.asarray(amounts(given) > 0)


def amounts(given: Problem, units: int = 1, most: int = 1) -> Ints:
    """The same with every review cut into `units` parts, of which a pair gets at most `most`; the parts each pair gets.

    With more units than one these are probabilities under a bound, the best in expectation.
    """
    n, m, arcs = len(given.needs), len(given.rooms), len(given.first)
    if not arcs:
        return np.zeros(0, dtype=np.int64)
    costs = -np.rint(given.weights * given.scale).astype(np.int64)
    least = np.zeros(m, dtype=np.int64) if given.least is None else np.minimum(given.least, given.rooms)
    expert, capacity, price = _sinks(given, least)
    if given.ties is not None or given.spread:
        ties = np.zeros(arcs, dtype=np.int64) if given.ties is None else given.ties
        span = (int(ties.max()) + int(price.max(initial=0))) * int(given.needs.sum()) * units + 1
        costs = costs * span + ties
    reward = int(np.abs(costs).max()) * (n + m + 2) + 1 if least.any() else 0
    source, sink = n + m, n + m + 1
    way = given.routes
    flow = min_cost_flow.SimpleMinCostFlow()
    chosen = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([way.start, np.full(n, source), n + expert, n + np.arange(m), way.tail]),
        np.concatenate([n + given.second, np.arange(n), np.full(len(expert), sink), np.full(m, sink), way.head]),
        np.concatenate([np.full(arcs, most), given.needs * units, capacity * units, least * units, way.room * units]),
        np.concatenate([costs, np.zeros(n, dtype=np.int64), price, np.full(m, -reward), np.zeros_like(way.room)]),
    )[:arcs]
    flow.set_node_supply(source, int(given.needs.sum()) * units)
    flow.set_node_supply(sink, -int(given.needs.sum()) * units)
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"the flow solver answered {status}")
    return np.asarray(flow.flows(chosen), dtype=np.int64)


def _sinks(given: Problem, least: Ints) -> tuple[Ints, Ints, Ints]:
    """Where experts' reviews go: expert, room and price of each arc; with `spread` one arc a review, each dearer."""
    room = given.rooms - least
    if not given.spread:
        return np.arange(len(room)), room, np.zeros(len(room), dtype=np.int64)
    wanted = np.bincount(given.second, minlength=len(room))
    room = np.minimum(room, wanted)
    expert = np.repeat(np.arange(len(room)), room)
    place = np.arange(len(expert)) - np.repeat(np.cumsum(room) - room, room)
    return expert, np.ones(len(expert), dtype=np.int64), place * given.spread


def fair(given: Problem) -> Flags:
    """The pairs of an assignment whose worst-off application is as well off as can be, and then of high total weight.

    Raises NoSolution when the needs cannot all be met. `least` is kept.
    """
    best = most(given)
    if best.sum() != given.needs.sum():
        raise NoSolution
    view = given.only(_promising(given, best))
    rows = _Rows(view)
    worst = rows.max_min() or 0.0
    for share in SHARES:
        bound = worst * share - ALMOST
        shares = rows.highest(bound)
        if shares is not None and (whole := rows.rounded(shares, bound)) is not None:
            return _back(given, best, view, whole)
    return best


def worst_off(given: Problem, chosen: Flags) -> float:
    """The lowest sum of weights that an application has."""
    sums = np.bincount(given.first[chosen], given.weights[chosen], minlength=len(given.needs))
    return float(sums.min()) if len(sums) else 0.0


def max_min_bound(given: Problem) -> float:
    """No assignment leaves its worst-off application better off than this (the linear programme's value)."""
    bound = _Rows(given).max_min()
    if bound is None:
        raise NoSolution
    return bound


def _promising(given: Problem, best: Flags) -> Flags:
    kept = best.copy()
    for side in (given.first, given.second):
        order = np.lexsort((np.zeros(len(side)) if given.ties is None else given.ties, -given.weights, side))
        ends = np.searchsorted(side[order], side[order], side="left")
        kept[order[np.arange(len(side)) - ends < CANDIDATES]] = True
    return kept


def _back(given: Problem, best: Flags, view: Problem, whole: Flags) -> Flags:
    key = given.first * (len(given.rooms) + 1) + given.second
    chosen = view.first[whole] * (len(given.rooms) + 1) + view.second[whole]
    found = np.isin(key, chosen)
    assert found.sum() == best.sum()
    return np.asarray(found)


class _Rows:
    """The linear programme's rows over a problem's pairs."""

    def __init__(self, given: Problem) -> None:
        self.given = given
        self.n, self.m, count = len(given.needs), len(given.rooms), len(given.first)
        column, one = np.arange(count), np.ones(count)
        self.demand = sparse.csr_matrix((one, (given.first, column)), shape=(self.n, count))
        self.load = sparse.csr_matrix((one, (given.second, column)), shape=(self.m, count))
        self.sums = sparse.csr_matrix((given.weights, (given.first, column)), shape=(self.n, count))
        self.least = np.zeros(self.m) if given.least is None else given.least.astype(float)
        way = given.routes
        pair, arc = ([part[k] for part in way.member] or [column[:0]] for k in (0, 1))
        beneath = (np.concatenate(arc), np.concatenate(pair))
        self.groups = sparse.csr_matrix((np.ones(len(beneath[0])), beneath), shape=(len(way.room), count))
        self.group_room = way.room
        # An application that needs nobody is not worst off.
        self.asks = np.nonzero(given.needs)[0]

    def max_min(self) -> float | None:
        count = len(self.given.first)
        lift = sparse.csr_matrix(np.ones((len(self.asks), 1)))
        upper = sparse.vstack(
            [
                sparse.hstack([self.load, sparse.csr_matrix((self.m, 1))]),
                sparse.hstack([-self.load, sparse.csr_matrix((self.m, 1))]),
                sparse.hstack([self.groups, sparse.csr_matrix((len(self.group_room), 1))]),
                sparse.hstack([-self.sums[self.asks], lift]),
            ]
        ).tocsr()
        found = linprog(
            np.append(np.zeros(count), -1.0),
            A_ub=upper,
            b_ub=np.concatenate([self.given.rooms, -self.least, self.group_room, np.zeros(len(self.asks))]),
            A_eq=sparse.hstack([self.demand, sparse.csr_matrix((self.n, 1))]).tocsr(),
            b_eq=self.given.needs,
            bounds=[(0, 1)] * count + [(None, None)],
            method="highs",
        )
        return None if found.x is None else float(-found.fun)

    def highest(self, bound: float) -> Floats | None:
        """The highest total weight with every application at least at `bound`; fractions of pairs."""
        found = linprog(
            -self.given.weights,
            A_ub=sparse.vstack([self.load, -self.load, self.groups, -self.sums[self.asks]]).tocsr(),
            b_ub=np.concatenate([self.given.rooms, -self.least, self.group_room, np.full(len(self.asks), -bound)]),
            A_eq=self.demand,
            b_eq=self.given.needs,
            bounds=(0, 1),
            method="highs",
        )
        return None if found.x is None else np.asarray(found.x)

    def rounded(self, shares: Floats, bound: float) -> Flags | None:
        """A whole assignment near the fractional one: only the applications that it splits are decided again, and, when
        that is too narrow, those that share an expert with them."""
        whole = shares > 0.5
        used = shares > ALMOST
        free = np.zeros(self.n, dtype=bool)
        free[self.given.first[used & (shares < 1 - ALMOST)]] = True
        while True:
            loose = free[self.given.first]
            if (settled := self._decide(whole & ~loose, np.nonzero(loose)[0], free, bound)) is not None:
                return settled
            near = np.zeros(self.m, dtype=bool)
            near[self.given.second[loose & used]] = True
            wider = free.copy()
            wider[self.given.first[used & near[self.given.second]]] = True
            if (wider == free).all():
                return None
            free = wider

    def _decide(self, fixed: Flags, columns: Ints, free: Flags, bound: float) -> Flags | None:
        if not len(columns):
            return fixed
        load = np.bincount(self.given.second[fixed], minlength=self.m)
        asks = free & (self.given.needs > 0)
        found = milp(
            -self.given.weights[columns],
            constraints=[
                LinearConstraint(self.demand[free][:, columns], self.given.needs[free], self.given.needs[free]),
                LinearConstraint(self.load[:, columns], self.least - load, self.given.rooms - load),
                LinearConstraint(self.groups[:, columns], -np.inf, self.group_room - self.groups @ fixed),
                LinearConstraint(self.sums[asks][:, columns], bound, np.inf),
            ],
            integrality=np.ones(len(columns)),
            bounds=Bounds(0, 1),
            options={"time_limit": 5.0, "mip_rel_gap": 1e-4},
        )
        if found.x is None:
            return None
        settled = fixed.copy()
        settled[columns[found.x > 0.5]] = True
        return settled


# -- when it is impossible ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """Applications that together need more than the experts whom they may have can give, those experts, and the groups
    that hold them back: by their place among the routes."""

    applications: list[int]
    experts: list[int]
    groups: list[int]


def cut(given: Problem, chosen: Flags) -> Cut:
    """What an unmet need can still reach in the residual network: the near side of a minimum cut."""
    n, m, way = len(given.needs), len(given.rooms), given.routes
    met = np.bincount(given.first[chosen], minlength=n)
    lacking = np.nonzero(met < given.needs)[0]
    load = way.load(chosen.astype(np.int64))
    open_, used, source = load < way.room, load > 0, n + m
    tails = [np.full(len(lacking), source), way.start[~chosen], n + given.second[chosen], way.tail[open_]]
    heads = [lacking, n + given.second[~chosen], way.start[chosen], way.head[open_]]
    tail, head = np.concatenate([*tails, way.head[used]]), np.concatenate([*heads, way.tail[used]])
    size = n + m + 2 + len(way.room)
    residual = sparse.csr_matrix((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(size, size))
    near = np.zeros(size, dtype=bool)
    near[breadth_first_order(residual, source, return_predecessors=False)] = True
    return Cut(
        np.nonzero(near[:n])[0].tolist(),
        np.nonzero(near[n : n + m])[0].tolist(),
        np.nonzero(near[way.tail] & ~near[way.head])[0].tolist(),
    )


def bottleneck(given: Problem, chosen: Flags) -> tuple[list[int], list[int]]:
    """The applications and the experts of the cut."""
    found = cut(given, chosen)
    return found.applications, found.experts


@dataclass(frozen=True)
class Relaxation:
    """What would have to change: more reviews by experts, waived pairs, fewer reviewers, and more from a group for an
    application (by level, application and group); together of least cost."""

    raised: dict[int, int]
    waived: list[tuple[int, int]]
    lowered: dict[int, int]
    cost: int
    widened: dict[tuple[int, int, int], int] = field(default_factory=dict)


def relaxation(given: Problem, waivable: list[tuple[int, int]]) -> Relaxation:
    """The cheapest change after which every need can be met, at RAISE, WIDEN, WAIVE and LOWER a step.

    It is exact: a minimum-cost flow through the network with those steps as extra arcs. There always is one, since
    needs can be lowered to nothing.
    """
    n, m, arcs = len(given.needs), len(given.rooms), len(given.first)
    source, sink, total = n + m, n + m + 1, int(given.needs.sum())
    extra = np.array(waivable, dtype=np.int64).reshape(-1, 2)
    w = len(extra)
    first, second = np.concatenate([given.first, extra[:, 0]]), np.concatenate([given.second, extra[:, 1]])
    way = routes(given.spreads, first, second, n + m + 2)
    groups = len(way.room)
    parts = [
        (way.start[:arcs], n + second[:arcs], np.ones(arcs), 0),
        (way.start[arcs:], n + second[arcs:], np.ones(w), WAIVE),
        (n + np.arange(m), np.full(m, sink), np.full(m, total), RAISE),
        (np.arange(n), np.full(n, sink), given.needs, LOWER),
        (way.tail, way.head, np.full(groups, total), WIDEN),
        (np.full(n, source), np.arange(n), given.needs, 0),
        (n + np.arange(m), np.full(m, sink), given.rooms, 0),
        (way.tail, way.head, way.room, 0),
    ]
    flow = min_cost_flow.SimpleMinCostFlow()
    ids = flow.add_arcs_with_capacity_and_unit_cost(
        *(np.concatenate([part[k] for part in parts]).astype(np.int64) for k in range(3)),
        np.concatenate([np.full(len(part[0]), part[3], dtype=np.int64) for part in parts]),
    )
    flow.set_node_supply(source, total)
    flow.set_node_supply(sink, -total)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ArithmeticError(f"the flow solver answered {status}")
    amounts = np.split(flow.flows(ids), np.cumsum([len(part[0]) for part in parts]))
    _, waived, raised, lowered, widened = amounts[:5]
    return Relaxation(
        raised={int(j): int(raised[j]) for j in np.nonzero(raised)[0]},
        waived=[(int(i), int(j)) for (i, j), amount in zip(extra, waived, strict=True) if amount],
        lowered={int(i): int(lowered[i]) for i in np.nonzero(lowered)[0]},
        cost=int(flow.optimal_cost()),
        widened={
            (int(way.level[k]), int(way.application[k]), int(way.group[k])): int(widened[k])
            for k in np.nonzero(widened)[0]
        },
    )
