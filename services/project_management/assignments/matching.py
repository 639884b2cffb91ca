"""From texts to the pairs worth weighing, and from those to the best assignment, for calls of any size.

Ten thousand applications and five thousand experts are fifty million pairs, of which a good assignment needs thirty
thousand. So only promising pairs are weighed (`near`); where the limits leave an application short among them, it gets
the others as well (`settle`), so that “impossible” is said only of what is impossible. Numbers only: applications and
experts are positions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from services.project_management.assignments import affinity, flow
from services.project_management.assignments.affinity import Doubles, Ints, Part
from services.project_management.assignments.flow import Flags, Problem

NEAREST = 30
"""Each application's nearest experts and each expert's nearest applications are weighed."""
ALL_PAIRS = 200_000
"""Up to so many pairs all are weighed: it takes a second, and nothing is left out."""
WIDER = 60
"""Further experts at a time for an application that the limits leave short."""
SHOWN = 2_000_000
"""Pairs at most that are listed to explain why an assignment is impossible."""


Apart = Callable[[int], Iterable[int]]
"""Of an application the experts who may not review it; asked only of applications that get short."""


@dataclass(frozen=True)
class Index:
    """The texts of applications and of experts' works as vectors; `owner` is the expert of each work."""

    measures: list[Part]
    owner: Ints
    experts: int

    @property
    def applications(self) -> int:
        return int(self.measures[0].applications.shape[0])


@dataclass(frozen=True)
class Near:
    """Pairs and their affinity in thousandths, by application and, within, by expert."""

    first: Ints
    second: Ints
    weight: Ints


def indexed(
    applications: Sequence[str], works: Sequence[str], owner: Sequence[int], experts: int, *, background: Sequence[str]
) -> Index:
    """`background`: further texts of the same fields, which sharpen what is rare and what goes together. A text that
    stands there several times, as the work of several people, becomes a vector once."""
    every = [*applications, *works, *background]
    place = {text: k for k, text in enumerate(dict.fromkeys(every))}
    lexicon = affinity.Lexicon.learn(every)
    words = lexicon.vectors(place)
    topics = affinity.Topics.learn(words).vectors(words)
    left, right = ([place[text] for text in side] for side in (applications, works))
    return Index(
        [Part(words[left], words[right], half=affinity.WORDS_HALF), Part(topics[left], topics[right])],
        np.array(owner, dtype=np.int64),
        experts,
    )


class Texts(Protocol):
    """What is compared."""

    applications: list[str]
    works: list[str]
    owner: list[int]
    background: list[str]


def affinities(texts: Texts, experts: int) -> list[list[list[int]]]:
    """Of each application the experts' places with their affinity in thousandths, above zero."""
    if not texts.works:
        return [[] for _ in texts.applications]
    index = indexed(texts.applications, texts.works, texts.owner, experts, background=texts.background)
    return rows_of(near(index), len(texts.applications))


def rows_of(found: "Near", applications: int) -> list[list[list[int]]]:
    first, pairs = found.first[found.weight > 0], np.stack([found.second, found.weight], axis=1)[found.weight > 0]
    bounds = np.searchsorted(first, np.arange(applications + 1)).tolist()
    return [pairs[bounds[i] : bounds[i + 1]].tolist() for i in range(applications)]


def near(index: Index, *, nearest: int = NEAREST, every: bool = False) -> Near:
    """The promising pairs with their affinity, or every pair."""
    n, m = index.applications, index.experts
    if every or n * m <= ALL_PAIRS:
        first, second = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    else:
        first, second, _ = affinity.candidates(
            [part.applications for part in index.measures],
            [affinity.profiles(part.works, index.owner, m) for part in index.measures],
            nearest,
            nearest,
        )
    weight: Doubles = affinity.weights(first, second, index.measures, index.owner)
    return Near(first, second, np.rint(weight * 1000).astype(np.int64))


