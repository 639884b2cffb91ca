"""Which records are the same person: by e-mail address, ORCID, and names in all the ways they are written.

One person under two records defeats every check of conflicts, so whoever may be the same is found, with the evidence
and how strong it is, and a named person confirms or waives it. Names are compared by what they can mean: “Wang, X. M.”,
“Xiaoming Wang”, “WANG Xiao-Ming” and 王晓明 agree; 王晓明 and 王小明 do too when both are only known in Latin letters,
which is why a name alone is never certain. Records are joined by what they share and never compared pair by pair.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.project_management.people.pinyin import ANY, COMPOUND, SYLLABLES, readings
from shared.kernel.marks import N_

_HAN = re.compile(r"[\u3400-\u9fff]")
_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "phd", "jr", "sr", "md", "ii", "iii"})


class Strength(StrEnum):
    CERTAIN = "certain"
    """The same mail address, verified for both, or ORCID."""
    LIKELY = "likely"
    """The same name in full and an organisation in common, now or earlier."""
    POSSIBLE = "possible"
    """Names that agree, and nothing else, or initials only; or an address that is not verified for both."""


SAID = {
    "orcid": N_("The same ORCID."),
    "email": N_("The same e-mail address."),
    "address": N_("The same e-mail address, which is not verified for both."),
    "name": N_("The same name."),
    "reading": N_("Names that are read alike."),
    "initials": N_("Names that agree in family name and initials."),
    "organisation": N_("An organisation in common."),
}
"""Kinds of evidence."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one source says of a person; `organisations` now and earlier, by id or by name."""

    id: str
    names: tuple[str, ...]
    emails: tuple[str, ...] = ()
    orcid: str | None = None
    organisations: frozenset[str] = frozenset()
    unverified: tuple[str, ...] = ()
    """Addresses that nobody vouches for."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that may be one person. `evidence` as in SAID."""

    first: str
    second: str
    strength: Strength
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """One way to understand a name: what the family name may be read as, and each part of the given name.

    A part of one letter is an initial. `written` is the Chinese writing, where there is one.
    """

    family: frozenset[str]
    given: tuple[frozenset[str], ...]
    written: str = ""


def links(records: Iterable[Record], *, colleagues: bool = False) -> list[Link]:
    """Every two records that may be the same person, strongest first. Two different ORCIDs are two people.

    A family name of unknown reading is compared in Chinese writing only. With `colleagues` names count only at an
    organisation in common: among many records a name alone says nothing, and comparing namesakes takes long.
    """
    rows = list(records)
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    understood = [[way for name in row.names for way in ways(name)] for row in rows]
    unread: dict[str, list[int]] = defaultdict(list)
    families: dict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        places = [f"{one} " for one in row.organisations] if colleagues else [""]
        blocks = (("name", place + key) for place in places for way in understood[n] for key in _blocks(way))
        for key in {*_keys(row), *blocks}:
            shared[key].append(n)
        for family in {place + one for place in places for way in understood[n] for one in way.family}:
            families[family].append(n)
        for family in {
            place + one
            for place in places
            for way in understood[n]
            if way.given and ANY in way.given[0]
            for one in way.family
        }:
            unread[family].append(n)
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    near = set[tuple[int, int]]()
    for (kind, _), members in shared.items():
        for k, i in enumerate(members):
            for j in members[k + 1 :]:
                if kind == "name":
                    near.add((i, j))
                else:
                    found[i, j].add(kind)
    for family, some in unread.items():
        near |= {(min(i, j), max(i, j)) for i in some for j in families[family] if i != j}
    for i, j in near:
        found[i, j] |= _by_name(understood[i], understood[j])
    judged = [_judged(rows[i], rows[j], evidence) for (i, j), evidence in found.items()]
    order = list(Strength)
    kept = [link for link in judged if link is not None]
    return sorted(kept, key=lambda link: (order.index(link.strength), link.first, link.second))


def _judged(one: Record, other: Record, evidence: set[str]) -> Link | None:
    if not evidence:
        return None
    ids = {orcid(row.orcid) for row in (one, other) if row.orcid}
    if len(ids) == 2:
        return None
    if one.organisations & other.organisations:
        evidence = {*evidence, "organisation"}
    if "email" in evidence:
        evidence = evidence - {"address"}
    if evidence & {"orcid", "email"}:
        strength = Strength.CERTAIN
    elif "organisation" in evidence and evidence & {"name", "reading"}:
        strength = Strength.LIKELY
    else:
        strength = Strength.POSSIBLE
    return Link(one.id, other.id, strength, tuple(kind for kind in SAID if kind in evidence))


# -- what records share --------------------------------------------------------------------------------------------


def _keys(row: Record) -> Iterator[tuple[str, str]]:
    if row.orcid:
        yield "orcid", orcid(row.orcid)
    for address in row.emails:
        yield "email", email(address)
    for address in (*row.emails, *row.unverified):
        yield "address", email(address)


def orcid(text: str) -> str:
    """The sixteen characters, however they are written."""
    return re.sub(r"[^0-9X]", "", text.upper())[-16:]


def email(address: str) -> str:
    """The mailbox an address reaches: letters small, without a tag after “+”."""
    local, _, host = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    return f"{local.split('+')[0]}@{host}"


