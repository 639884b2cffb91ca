"""What joins an expert to the people of an application: work together, inventions, supervision, reviews of each other.

One person may stand under several records, so records are joined first, by what they are known by and by names that
agree at an organisation in common; then everything is a walk from people to what they share. No pair is ever looked up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.project_management.people.identities import Link, Record, Strength, links, orcid
from shared.kernel.marks import N_

MOST_MUTUAL = 200
"""Experts who apply to the call themselves; with more of them only reviews that were given are held against another:
every two of them would be a conflict, and an officer can weigh no twenty thousand."""
KINDS = ("co_applicant", "co_inventor", "supervision", "close", "reciprocal")
_SAID = {
    "co_applicant": N_("Worked with “%(name)s”, of this application, on an application of %(year)s."),
    "co_inventor": N_("Named as inventor beside “%(name)s”, of this application, in %(year)s."),
    "supervision": N_(
        "Supervised “%(name)s”, of this application, or was supervised: declared by the expert on %(day)s."
    ),
    "close": N_("Is close to “%(name)s”, of this application: declared by the expert on %(day)s."),
}
_SAID_OF_EXPERT = {
    "supervision": N_(
        "Supervised “%(name)s”, of this application, or was supervised: declared on the applicants' side on %(day)s."
    ),
    "close": N_("Is close to “%(name)s”, of this application: declared on the applicants' side on %(day)s."),
}
_WITHHELD = N_("A tie that you may not read: what it is known from is not open to the readers of this call.")
_MUTUAL = N_("Somebody of this application reviews, or reviewed, an application of this expert.")
_IN_CALL = N_("Both apply to this call: one of the two would review the other's application.")
SAID_BEFORE = (
    N_("Supervised “%(name)s”, of this application, or was supervised: declared by one of them."),
    N_("Is close to “%(name)s”, of this application: declared by one of them."),
)
"""What kept traces and reviews say from before the side was told."""
Weight = tuple[int, str]
"""Of several ties of a kind the greatest is told: the last year; or whether the expert declared it, and the day."""
Tie = tuple[str, str, Weight]
"""Kind, person on the other side, and what is told of it."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who did something together: `kind` is co_applicant or co_inventor, `id` the thing."""

    kind: str
    id: str
    people: tuple[str, ...]
    """Their records."""
    year: int
    """0 where who looks at the call may not know of it: then no more than its kind is told."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What one person declared of another."""

    kind: str
    one: str
    """Who declared it."""
    other: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody reviews, or did, what these people apply for."""

    reviewer: str
    people: tuple[str, ...]


class People:
    """Which records are one person. Only what is certain or likely joins; who may be the same by name alone is another
    check's, where a named person decides. Two ORCIDs are never one person, whatever stands between them: a record that
    is likely to be either counts as each of them."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._root: dict[str, str] = {}
        self._others: dict[str, tuple[str, ...]] = {}
        rows: dict[str, Record] = {}
        for one in records:
            kept = rows.get(one.id)
            rows[one.id] = one if kept is None else _both(kept, one)
        self._known_as = {one.id: orcid(one.orcid) for one in rows.values() if one.orcid}
        found = links(rows.values(), colleagues=True)
        for link in found:
            if link.strength is Strength.CERTAIN:
                self._join(link.first, link.second)
        self._join_likely([link for link in found if link.strength is Strength.LIKELY])

    def _join_likely(self, found: Sequence[Link]) -> None:
        """Records without an ORCID among themselves first; then each such group to the one ORCID it is like."""
        for link in found:
            one, other = self._person(link.first), self._person(link.second)
            if one not in self._known_as and other not in self._known_as:
                self._join(one, other)
        near: dict[str, set[str]] = defaultdict(set)
        for link in found:
            one, other = self._person(link.first), self._person(link.second)
            for mine, theirs in ((one, other), (other, one)):
                if mine not in self._known_as and theirs in self._known_as:
                    near[mine].add(theirs)
        for group, known in near.items():
            if len(known) == 1:
                self._join(group, *known)
            else:
                self._others[group] = tuple(sorted(known))

    def who(self, record: str) -> tuple[str, ...]:
        """The person, or everybody whom the record may be."""
        person = self._person(record)
        return (person, *self._others.get(person, ()))

    def _person(self, record: str) -> str:
        found = record
        while (above := self._root.get(found, found)) != found:
            found = above
        while self._root.get(record, record) != found:
            self._root[record], record = found, self._root[record]
        return found

    def _join(self, one: str, other: str) -> None:
        left, right = sorted((self._person(one), self._person(other)))
        ids = {self._known_as[side] for side in (left, right) if side in self._known_as}
        if left != right and len(ids) < 2:
            self._root[right] = left
            for known_as in ids:
                self._known_as[left] = known_as


def _both(one: Record, other: Record) -> Record:
    """Two sources about the same record."""
    return Record(
        one.id,
        tuple(dict.fromkeys((*one.names, *other.names))),
        tuple(dict.fromkeys((*one.emails, *other.emails))),
        one.orcid or other.orcid,
        one.organisations | other.organisations,
        tuple(dict.fromkeys((*one.unverified, *other.unverified))),
    )


