"""The knapsack under a budget and share limits, exactly: the best set, and the smallest budget that brings one in.

A share limit says how much of the budget, or of the number of awards, may (at most) or shall (at least) go to a group
of applications: those of a region, a field, a sector, or of newcomers. Shares of the number of awards are rounded up to
whole awards, else three awards could not be shared out at half and half. A floor (at least) is met as well when every
fit application of its group is funded: there is nobody else to give to. Floors that cannot be met, alone or together
with those before them, are left out and named; nobody is refused for a floor that funds nobody.

Solved with CP-SAT, one worker and a fixed seed, so that it repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from fractions import Fraction
from functools import cached_property
from math import gcd
from typing import Any

from services.project_management.calls.portfolio import WHOLE
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_

BEST_WORK, SOLVE_WORK = 10.0, 2.0
"""For a decision, and for advice, in the solver's own measure, about seconds on a fast core: work done, not time
passed, so that the answer is the same on every machine. Two thousand fit applications take half of the first."""
GAP = 0.002
JUMPS = 40
"""From one budget to the next that could let an application join."""
LARGEST = 2**62 // WHOLE
"""Budget, in the unit of a knapsack."""


class TooMany(Conflict):
    title = N_("Too many applications to decide at once")


@dataclass(frozen=True, slots=True)
class Limit:
    """`share` in hundredths of a percent; `members`: positions of the group's applications."""

    rule: dict[str, str]
    value: str
    at_least: bool
    of_budget: bool
    share: int
    members: tuple[int, ...]


def limits_of(rules: Sequence[dict[str, str]], traits: Sequence[dict[str, Any]]) -> list[Limit]:
    """One limit for each group that a rule speaks of; a rule on any one region becomes one for each region there is."""
    found = []
    for rule in rules:
        trait, share = rule["trait"], int(Decimal(rule["share"]) * 100)
        values = [rule["value"]] if rule["value"] else sorted({str(one[trait]) for one in traits if one[trait]})
        for value in [""] if trait == "newcomer" else values:
            members = tuple(
                i
                for i, one in enumerate(traits)
                if (one[trait] is True if trait == "newcomer" else one[trait] == value)
            )
            found.append(Limit(rule, value, rule["sense"] == "at_least", rule["of"] == "budget", share, members))
    return found


