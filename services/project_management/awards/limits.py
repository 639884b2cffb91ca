"""What awards come to under the share limits of a call, and which limit stands in the way of an application."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from services.project_management.awards.knapsack import Knapsack, Limit
from services.project_management.calls.portfolio import WHOLE, sentence
from shared.kernel.marks import N_, S_


def digits(value: Fraction | float | Decimal) -> str:
    """With two digits."""
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN))


def in_the_way(problem: Knapsack, chosen: Sequence[int]) -> dict[int, str]:
    """Positions that would be chosen if there were no share limits, with the limit that stands in their way."""
    if not problem.kept:
        return {}
    free = set(replace(problem, limits=()).best()) - set(chosen)
    found = {}
    for i in free:
        broken = [one for one in problem.kept if not one.at_least and not problem.holds(one, [*chosen, i])]
        limit: Limit = (broken or [one for one in problem.kept if one.at_least] or problem.kept)[0]
        found[i] = sentence(limit.rule, limit.value)
    return found


def reached(problem: Knapsack, funded: Sequence[int]) -> list[dict[str, Any]]:
    """Each limit with what the awards come to: limit, reached, holds, note, and whether it is a ceiling, which nobody
    may pass."""
    found = []
    for limit in problem.limits:
        share, said = problem.share(limit, funded), sentence(limit.rule, limit.value)
        holds, note = problem.holds(limit, funded), ""
        if limit in problem.unmet:
            note = N_("This cannot be met within the budget and the limits before it, and is left out.")
        elif not holds and limit.at_least:
            note = N_("The officer's own choices go below it.")
        elif limit.at_least and share * WHOLE < limit.share:
            note = N_("Every application of this group that reaches the pass mark is funded.")
        come_to = S_("It comes to %(share)s %%.", share=digits(100 * share))
        found.append({"limit": said, "reached": come_to, "holds": holds, "note": note, "ceiling": not limit.at_least})
    return found
