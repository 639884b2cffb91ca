"""Generated cases: impossible assignments whose certificates are checked by a routine of its own, and people hidden
under a second record."""

import csv
import gzip
import itertools
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from services.project_management.assignments import conflicts, flow, spread
from services.project_management.people.identities import SAID, Link, Record, Strength, links
from services.project_management.people.pinyin import ANY, readings

Pairs = set[tuple[int, int]]

# -- impossible ones -----------------------------------------------------------------------------------------------


Limits = list[tuple[list[int], int, dict[tuple[int, int], int]]]
"""Of each level each expert's group, how many of one an application may have, and where somebody allows more."""


def small(
    draw: random.Random, *, weights: tuple[float, ...] = (0.1, 0.4, 0.5, 0.9)
) -> tuple[flow.Problem, list[list[int]]]:
    """A random problem, and the pairs that may not meet."""
    n, m = draw.randint(1, 4), draw.randint(2, 4)
    needs = [draw.randint(1, 2) for _ in range(n)]
    rooms = [draw.randint(0, 2) for _ in range(m)]
    barred = [[i, j] for i in range(n) for j in range(m) if draw.random() < 0.3]
    pairs = [(i, j, draw.choice(weights), 0) for i in range(n) for j in range(m) if [i, j] not in barred]
    return flow.problem(needs, rooms, pairs), barred


def grouped(given: flow.Problem, draw: random.Random) -> flow.Problem:
    """With experts of few organisations, each in a region or in none, and limits on one or both; a review that is kept
    or an exception changes some."""
    homes = [draw.choice((-1, 0, 0, 1, 2)) for _ in given.rooms]
    regions = [draw.choice((-1, 0, 0, 1)) for _ in range(3)]
    spreads = []
    for level, most in (("organisation", draw.choice((1, 1, 2))), ("region", draw.choice((1, 2, 2)))):
        if level == "region" and draw.random() < 0.4:
            continue
        of = homes if level == "organisation" else [regions[home] if home >= 0 else -1 for home in homes]
        room = {(i, g): draw.choice((0, 2)) for i in range(len(given.needs)) for g in range(3) if draw.random() < 0.1}
        spreads.append(spread.Spread(np.array(of, dtype=np.int64), most, room))
    return replace(given, spreads=tuple(spreads))


def infeasible(number: int) -> list[tuple[flow.Problem, list[tuple[int, int]]]]:
    """So many small problems in which not every need can be met, each with the pairs that somebody could waive; every
    second has limits of groups."""
    found: list[tuple[flow.Problem, list[tuple[int, int]]]] = []
    draw = random.Random(20261122)  # noqa: S311 - cases, not secrets
    while len(found) < number:
        given, barred = small(draw)
        if len(found) % 2:
            given = grouped(given, draw)
        if flow.most(given).sum() < given.needs.sum():
            found.append((given, [(i, j) for i, j in barred if draw.random() < 0.5]))
    return found


def meets(needs: Sequence[int], rooms: Sequence[int], pairs: Pairs, limits: Limits) -> bool:
    """Whether every need can be met: every choice of experts counted out, written apart from the solver on purpose."""
    may = [[j for j in range(len(rooms)) if (i, j) in pairs] for i in range(len(needs))]

    def fits(i: int, chosen: tuple[int, ...]) -> bool:
        for of, most, more in limits:
            held = Counter(of[j] for j in chosen if of[j] >= 0)
            if any(many > most + more.get((i, g), 0) for g, many in held.items()):
                return False
        return True

    choices = [[one for one in itertools.combinations(may[i], need) if fits(i, one)] for i, need in enumerate(needs)]

    @cache
    def rest(i: int, left: tuple[int, ...]) -> bool:
        if i == len(needs):
            return True
        return any(
            rest(i + 1, tuple(room - (j in chosen) for j, room in enumerate(left)))
            for chosen in choices[i]
            if all(left[j] for j in chosen)
        )

    return rest(0, tuple(rooms))


def relaxed(given: flow.Problem, change: flow.Relaxation) -> tuple[list[int], list[int], Pairs, Limits]:
    needs = [int(need) - change.lowered.get(k, 0) for k, need in enumerate(given.needs)]
    rooms = [int(room) + change.raised.get(k, 0) for k, room in enumerate(given.rooms)]
    pairs = set(zip(given.first.tolist(), given.second.tolist(), strict=True)) | set(change.waived)
    limits: Limits = []
    for level, one in enumerate(given.spreads):
        more = {at: room - one.most for at, room in one.room.items()}
        for (of, i, g), by in change.widened.items():
            if of == level:
                more[i, g] = more.get((i, g), 0) + by
        limits.append((one.group.tolist(), one.most, more))
    return needs, rooms, pairs, limits