def _blocks(way: Name) -> Iterator[str]:
    """What names that agree have in common: a family name and the first letter of the given name."""
    firsts = {one[0] for one in way.given[0]} if way.given else set[str]()
    for family in way.family - {ANY}:
        for first in firsts:
            yield f"{family} {first}"
    if way.written:
        yield way.written


# -- names ---------------------------------------------------------------------------------------------------------


def ways(name: str) -> list[Name]:
    """How a name may be understood; which end the family name stands at is often open."""
    plain = unicodedata.normalize("NFKC", name).strip()
    if _HAN.search(plain):
        return _chinese("".join(_HAN.findall(plain)))
    folded = "".join(one for one in unicodedata.normalize("NFKD", plain.casefold()) if not unicodedata.combining(one))
    folded = folded.replace("ø", "o").replace("ß", "ss").replace("ł", "l").replace("æ", "ae").replace("đ", "d")
    head, comma, tail = folded.partition(",")
    if comma:
        return _latin(_words(head), _words(tail, plain.partition(",")[2]))
    words = _words(folded, plain)
    if len(words) < 2:
        return _latin(words, []) if words else []
    found = [*_latin(words[-1:], words[:-1]), *_latin(words[:1], words[1:])]
    if len(words) > 2:
        found += _latin(words[-2:], words[:-2])
    return found


def _words(text: str, written: str = "") -> list[str]:
    """Without titles; initials that stand together (“XM”) fall apart where they were written as capitals."""
    capitals = set() if written.isupper() else {one.casefold() for one in re.findall(r"\b[A-Z]{2,3}\b", written)}
    found: list[str] = []
    for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text):
        if word not in _TITLES:
            found.extend(word if word in capitals - SYLLABLES else [word])
    return found


def _latin(family: list[str], given: list[str]) -> list[Name]:
    """A family name of two words (“van Rossum”, “Ou Yang”) is read as one; “fangang” may be fang-ang or fan-gang."""
    parts: list[list[str]] = [[]]
    for word in given:
        parts = [[*before, *after] for before in parts for after in _syllables(word)][:8]
    name = frozenset({_plain("".join(family))})
    return [Name(name, tuple(frozenset({_plain(part)}) for part in one)) for one in parts]


def _plain(text: str) -> str:
    """One spelling of the Chinese ü, whichever was used."""
    text = text.replace("'", "").replace("’", "")
    return re.sub(r"^([ln])(?:v|yu|uu)", r"\1u", text)


def _syllables(word: str) -> list[list[str]]:
    """The word as it is, and as two Chinese syllables wherever it may be cut."""
    cuts = [[word[:k], word[k:].lstrip("'’")] for k in range(1, len(word))]
    return [[word], *(cut for cut in cuts if all(_plain(part) in _READ for part in cut))]


def _chinese(written: str) -> list[Name]:
    cut = 2 if len(written) > 2 and written[:2] in COMPOUND else 1
    families: frozenset[str] = frozenset({""})
    for one in written[:cut]:
        families = frozenset(left + _plain(right) for left in families for right in readings(one, family=True))
    return [Name(families, tuple(frozenset(map(_plain, readings(one))) for one in written[cut:]), written)]


_READ = frozenset(map(_plain, SYLLABLES))


def _by_name(one: list[Name], other: list[Name]) -> set[str]:
    """The strongest way in which two names agree; nothing when they do not."""
    kinds = {kind for left in one for right in other if (kind := _agree(left, right))}
    return next(({kind} for kind in ("name", "reading", "initials") if kind in kinds), set())


def _agree(left: Name, right: Name) -> str:
    if left.written and right.written:
        return "name" if left.written == right.written else ""
    if left.family.isdisjoint(right.family) or not left.given or not right.given:
        return ""
    if _joined(left) & _joined(right) or _alike(left.given, right.given):
        return "reading" if left.written or right.written else "name"
    # A middle name may be left out or cut to a letter; the first part must agree.
    pairs = zip(left.given, right.given, strict=False)
    return "initials" if all(_begins(mine, theirs) for mine, theirs in pairs) else ""


def _joined(name: Name) -> set[str]:
    """The given name in one word, as it may be read; without those that are initials only."""
    found = {""}
    for part in name.given:
        found = {left + right for left in found for right in part}
    return {one for one in found if ANY not in one and len(one) > len(name.given)}


def _alike(left: tuple[frozenset[str], ...], right: tuple[frozenset[str], ...]) -> bool:
    """Part by part the same, where a character that nobody can read agrees with anything but an initial."""
    return len(left) == len(right) and all(
        any(len(one) > 1 for one in mine & theirs)
        or (ANY in mine and all(len(one) > 1 for one in theirs))
        or (ANY in theirs and all(len(one) > 1 for one in mine))
        for mine, theirs in zip(left, right, strict=True)
    )


def _begins(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """The same part, or one is the first letter of the other."""
    if ANY in mine | theirs or mine & theirs:
        return True
    letters = all(len(one) == 1 for one in mine) or all(len(one) == 1 for one in theirs)
    return letters and bool({one[0] for one in mine} & {one[0] for one in theirs})
