"""Spread of an application's reviewers: at most so many of one organisation, and of one region.

Each limit is a node of the flow between the application and the experts of one group, with the limit as its capacity.
Organisations lie inside regions, so the nodes nest (application, region, organisation, expert) and the network stays a
flow, with whole optima; with the lottery's probabilities the limits form a bihierarchy, which can always be drawn so
that each limit holds in every draw (Budish, Che, Kojima and Milgrom, Designing Random Allocation Mechanisms, American
Economic Review 2013). A node is made only where more experts of a group are listed than may be taken: elsewhere the
limit cannot be broken.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.kernel.marks import S_
from shared.kernel.trace import Clause

Ints = NDArray[np.int64]
RULE = "assignments.spread"
LEVELS = ("organisation", "region")
"""From the inner to the outer."""


@dataclass(frozen=True)
class Spread:
    """At most `most` reviewers of an application from one group. `group`: each expert's, −1 for none; `room`: where it
    is another number, by application and group."""

    group: Ints
    most: int
    room: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def limit(self, application: int, group: int) -> int:
        return self.room.get((application, group), self.most)


@dataclass(frozen=True)
class Routes:
    """How reviews reach experts: each pair's arc begins at `start`, the application or a group's node. The nodes' own
    arcs lead from `tail` to `head` with `room`; `level`, `application` and `group` say what they limit, and `member`
    lists for each level which pairs (first) run through which arc (second)."""

    start: Ints
    tail: Ints
    head: Ints
    room: Ints
    level: Ints
    application: Ints
    group: Ints
    member: tuple[tuple[Ints, Ints], ...]

    def load(self, amounts: Ints) -> Ints:
        """What runs through each arc, of what each pair gets."""
        found = np.zeros(len(self.room), dtype=np.int64)
        for pair, arc in self.member:
            found += np.bincount(arc, amounts[pair], minlength=len(found)).astype(np.int64)
        return found


def routes(spreads: tuple[Spread, ...], first: Ints, second: Ints, after: int) -> Routes:
    """The nodes that these pairs need, numbered from `after`. `spreads` from the inner to the outer."""
    start = np.array(first, dtype=np.int64)
    parts: list[tuple[Ints, ...]] = []
    member: list[tuple[Ints, Ints]] = []
    made = 0
    for level in reversed(range(len(spreads))):
        spread = spreads[level]
        inside = np.nonzero(spread.group[second] >= 0)[0]
        width = max([int(spread.group.max(initial=0)), *(g for _, g in spread.room)]) + 1
        keys, at, place, count = np.unique(
            first[inside] * width + spread.group[second[inside]],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        room = np.full(len(keys), spread.most, dtype=np.int64)
        for (i, g), limit in spread.room.items():
            k = int(np.searchsorted(keys, i * width + g))
            if k < len(keys) and keys[k] == i * width + g:
                room[k] = max(0, limit)
        tight = count > room
        arc = made + np.cumsum(tight) - 1
        parts.append(
            (
                start[inside[at[tight]]],
                after + arc[tight],
                room[tight],
                np.full(int(tight.sum()), level, dtype=np.int64),
                keys[tight] // width,
                keys[tight] % width,
            )
        )
        held = tight[place]
        member.append((inside[held], arc[place[held]]))
        start[inside[held]] = after + arc[place[held]]
        made += int(tight.sum())
    column = [np.concatenate([_NONE, *(part[k] for part in parts)]) for k in range(6)]
    return Routes(start, column[0], column[1], column[2], column[3], column[4], column[5], tuple(member))


_NONE = np.zeros(0, dtype=np.int64)


class Groups:
    """The groups of an assignment's inputs, and the limits that hold in it; none where the inputs name none."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        limits = inputs.get("spread") or {}
        self.levels = [level for level in LEVELS if limits.get(level) is not None]
        self.limits = {level: int(limits[level]) for level in self.levels}
        self.names: list[dict[str, str]] = []
        self.spreads: tuple[Spread, ...] = ()
        place = {one["id"]: i for i, one in enumerate(inputs["applications"])}
        for level in self.levels:
            of = [_group(one, level) for one in inputs["experts"]]
            names = dict(one for one in of if one)
            number = {key: g for g, key in enumerate(names)}
            group = np.array([number[one[0]] if one else -1 for one in of], dtype=np.int64)
            room: dict[tuple[int, int], int] = {}
            for one in inputs.get("kept", ()):
                held = _group(one, level)
                if held and held[0] in number and one["application_id"] in place:
                    pair = place[one["application_id"]], number[held[0]]
                    room[pair] = room.get(pair, self.limits[level]) - 1
            for one in inputs.get("widened", ()):
                if one["kind"] == level and one["group"] in number and one["application_id"] in place:
                    pair = place[one["application_id"]], number[one["group"]]
                    room[pair] = room.get(pair, self.limits[level]) + one["more"]
            self.names.append(names)
            self.spreads += (Spread(group, self.limits[level], room),)

    def named(self, level: int, group: int) -> tuple[str, str, str]:
        """Kind, key and name of a group."""
        key = list(self.names[level])[group]
        return self.levels[level], key, self.names[level][key]


def _group(one: dict[str, Any], level: str) -> tuple[str, str] | None:
    """Key and name of the group that an expert, or a review that is kept, counts in."""
    if level == "organisation":
        place = one.get("organisation")
        return (place["id"], place["name"]) if place else None
    region = one.get("region")
    return (region, region) if region else None


def full(inputs: dict[str, Any], reviews: list[dict[str, Any]]) -> list[tuple[str, str, str, int, int]]:
    """Limits that these reviews break: application, kind, name of the group, how many there are, how many may be."""
    limits = inputs.get("spread") or {}
    more = {(one["application_id"], one["kind"], one["group"]): one["more"] for one in inputs.get("widened", ())}
    broken = []
    for level in LEVELS:
        if limits.get(level) is None:
            continue
        count: dict[tuple[str, str, str], int] = defaultdict(int)
        for one in reviews:
            if group := _group(one, level):
                count[one["application_id"], *group] += 1
        for (application, key, name), many in count.items():
            may = limits[level] + more.get((application, level, key), 0)
            if many > may:
                broken.append((application, level, name, many, may))
    return broken


def clauses(inputs: dict[str, Any]) -> list[Clause]:
    """What an assignment says of the limits it kept, and of each that somebody loosened."""
    limits, titles = inputs.get("spread") or {}, {one["id"]: one["title"] for one in inputs["applications"]}
    said = []
    if limits.get("organisation") is not None:
        said.append(
            S_(
                "From one organisation come at most %(most)s of an application’s reviewers.",
                most=limits["organisation"],
            )
        )
    if limits.get("region") is not None:
        said.append(S_("From one region come at most %(most)s of an application’s reviewers.", most=limits["region"]))
    for one in inputs.get("widened", ()):
        if one["application_id"] in titles and limits.get(one["kind"]) is not None:
            said.append(
                S_(
                    "“%(title)s” may have %(more)s more from %(name)s: %(reason)s",
                    title=titles[one["application_id"]],
                    more=one["more"],
                    name=one["name"],
                    reason=one["reason"],
                )
            )
    return [Clause(rule=RULE, outcome="yes", reason=one) for one in said]