def least_cost(given: flow.Problem, waivable: list[tuple[int, int]]) -> tuple[int, int]:
    """What the cheapest change costs, and how many assignments were tried to know it: every choice of experts for every
    application, with what each would take."""
    needs, rooms, pairs, limits = relaxed(given, flow.Relaxation({}, [], {}, 0))
    tried = 0
    costs = {tuple(rooms): 0}
    for i, need in enumerate(needs):
        options = []
        may = [j for j in range(len(rooms)) if (i, j) in pairs or (i, j) in waivable]
        for size in range(min(need, len(may)) + 1):
            for chosen in itertools.combinations(may, size):
                price = flow.LOWER * (need - size) + flow.WAIVE * sum((i, j) not in pairs for j in chosen)
                for of, most, more in limits:
                    held = Counter(of[j] for j in chosen if of[j] >= 0)
                    price += flow.WIDEN * sum(
                        max(0, many - max(0, most + more.get((i, g), 0))) for g, many in held.items()
                    )
                options.append((chosen, price))
        after: dict[tuple[int, ...], int] = {}
        for left, spent in costs.items():
            for chosen, price in options:
                tried += 1
                raised = flow.RAISE * sum(left[j] <= 0 for j in chosen)
                now = tuple(room - (j in chosen) for j, room in enumerate(left))
                after[now] = min(after.get(now, spent + price + raised), spent + price + raised)
        costs = after
    return min(costs.values()), tried


def explains(given: flow.Problem, chosen: flow.Flags) -> bool:
    """Whether the applications of the cut need more than their experts, the pairs past them and the limits of groups
    let through: counted here from the pairs."""
    found, way = flow.cut(given, chosen), given.routes
    held = {(int(way.level[k]), int(way.application[k]), int(way.group[k])): int(way.room[k]) for k in found.groups}
    through = sum(given.rooms[j] for j in found.experts) + sum(held.values())
    for i, j in zip(given.first.tolist(), given.second.tolist(), strict=True):
        behind = any((level, i, int(one.group[j])) in held for level, one in enumerate(given.spreads))
        through += i in found.applications and j not in found.experts and not behind
    return bool(sum(given.needs[i] for i in found.applications) > through)


def measure_infeasible(number: int) -> dict[str, Any]:
    """Of so many impossible cases those whose relaxation helps, those for which nothing cheaper does, those whose
    bottleneck needs more than it can get; and what it costs to let everybody short have fewer reviewers instead."""
    begun = time.perf_counter()
    helps = cheapest = explained = tried = cost = plain = widened = 0
    for given, waivable in infeasible(number):
        change = flow.relaxation(given, waivable)
        helps += set(change.waived) <= set(waivable) and meets(*relaxed(given, change))
        least, many = least_cost(given, waivable)
        tried += many
        cheapest += least == change.cost
        chosen = flow.most(given)
        explained += explains(given, chosen)
        widened += bool(change.widened)
        cost += change.cost
        plain += flow.LOWER * int(given.needs.sum() - chosen.sum())
    return {
        "cases": number,
        "with limits of groups": number // 2,
        "of which loosen one": widened,
        "relaxation helps": helps,
        "nothing cheaper helps": cheapest,
        "bottleneck explains": int(explained),
        "assignments tried": tried,
        "cost": cost,
        "cost of fewer reviewers instead": plain,
        "seconds": round(time.perf_counter() - begun, 1),
    }


# -- people under two records --------------------------------------------------------------------------------------

KINDS = ("email", "orcid", "order", "initials", "pinyin", "pinyin initials")
"""How the second record of a planted person differs from the first."""