def ties(
    applications: Mapping[str, Sequence[str]],
    experts: Mapping[str, str],
    records: Iterable[Record],
    *,
    groups: Iterable[Group] = (),
    declared: Iterable[Declared] = (),
    reviewed: Iterable[Reviewed] = (),
    mutual: bool = True,
) -> list[dict[str, str]]:
    """Each pair with each kind of tie, in the order of applications. `applications`: id → records of its people;
    `experts`: id → record; `mutual`: two who both apply here do not review each other. Records that no list
    describes stand for themselves."""
    described = list(records)
    name = {one.id: one.names[0] for one in described if one.names}
    people = People(described)
    seats: dict[str, list[str]] = defaultdict(list)
    for expert_id, record in experts.items():
        for who in people.who(record):
            seats[who].append(expert_id)
    beside = _beside(people, groups, declared, seats)
    given = _mutual(people, reviewed, seats)
    mutual_here = _in_call(people, applications if mutual else {}, seats)
    found = []
    for application_id, named in applications.items():
        authors = {who: one for one in reversed(named) for who in people.who(one)}
        own = {expert_id for who in authors for expert_id in seats.get(who, ())}
        seen: set[tuple[str, str]] = set()
        for who, record in authors.items():
            called = name.get(record, "–")
            ties_of = [(kind, other, *_told(kind, called, weight)) for kind, other, weight in beside.get(who, ())]
            ties_of += [("reciprocal", other, _MUTUAL, {}) for other in given.get(who, ())]
            ties_of += [("reciprocal", other, _IN_CALL, {}) for other in mutual_here(who)]
            for kind, other, reason, more in ties_of:
                for expert_id in seats.get(other, ()):
                    if expert_id not in own and (kind, expert_id) not in seen:
                        seen.add((kind, expert_id))
                        pair = {"application_id": application_id, "expert_id": expert_id}
                        found.append({**pair, "kind": kind, "reason": reason, **more})
    return found


def _told(kind: str, called: str, weight: Weight) -> tuple[str, dict[str, str]]:
    """The sentence, and which side declared it where one did."""
    number, day = weight
    if kind not in _SAID_OF_EXPERT:
        return (_SAID[kind] % {"name": called, "year": number} if number else _WITHHELD), {}
    by_expert = bool(number)
    said = (_SAID if by_expert else _SAID_OF_EXPERT)[kind] % {"name": called, "day": day}
    return said, {"by": "expert" if by_expert else "applicants"}


def _beside(
    people: People, groups: Iterable[Group], declared: Iterable[Declared], seats: Mapping[str, Any]
) -> dict[str, list[Tie]]:
    """Person → experts beside them, each kind once, in the order of KINDS."""
    found: dict[str, dict[tuple[str, str], Weight]] = defaultdict(dict)

    def join(kind: str, one: tuple[str, ...], other: tuple[str, ...], weight: Weight) -> None:
        """Unless the two may be one person."""
        if not set(one) & set(other):
            for who in one:
                for theirs in other:
                    if theirs in seats:
                        found[who][kind, theirs] = max(weight, found[who].get((kind, theirs), weight))

    for group in groups:
        together = list(dict.fromkeys(people.who(one) for one in group.people))
        experts = [one for one in together if any(who in seats for who in one)]
        for one in together if experts else ():
            for other in experts:
                join(group.kind, one, other, (group.year, ""))
    for said in declared:
        one, other = people.who(said.one), people.who(said.other)
        join(said.kind, one, other, (0, said.day))
        join(said.kind, other, one, (1, said.day))
    return {
        who: sorted(((kind, other, weight) for (kind, other), weight in some.items()), key=_rank)
        for who, some in found.items()
    }


def _rank(tie: Tie) -> tuple[int, str]:
    return KINDS.index(tie[0]), tie[1]


def _mutual(people: People, reviewed: Iterable[Reviewed], seats: Mapping[str, Any]) -> dict[str, list[str]]:
    """Reviewer → experts who apply for what they review."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in reviewed:
        reviewer = people.who(one.reviewer)
        for other in {people.who(name) for name in one.people}:
            if not set(reviewer) & set(other):
                for who in reviewer:
                    found[who].update(theirs for theirs in other if theirs in seats)
    return {who: sorted(some) for who, some in found.items()}


def _in_call(people: People, applications: Mapping[str, Sequence[str]], seats: Mapping[str, Any]) -> Any:
    """Of two experts who both apply here, the one whose application comes first does not review the other's: so
    neither can return a favour, and one of the two directions stays free."""
    first: dict[str, str] = {}
    for application_id in sorted(applications):
        for one in applications[application_id]:
            for who in people.who(one):
                if who in seats:
                    first.setdefault(who, application_id)
    few = first if len(first) <= MOST_MUTUAL else {}

    def others(who: str) -> Iterator[str]:
        mine = few.get(who)
        if mine is not None:
            yield from (other for other, theirs in few.items() if (theirs, other) < (mine, who))

    return others