def settle(given: Problem, apart: Apart) -> tuple[Problem, Flags]:
    """The best assignment of `given`, whose pairs are widened as far as the needs require; with the pairs it was made
    from. A pair that was not listed weighs nothing. When needs stay unmet, no widening helps.
    """
    chosen = flow.most(given)
    while chosen.sum() < given.needs.sum():
        applications, experts = flow.bottleneck(given, chosen)
        wider = _widened(given, chosen, apart, applications, experts)
        if wider is None:
            given = explained(given, apart, applications)
            return given, flow.most(given)
        given = wider
        chosen = flow.most(given)
    return given, chosen


def _widened(
    given: Problem, chosen: Flags, apart: Apart, applications: list[int], experts: list[int]
) -> Problem | None:
    """With pairs of these applications and experts outside the bottleneck, those with room first; None without any."""
    room = given.rooms - np.bincount(given.second[chosen], minlength=len(given.rooms))
    open_ = given.rooms > 0
    open_[experts] = False
    spare = np.nonzero(open_)[0]
    more: dict[int, Ints] = {}
    full = _full(given, chosen, experts)
    for turn, (i, known) in enumerate(_known(given, apart, applications) if len(spare) else ()):
        new = spare[~np.isin(spare, known)]
        for spread, groups in zip(given.spreads, full, strict=True):
            new = new[~np.isin(spread.group[new], groups.get(i, []))]
        # The experts with most room first, each application starting elsewhere among equals.
        more[i] = new[np.lexsort(((new - turn * WIDER) % len(given.rooms), -room[new]))[:WIDER]]
    return _with(given, more) if any(map(len, more.values())) else None


def _full(given: Problem, chosen: Flags, experts: list[int]) -> list[dict[int, list[int]]]:
    """Of each level by application the groups that it can have no more from: as many as may be are chosen, and none of
    them can be freed through the bottleneck."""
    first, second = given.first[chosen], given.second[chosen]
    free = np.isin(second, experts)
    found: list[dict[int, list[int]]] = []
    for spread in given.spreads:
        many: dict[tuple[int, int], int] = defaultdict(int)
        freed = set[tuple[int, int]]()
        for i, g, may in zip(first.tolist(), spread.group[second].tolist(), free.tolist(), strict=True):
            many[i, g] += 1
            if may:
                freed.add((i, g))
        of: dict[int, list[int]] = defaultdict(list)
        for (i, g), count in {**dict.fromkeys(spread.room, 0), **many}.items():
            if g >= 0 and (i, g) not in freed and count >= spread.limit(i, g):
                of[i].append(g)
        found.append(of)
    return found


def explained(given: Problem, apart: Apart, applications: Sequence[int]) -> Problem:
    """With every pair that these applications may have, where so many can be listed: reasons and the cheapest change
    are told from all of them."""
    everybody = np.arange(len(given.rooms))
    if len(applications) * len(everybody) > SHOWN:
        return given
    return _with(given, {i: everybody[~np.isin(everybody, known)] for i, known in _known(given, apart, applications)})


def _known(given: Problem, apart: Apart, applications: Sequence[int]) -> Iterator[tuple[int, Ints]]:
    """Of each application the experts that are listed or may not meet it."""
    order = np.argsort(given.first, kind="stable")
    begins, ends = (np.searchsorted(given.first[order], applications, side=side) for side in ("left", "right"))
    for i, begin, end in zip(applications, begins.tolist(), ends.tolist(), strict=True):
        yield i, np.concatenate([given.second[order[begin:end]], np.array(sorted(apart(i)), dtype=np.int64)])


def _with(given: Problem, more: dict[int, Ints]) -> Problem:
    sizes = [len(one) for one in more.values()]
    nothing = np.zeros(sum(sizes), dtype=np.int64)
    return replace(
        given,
        first=np.concatenate([given.first, np.repeat(np.array(list(more), dtype=np.int64), sizes)]),
        second=np.concatenate([given.second, *more.values()]),
        weights=np.concatenate([given.weights, nothing]),
        ties=None if given.ties is None else np.concatenate([given.ties, nothing]),
    )
