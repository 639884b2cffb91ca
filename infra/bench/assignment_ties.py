"""Ties between experts and applicants, planted over split identities: who worked, invented, taught or reviewed together
stands under second records there, and has to be found; and what it costs at the size of a large call."""

import random
import time
from pathlib import Path
from typing import Any

from infra.bench.assignment_cases import expert_row, planted
from services.project_management.assignments import conflicts, ties
from services.project_management.assignments.ties import Declared, Group, Reviewed
from services.project_management.people.identities import Record

STRANGERS = 20_000
"""Other groups of two among people who apply for nothing, as a platform of some years has them."""


def measure_ties(folder: Path, *, number: int = 500, crowd: int = 3000, strangers: int = STRANGERS) -> dict[str, Any]:
    """Every planted pair is one application and one expert whom a tie of one kind joins; each of the two stands in what
    joins them under another record (address, ORCID, the name written otherwise at the same organisation)."""
    draw = random.Random(11)  # noqa: S311 - cases, not secrets
    known, seconds, same = planted(folder, min(5 * number, crowd), crowd)
    first = dict(same)
    by_id = {one.id: one for one in known}
    # A second record that agrees by name alone, or by initials, is the other check's: a named person decides there.
    split = [one for one in seconds if _joins(one, by_id[first[one.id]])]
    number = min(number, len(split) // 2)
    found: dict[str, Any] = {"groups": [], "declared": [], "reviewed": []}
    applications: dict[str, list[str]] = {}
    pairs: dict[tuple[str, str], str] = {}
    for k in range(number):
        author, expert = split[k], split[number + k]
        mine, theirs = first[author.id], first[expert.id]
        application = f"x{k}"
        applications[application] = [mine]
        kind = ties.KINDS[k % len(ties.KINDS)]
        pairs[application, theirs] = kind
        if kind in ("co_applicant", "co_inventor"):
            found["groups"].append(Group(kind, f"g{k}", (author.id, expert.id), 2025))
        elif kind == "reciprocal":
            found["reviewed"].append(Reviewed(author.id, (expert.id,)))
        else:
            found["declared"].append(Declared(kind, *draw.sample((author.id, expert.id), 2)))
    found["groups"] += [Group("co_applicant", f"s{n}", (f"s{n}", f"t{n}"), 2024) for n in range(strangers)]
    records = [*known, *split]
    records += [
        Record(f"{side}{n}", (draw.choice(known).names[0],), organisations=frozenset({f"far{n % 997}"}))
        for n in range(strangers)
        for side in "st"
    ]
    experts = {one.id: one.id for one in known}
    begun = time.perf_counter()
    # Experts who also apply here are another rule, without anything to plant.
    kept, ties.MOST_MUTUAL = ties.MOST_MUTUAL, 0
    try:
        joined = ties.ties(applications, experts, records, **found)
    finally:
        ties.MOST_MUTUAL = kept
    seconds_taken = time.perf_counter() - begun
    barred = conflicts.conflicts(_inputs(applications, known, joined))
    held = {(one["application_id"], one["expert_id"]): one["kind"] for one in barred}
    by_kind = {
        kind: round(
            sum(held.get(pair) == kind for pair, one in pairs.items() if one == kind)
            / max(1, sum(one == kind for one in pairs.values())),
            4,
        )
        for kind in ties.KINDS
    }
    return {
        "pairs": len(pairs),
        "records": len(records),
        "recall": sum(held.get(pair) == kind for pair, kind in pairs.items()) / len(pairs),
        "recall by kind": by_kind,
        "missed": [f"{a} / {e}: {kind}" for (a, e), kind in sorted(pairs.items()) if held.get((a, e)) != kind],
        "false alarms": len(held.keys() - pairs.keys()),
        "false alarms listed": [f"{a} / {e}: {held[a, e]}" for a, e in sorted(held.keys() - pairs.keys())],
        "seconds": round(seconds_taken, 2),
    }


def _joins(second: Record, one: Record) -> bool:
    return (
        bool(second.orcid)
        or bool({_plain(m) for m in second.emails} & {_plain(m) for m in one.emails})
        or (bool(second.organisations & one.organisations) and "." not in second.names[0])
    )


def _plain(address: str) -> str:
    local, _, host = address.casefold().partition("@")
    return f"{local.partition('+')[0]}@{host}"


def _inputs(applications: dict[str, list[str]], experts: list[Record], joined: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "as_of": "2026-11-22",
        "applications": [
            {"id": id, "title": id, "label": "public", "organisations": [], "subjects": [], "members": []}
            for id in applications
        ],
        "experts": [expert_row(one) for one in experts],
        "ties": joined,
    }