@dataclass(frozen=True)
class Knapsack:
    """Applications, best first: scores, amounts asked for, and share limits. The first `fit` of them may be chosen, by
    default all; the others count only when somebody chose them all the same."""

    scores: Sequence[Fraction]
    amounts: Sequence[Decimal]
    budget: Decimal
    limits: Sequence[Limit] = field(default=())
    fit: int | None = None

    @cached_property
    def unit(self) -> int:
        """Cents to count in, so that the solver's integers hold every sum; amounts are rounded up, the budget down."""
        unit = 1 if self.limits else gcd(int(self.budget * 100), *self._cents[: self._number]) or 1
        most = 2**60 // (WHOLE if self.limits else 1)
        while sum(self._cents[: self._number]) // unit > most:
            unit *= 10
        return unit

    @property
    def _number(self) -> int:
        return len(self.scores) if self.fit is None else self.fit

    @cached_property
    def _cents(self) -> list[int]:
        return [int(amount * 100) for amount in self.amounts]

    def _choices(self, limit: Limit) -> list[int]:
        return [i for i in limit.members if i < self._number]

    @cached_property
    def _costs(self) -> list[int]:
        return [-(-cents // self.unit) for cents in self._cents]

    @cached_property
    def worth(self) -> list[int]:
        """Scores to four digits; of equal sums the one that leans on better ranks."""
        n = self._number
        return [round(score * 10_000) * n * (n + 1) + n - i for i, score in enumerate(self.scores[:n])]

    @cached_property
    def unmet(self) -> list[Limit]:
        """Floors that cannot be met within the budget together with the limits before them."""
        kept, left = [one for one in self.limits if not one.at_least], []
        for one in self.limits:
            if one.at_least and self._solve([*kept, one]) is None:
                left.append(one)
            elif one.at_least:
                kept.append(one)
        return left

    @cached_property
    def kept(self) -> list[Limit]:
        return [one for one in self.limits if one not in self.unmet]

    def best(self) -> list[int]:
        """Positions of the affordable set with the highest total score within the limits; where `gap` is not zero, of
        the best that could be found. Raises TooMany when none could."""
        return self._best[0]

    @property
    def gap(self) -> Decimal:
        """By how many per cent at most the set lies below the best there is; zero when it is the best."""
        return self._best[1]

    @cached_property
    def _best(self) -> tuple[list[int], Decimal]:
        none: tuple[list[int], Decimal] = ([], Decimal(0))
        return self._solved(self.kept, worth=self.worth, near=True) or none if self._number else none

    def good(self, worth: Sequence[int]) -> list[int]:
        """Positions of a set whose worth is within a few thousandths of the best, found fast."""
        return self._solve(self.kept, worth=worth, quick=True) or [] if self._number else []

    def extra_to_join(self, position: int, most: Decimal | None = None) -> Decimal | None:
        """The smallest addition to the budget, up to `most`, with which the application is in the best set; None when
        none helps.

        Ceilings grow with the budget, floors stay the amounts they are, so that more money never lowers the best total.
        A budget that lets the application join must reach at least the best total of every smaller one: from the
        present best on, the smallest budget that reaches it with the application is tried until nothing better is left
        out there. Raises TooMany when that is too much work.
        """
        start = budget = int(self.budget * 100) // self.unit
        end = LARGEST if most is None else start + int(most * 100) // self.unit
        for _ in range(JUMPS):
            best = self._solve(self.kept, worth=self.worth, budget=budget) or []
            joined = self._solve(
                self.kept, budget=budget, end=end, member=position, reach=sum(self.worth[i] for i in best)
            )
            if joined is None:
                return None
            needed = max(budget, self._needs(joined, self._costs))
            if needed == budget:
                return Decimal((budget - start) * self.unit) / 100
            budget = needed
        raise TooMany(N_("The smallest budget was not found in time."))

    def extra_to_add(self, position: int, chosen: Sequence[int]) -> Decimal | None:
        """The smallest addition to the budget that lets the application join the chosen ones, nobody leaving; None when
        a limit on the number of awards stands in the way."""
        together = [*chosen, position]
        if any(not one.of_budget and not self.holds(one, together) for one in self.kept):
            return None
        return max(self.needs(together) - self.budget, Decimal(0))

    def needs(self, chosen: Sequence[int]) -> Decimal:
        """The smallest budget under which these may be funded together."""
        return Decimal(self._needs(chosen, self._cents)) / 100

    def share(self, limit: Limit, chosen: Sequence[int]) -> Fraction:
        """What of the budget, or of the awards, goes to the group of the limit."""
        members = set(limit.members) & set(chosen)
        if limit.of_budget:
            return Fraction(sum((self.amounts[i] for i in members), Decimal(0))) / Fraction(self.budget)
        return Fraction(len(members), len(chosen) or 1)

    def holds(self, limit: Limit, chosen: Sequence[int]) -> bool:
        share = self.share(limit, chosen)
        if not chosen and not limit.of_budget:
            return True
        if limit.at_least:
            return share >= Fraction(limit.share, WHOLE) or set(self._choices(limit)) <= set(chosen)
        if limit.of_budget:
            return share <= Fraction(limit.share, WHOLE)
        return share * len(chosen) <= -(-limit.share * len(chosen) // WHOLE)

    def _needs(self, chosen: Sequence[int], costs: Sequence[int]) -> int:
        ceilings = [one for one in self.kept if one.of_budget and not one.at_least]
        groups = [(one.share, sum(costs[i] for i in set(one.members) & set(chosen))) for one in ceilings]
        return max(sum(costs[i] for i in chosen), *(-(-spent * WHOLE // share) for share, spent in groups), 0)

    def _solve(self, limits: Sequence[Limit], **asked: Any) -> list[int] | None:
        """The positions alone."""
        solved = self._solved(limits, **asked)
        return solved[0] if solved else None

    def _solved(
        self,
        limits: Sequence[Limit],
        *,
        worth: Sequence[int] | None = None,
        budget: int | None = None,
        end: int = LARGEST,
        member: int | None = None,
        reach: int = 0,
        quick: bool = False,
        near: bool = False,
    ) -> tuple[list[int], Decimal] | None:
        """Positions that meet the limits: those of the highest worth, or, without any worth, some that are not none;
        with a `member` those that include it and reach so much with the smallest budget between the given ones. And by
        how many per cent their worth may lie below the highest: not at all but where `near` allows it.

        None when nothing does. Raises TooMany.
        """
        # Here, because it brings pandas along: two seconds of every start for what is asked once a call.
        from ortools.sat.python import cp_model

        n, costs = self._number, self._costs
        start = int(self.budget * 100) // self.unit
        budget = start if budget is None else budget
        model = cp_model.CpModel()
        take = [model.new_bool_var(f"take_{i}") for i in range(n)]
        money: Any = budget if member is None else model.new_int_var(budget, end, "budget")
        model.add(sum(costs[i] * take[i] for i in range(n)) <= money)
        for k, one in enumerate(limits):
            members = self._choices(one)
            spent: Any = sum((costs[i] if one.of_budget else 1) * take[i] for i in members)
            of = money if one.of_budget else sum(take)
            if not one.at_least:
                model.add(WHOLE * spent <= one.share * of + (0 if one.of_budget else WHOLE - 1))
                continue
            everybody = model.new_bool_var(f"everybody_{k}")
            model.add(sum(take[i] for i in members) == len(members)).only_enforce_if(everybody)
            floor = one.share * (start if one.of_budget else sum(take))
            model.add(WHOLE * spent >= floor).only_enforce_if(everybody.negated())
        if member is not None:
            model.add(take[member] == 1)
            model.add(sum(value * one for value, one in zip(self.worth, take, strict=True)) >= reach)
            model.minimize(money)
        elif worth is not None:
            model.maximize(sum(value * one for value, one in zip(worth, take, strict=True)))
            left = budget
            for i in sorted(range(n), key=lambda i: (-worth[i] / max(costs[i], 1), i)):  # a fair set to begin with
                model.add_hint(take[i], fits := worth[i] > 0 and costs[i] <= left)
                left -= costs[i] if fits else 0
        else:
            model.add_at_least_one(take)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        solver.parameters.catch_sigint_signal = False  # else Ctrl-C would end the platform unstopped ever after
        solver.parameters.max_deterministic_time = SOLVE_WORK if quick or member is not None else BEST_WORK
        if quick:
            solver.parameters.relative_gap_limit = GAP
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL and not ((quick or near) and status == cp_model.FEASIBLE):
            raise TooMany(
                N_("The best set was not found in time. Split the call, or decide single applications yourself.")
            )
        gap = Decimal(0)
        if status != cp_model.OPTIMAL:
            below = 1 - solver.objective_value / max(solver.best_objective_bound, 1.0)
            gap = max(Decimal(100 * below).quantize(Decimal("0.01"), ROUND_UP), Decimal("0.01"))
        return [i for i in range(n) if solver.value(take[i])], gap