def planted(folder: Path, number: int, crowd: int) -> tuple[list[Record], list[Record], set[tuple[str, str]]]:
    """Experts; people of applications; and the pairs that are one person. Names are of real public lists; addresses
    and ORCIDs are made up. Half of the crowd is Chinese."""
    draw = random.Random(7)  # noqa: S311 - cases, not secrets
    with (folder / "projects" / "pi-names.csv").open(encoding="utf-8", newline="") as file:
        latin = list(dict.fromkeys(row["name"] for row in csv.DictReader(file) if len(row["name"].split()) > 1))
    with gzip.open(folder / "projects" / "nsfc_zh.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [(row["负责人"].strip(), row["依托单位"].strip()) for row in csv.DictReader(file)]
    chinese = list(dict.fromkeys(name for name, _ in rows if 2 <= len(name) <= 3 and _readable(name)))
    draw.shuffle(latin)
    draw.shuffle(chinese)
    names = [name for pair in zip(latin, chinese, strict=False) for name in pair][:crowd]
    experts = [
        Record(f"e{n}", (name,), (f"p{n}@example.org",), _made_orcid(n), frozenset({f"org{n % 97}"}))
        for n, name in enumerate(names)
    ]
    people, pairs = [], set()
    for k, n in enumerate(draw.sample(range(len(experts)), number)):
        expert = experts[n]
        name = expert.names[0]
        han = not name.isascii() and len(name) <= 3
        kind = KINDS[k % 2 + (4 if han else 2)] if k % 3 else KINDS[k % 2]
        people.append(
            Record(
                f"a{k}",
                (_written(name, kind, draw, "in full" if kind in ("email", "orcid") else ""),),
                (f"P{n}+grants@Example.org",) if kind == "email" else (f"other{k}@example.net",),
                f"https://orcid.org/{expert.orcid}" if kind == "orcid" else None,
                expert.organisations if k % 4 == 0 else frozenset({f"elsewhere{k}"}),
            )
        )
        pairs.add((f"a{k}", expert.id))
    return experts, people, pairs


def _readable(name: str) -> bool:
    return all(ANY not in readings(one, family=k == 0) for k, one in enumerate(name))


def _written(name: str, kind: str, draw: random.Random, whole: str) -> str:
    """The name as another source writes it; `whole`: nothing of it needs to agree."""
    if whole:
        return "A. N. Other"
    if kind.startswith("pinyin"):
        family = sorted(readings(name[0], family=True))[0].capitalize()
        given = [sorted(readings(one))[0] for one in name[1:]]
        if kind == "pinyin initials":
            return f"{family}, {'. '.join(one[0].upper() for one in given)}."
        joined = draw.choice(("", "-")).join(given).capitalize()
        return draw.choice((f"{family} {joined}", f"{joined} {family}", f"{family.upper()} {joined}"))
    parts = name.split()
    if kind == "initials":
        return f"{' '.join(one[0] + '.' for one in parts[:-1])} {parts[-1]}"
    return f"{parts[-1]}, {' '.join(parts[:-1])}"


def _made_orcid(n: int) -> str:
    """With its check digit (ISO 7064, 11-2)."""
    digits, total = f"{900000000000000 + n * 7919:015d}"[-15:], 0
    for one in digits:
        total = (total + int(one)) * 2
    check = (12 - total % 11) % 11
    text = digits + ("X" if check == 10 else str(check))
    return "-".join(text[k : k + 4] for k in range(0, 16, 4))


def measure_conflicts(folder: Path, *, number: int = 500, crowd: int = 3000) -> dict[str, Any]:
    """Each planted person leads an application; the rule has to keep their other record from reviewing it."""
    experts, people, pairs = planted(folder, number, crowd)
    begun = time.perf_counter()
    found = [link for link in links([*people, *experts]) if link.first[0] != link.second[0]]
    seconds = time.perf_counter() - begun
    barred = conflicts.conflicts(_inputs(experts, people, found))
    known = {("a" + one["application_id"][1:], one["expert_id"]) for one in barred}
    by_pair = {_pair(link): link for link in found}
    wrong = sorted(known - pairs)
    names = {record.id: record.names[0] for record in [*experts, *people]}
    exact = {(a.id, e.id) for a, e in itertools.product(people, experts) if a.names == e.names}
    certain = {pair for pair, link in by_pair.items() if link.strength == Strength.CERTAIN}
    return {
        "pairs": len(pairs),
        "experts": len(experts),
        "recall": len(known & pairs) / len(pairs),
        "missed": [f"{names[a]} / {names[e]}" for a, e in sorted(pairs - known)],
        "seconds": round(seconds, 2),
        "false alarms": {s.value: sum(by_pair[pair].strength == s for pair in wrong) for s in Strength},
        "false alarms listed": [
            f"{names[a]} / {names[e]}: {by_pair[a, e].strength.value}, {', '.join(by_pair[a, e].evidence)}"
            for a, e in wrong
        ],
        "by same name alone": len(exact & pairs) / len(pairs),
        "by address and ORCID alone": len(certain & pairs) / len(pairs),
    }


def _pair(link: Link) -> tuple[str, str]:
    return (link.first, link.second) if link.first[0] == "a" else (link.second, link.first)


def expert_row(one: Record) -> dict[str, Any]:
    """An expert without employer or organisation, as the search for conflicts takes it."""
    return {
        "id": one.id,
        "name": one.names[0],
        "subject": f"login-{one.id}",
        "employers": [],
        "acts_for": [],
        "clearance": "public",
    }


def _inputs(experts: list[Record], people: list[Record], found: list[Link]) -> dict[str, Any]:
    names = {record.id: record.names[0] for record in people}
    return {
        "as_of": "2026-11-22",
        "applications": [
            {"id": one.id, "title": one.id, "label": "public", "organisations": [], "subjects": [f"login-{one.id}"]}
            for one in people
        ],
        "experts": [expert_row(one) for one in experts],
        "declared": [],
        "alike": [
            {
                "application_id": pair[0],
                "expert_id": pair[1],
                "name": names[pair[0]],
                "strength": link.strength.value,
                "evidence": SAID[link.evidence[0]],
            }
            for link in found
            for pair in [_pair(link)]
        ],
    }
