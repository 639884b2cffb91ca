"""How what experts bid changes how well they fit: by a stated formula, bounded, and never against a conflict.

The bid is an exponent on the affinity of texts, as Leyton-Brown et al. matched AAAI-21 (Matching Papers and Reviewers
at Large Conferences, 2022); OpenReview adds a weight instead, which lets a bid outweigh any text. An exponent orders by
both: who is near and eager comes first, and a bid on a far text stays far.

Bids are known to be gamed: who wants a certain application bids on it alone, and a ring bids on each other's (Jecmen,
Zhang, Liu, Shah, Conitzer and Fang, NeurIPS 2020; Wu, Guo, Wu and Weinberger, Making Paper Reviewing Robust to Bid
Manipulation Attacks, ICML 2021). So no bid lifts a pair by more than LIFT, none excludes anybody (a pair that nobody
wants is still assigned where it must be), conflicts are found without looking at bids, and the bound on any pair's
probability is kept after them (`lottery`). Whole numbers only, so that a trace repeats to the digit.
"""

from collections import Counter
from enum import StrEnum
from math import isqrt
from typing import Any

from shared.kernel.marks import S_
from shared.kernel.trace import Clause

RULE = "assignments.bids"


class Bid(StrEnum):
    EAGER = "eager"
    WILLING = "willing"
    RATHER_NOT = "rather_not"
    CANNOT_JUDGE = "cannot_judge"


LIFT = 150
"""Thousandths by which a bid lifts a pair at most: as much as being named by somebody who declined."""
BARE = 50
"""Thousandths that a pair counts as before an eager or willing bid: the works known of an expert may be few."""


def lifted(affinity: int, bid: Bid) -> int:
    """The affinity in thousandths after a bid: its square root (eager), its power of 3/4 (willing), its square (rather
    not), nothing (cannot judge); lifted by LIFT at most."""
    if bid is Bid.CANNOT_JUDGE:
        return 0
    if bid is Bid.RATHER_NOT:
        return affinity * affinity // 1000
    base = max(affinity, BARE)
    after = isqrt(1000 * base) if bid is Bid.EAGER else isqrt(base * isqrt(1000 * base))
    return max(affinity, min(after, affinity + LIFT))


def weighed(inputs: dict[str, Any]) -> list[dict[int, int]]:
    """Of each application of an assignment's inputs the experts' places with their affinity in thousandths, bids
    counted; who is not listed has none."""
    listed: list[dict[int, int]] = [dict(row) for row in inputs["affinities"]]
    place = {one["id"]: i for i, one in enumerate(inputs["applications"])}
    seat = {one["id"]: j for j, one in enumerate(inputs["experts"])}
    for one in inputs.get("bids", ()):
        i, j = place.get(one["application_id"]), seat.get(one["expert_id"])
        if i is not None and j is not None:
            listed[i][j] = lifted(listed[i].get(j, 0), Bid(one["bid"]))
    return listed


def clauses(inputs: dict[str, Any]) -> list[Clause]:
    """What an assignment says of the bids it counted; nothing without any."""
    many = Counter(one["bid"] for one in inputs.get("bids", ()))
    if not many:
        return []
    said = S_(
        "%(n)s bids are counted: %(eager)s eager, %(willing)s willing, %(rather_not)s rather not, %(cannot_judge)s "
        "cannot judge.",
        n=many.total(),
        **{bid.value: many[bid.value] for bid in Bid},
    )
    return [Clause(rule=RULE, outcome="yes", reason=said)]
