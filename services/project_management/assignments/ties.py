"""What joins an expert to the people of an application: work together, inventions, supervision, reviews of each other.

One person may stand under several records, so records are joined first, by what they are known by and by names that
agree at an organisation in common; then everything is a walk from people to what they share. No pair is ever looked up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.project_management.people.identities import Record, Strength, links
from shared.kernel.marks import N_

YEARS = 3
"""So long two people who worked together do not judge each other."""
MOST_MUTUAL = 200
"""Experts who apply to the call themselves; with more of them only reviews that were given are held against another."""
KINDS = ("co_applicant", "co_inventor", "supervision", "close", "reciprocal")
_SAID = {
    "co_applicant": N_(
        "Worked on an application or project with “%(name)s”, of this application, less than three years ago."
    ),
    "co_inventor": N_("Named as inventor beside “%(name)s”, of this application, less than three years ago."),
    "supervision": N_("Supervised “%(name)s”, of this application, or was supervised: declared by one of them."),
    "close": N_("Is close to “%(name)s”, of this application: declared by one of them."),
}
_MUTUAL = N_("Somebody of this application reviews, or reviewed, an application of this expert.")
_IN_CALL = N_("Both apply to this call: one of the two would review the other's application.")


@dataclass(frozen=True, slots=True)
class Group:
    """People who did something together: `kind` is co_applicant or co_inventor, `id` the thing."""

    kind: str
    id: str
    people: tuple[str, ...]
    """Their records."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What one person declared of another."""

    kind: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody reviews, or did, what these people apply for."""

    reviewer: str
    people: tuple[str, ...]


class People:
    """Which records are one person. Only what is certain or likely joins; who may be the same by name alone is another
    check's, where a named person decides."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._root: dict[str, str] = {}
        rows: dict[str, Record] = {}
        for one in records:
            kept = rows.get(one.id)
            rows[one.id] = one if kept is None else _both(kept, one)
        for link in links(rows.values(), colleagues=True):
            if link.strength is not Strength.POSSIBLE:
                self._join(link.first, link.second)

    def who(self, record: str) -> str:
        found = record
        while (above := self._root.get(found, found)) != found:
            found = above
        while self._root.get(record, record) != found:
            self._root[record], record = found, self._root[record]
        return found

    def _join(self, one: str, other: str) -> None:
        left, right = sorted((self.who(one), self.who(other)))
        if left != right:
            self._root[right] = left


def _both(one: Record, other: Record) -> Record:
    """Two sources about the same record."""
    return Record(
        one.id,
        tuple(dict.fromkeys((*one.names, *other.names))),
        tuple(dict.fromkeys((*one.emails, *other.emails))),
        one.orcid or other.orcid,
        one.organisations | other.organisations,
    )


def ties(
    applications: Mapping[str, Sequence[str]],
    experts: Mapping[str, str],
    records: Iterable[Record],
    *,
    groups: Iterable[Group] = (),
    declared: Iterable[Declared] = (),
    reviewed: Iterable[Reviewed] = (),
) -> list[dict[str, str]]:
    """Each pair with each kind of tie, in the order of applications. `applications`: id → records of its people;
    `experts`: id → record. Records that no list describes stand for themselves."""
    described = list(records)
    name = {one.id: next(iter(one.names), "") for one in described}
    people = People(described)
    seats: dict[str, list[str]] = defaultdict(list)
    for expert_id, record in experts.items():
        seats[people.who(record)].append(expert_id)
    beside = _beside(people, groups, declared, seats)
    mutual = _mutual(people, reviewed, seats)
    mutual_here = _in_call(people, applications, seats)
    found = []
    for application_id, named in applications.items():
        authors = {people.who(one): one for one in named}
        seen = set()
        for who, record in authors.items():
            for kind, other in beside.get(who, ()):
                for expert_id in seats[other] if other not in authors else ():
                    if (kind, expert_id) not in seen:
                        seen.add((kind, expert_id))
                        found.append(
                            _tie(application_id, expert_id, kind, _SAID[kind] % {"name": name.get(record, record)})
                        )
            for other, sentence in (
                *((one, _MUTUAL) for one in mutual.get(who, ())),
                *mutual_here(who),
            ):
                for expert_id in seats[other] if other not in authors else ():
                    if ("reciprocal", expert_id) not in seen:
                        seen.add(("reciprocal", expert_id))
                        found.append(_tie(application_id, expert_id, "reciprocal", sentence))
    return found


def _tie(application_id: str, expert_id: str, kind: str, reason: str) -> dict[str, str]:
    return {"application_id": application_id, "expert_id": expert_id, "kind": kind, "reason": reason}


def _beside(
    people: People, groups: Iterable[Group], declared: Iterable[Declared], seats: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """Person → (kind, expert beside them), each once and in the order of KINDS."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for group in groups:
        together = {people.who(one) for one in group.people}
        known = [one for one in together if one in seats]
        for one in together:
            found[one].update((group.kind, other) for other in known if other != one)
    for said in declared:
        one, other = people.who(said.one), people.who(said.other)
        for mine, theirs in ((one, other), (other, one)):
            if theirs in seats and mine != theirs:
                found[mine].add((said.kind, theirs))
    return {who: sorted(some, key=lambda tie: (KINDS.index(tie[0]), tie[1])) for who, some in found.items()}


def _mutual(people: People, reviewed: Iterable[Reviewed], seats: Mapping[str, Any]) -> dict[str, list[str]]:
    """Reviewer → experts who apply for what they review."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in reviewed:
        reviewer = people.who(one.reviewer)
        found[reviewer].update(who for name in one.people if (who := people.who(name)) in seats and who != reviewer)
    return {who: sorted(some) for who, some in found.items()}


def _in_call(people: People, applications: Mapping[str, Sequence[str]], seats: Mapping[str, Any]) -> Any:
    """Of two experts who both apply here, the one whose application comes first does not review the other's: so
    neither can return a favour, and one of the two directions stays free."""
    first: dict[str, str] = {}
    for application_id in sorted(applications):
        for one in applications[application_id]:
            who = people.who(one)
            if who in seats:
                first.setdefault(who, application_id)
    few = first if len(first) <= MOST_MUTUAL else {}

    def others(who: str) -> Iterator[tuple[str, str]]:
        mine = few.get(who)
        if mine is not None:
            yield from ((other, _IN_CALL) for other, theirs in few.items() if (theirs, other) < (mine, who))

    return others


def since(as_of: date, years: int = YEARS) -> date:
    return as_of - timedelta(days=365 * years)
