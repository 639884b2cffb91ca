"""What two texts share: passages, names, numbers. Pure; the same in every process and after every restart.

A passage is three words in a row, without the little words, or four Chinese characters in a row; of a number only
counts that it stands there, so that changed figures hide nothing. Passages become 32-bit marks. Of a text that is kept,
the MOST_MARKS smallest are indexed (a bottom-k sketch, Broder 1997); of one that is looked for all are asked for, so a
part of a text finds the whole and a title finds the abstract that holds it. Names are indexed in every way they may be
read in Latin letters (王晓明 finds Xiaoming Wang), and numbers of records as they are written: these need no common
language. What is found this way is compared in full.
"""

import re
import unicodedata
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from zlib import crc32

from services.project_management.people.identities import ways
from services.project_management.people.pinyin import ANY

WORDS, CHARACTERS = 3, 4
"""In a row. Two words are said by chance, and of five too few survive a rewrite."""
MOST_MARKS = 64
"""Of a kept text. A third of it, however it was cut out, still shares about twenty."""
ASKED = 1_500
"""Marks asked for at most: an abstract of five pages."""
SLACK = 4
"""Passages that a text shares by chance; else a title of three words would be contained in much."""
READINGS = 12

_LITTLE_WORDS = """a an the and or of to in for on with by from at as is are be been was were that this these those it
its we our they their which can may such not than then also has have had do does using used use via based into between
both over under how what when where who there here more most many some any all each other but if so no nor only very
while during however thus hence will would should could"""
_LITTLE = frozenset(_LITTLE_WORDS.split())
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_CODE = re.compile(r"[A-Za-z]{0,6}[-/]?\d[\dA-Za-z]*(?:[-/.]?[\dA-Za-z]+)*")


@dataclass(frozen=True)
class Said:
    """What an application, a project or a record says, as far as it is compared."""

    title: str
    abstract: str = ""
    people: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    number: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Profile:
    """The same, taken apart."""

    passages: frozenset[int]
    title: frozenset[str]
    names: frozenset[str]
    organisations: frozenset[str]
    codes: frozenset[str]
    amount: str

    @classmethod
    def of(cls, said: Said) -> "Profile":
        return cls(
            passages(said.title) | passages(said.abstract),
            frozenset(_pairs(said.title)),
            frozenset(key for name in said.people for key in name_keys(name)),
            frozenset(filter(None, (_plain(one) for one in said.organisations))),
            frozenset(_codes(f"{said.title} {said.abstract}")) | ({_plain(said.number)} - {""}),
            said.amount,
        )

    @property
    def kept(self) -> list[int]:
        """The marks by which it is found later; never none, so that what was looked at is known to be."""
        return sorted(self.passages)[:MOST_MARKS] + self.beside or [0]

    @property
    def beside(self) -> list[int]:
        """Marks of names, organisations and numbers."""
        return sorted({*self.persons, *_marks("o", self.organisations)})

    @property
    def persons(self) -> list[int]:
        """Marks that name a person or a record; an organisation alone has too many projects to say anything."""
        return sorted({*_marks("n", self.names), *self.code_marks})

    @property
    def code_marks(self) -> list[int]:
        return _marks("c", self.codes)


@dataclass(frozen=True)
class Likeness:
    """How alike two things are: in thousandths, exact enough and the same when it is computed again."""

    text: int
    title: int
    people: bool
    organisation: bool
    codes: bool
    amount: bool


def compare(one: Profile, other: Profile, common: Set[int] = frozenset()) -> Likeness:
    """`common` marks stand in so many texts that they say nothing (“this award is funded under …”)."""
    mine, theirs = one.passages - common, other.passages - common
    shared = len(mine & theirs)
    titles = len(one.title) + len(other.title)
    return Likeness(
        text=1000 * shared // (min(len(mine), len(theirs)) + SLACK) if shared else 0,
        title=2000 * len(one.title & other.title) // titles if titles else 0,
        people=not one.names.isdisjoint(other.names),
        organisation=not one.organisations.isdisjoint(other.organisations),
        codes=not one.codes.isdisjoint(other.codes),
        amount=bool(one.amount) and one.amount == other.amount,
    )


Token = tuple[str, int, int, bool]
"""A word or a Chinese character as it counts, its first and its last place in the text as it is written, Chinese."""


def tokens(text: str) -> list[Token]:
    """Words that count and Chinese characters, in order."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        han = "\u3400" <= word[0] <= "\u9fff"
        unit = word if han else _unit(word)
        if unit:
            found.append((unit, match.start(), match.end(), han))
    return found


@lru_cache(maxsize=1 << 16)
def _unit(word: str) -> str:
    """As it counts; empty for what does not."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    if plain in _LITTLE or (len(plain) < 2 and not plain.isdigit()):
        return ""
    return "0" if plain[0].isdigit() else _singular(plain)


def passages(text: str) -> frozenset[int]:
    return frozenset(_mark(unit) for unit, _, _ in _shingles(tokens(text)))


def _shingles(found: list[Token]) -> Iterable[tuple[str, int, int]]:
    """Each passage with its first and last token; a run too short for one is a passage whole."""
    start = 0
    while start < len(found):
        end, han = start, found[start][3]
        while end < len(found) and found[end][3] == han:
            end += 1
        size = min(CHARACTERS if han else WORDS, end - start)
        if size > 1 or (start == 0 and end == len(found)):
            units, blank = [one[0] for one in found[start:end]], "" if han else " "
            for n in range(end - start - size + 1):
                yield blank.join(units[n : n + size]), start + n, start + n + size - 1
        start = end


def side_by_side(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Both texts in pieces, each with whether it stands in the other too."""
    mine, theirs = tokens(one), tokens(other)
    left, right = list(_shingles(mine)), list(_shingles(theirs))
    shared = {unit for unit, _, _ in left} & {unit for unit, _, _ in right}
    return _pieces(one, mine, left, shared), _pieces(other, theirs, right, shared)


def _pieces(
    text: str, found: list[Token], shingles: list[tuple[str, int, int]], shared: set[str]
) -> list[tuple[str, bool]]:
    covered = {n for unit, first, last in shingles if unit in shared for n in range(first, last + 1)}
    pieces: list[tuple[str, bool]] = []
    at = n = 0
    while n < len(found):
        if n not in covered:
            n += 1
            continue
        last = n
        while last + 1 in covered:
            last += 1
        start, end = found[n][1], found[last][2]
        pieces += [(text[at:start], False), (text[start:end], True)]
        at, n = end, last + 1
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


def name_keys(name: str) -> frozenset[str]:
    """A person's name in full in every way it may be read in Latin letters, and as it is written in Chinese."""
    keys = set[str]()
    for way in ways(name):
        if way.written:
            keys.add(way.written)
        for family, *given in list(product(sorted(way.family), *map(sorted, way.given)))[:READINGS]:
            full = "".join(given)
            if ANY not in full and family and len(full) > max(1, len(given)):
                keys.add(f"{family} {full}")
    return frozenset(keys)


def _codes(text: str) -> Iterable[str]:
    """Numbers of grants, contracts and the like: five digits at least."""
    for match in _CODE.finditer(text):
        if sum(one.isdigit() for one in match.group()) >= 5:
            yield _plain(match.group())


def _pairs(title: str) -> Iterable[str]:
    """Words, and pairs of neighbouring Chinese characters."""
    found = tokens(title)
    for n, token in enumerate(found):
        if not token[3]:
            yield token[0]
        elif n + 1 < len(found) and found[n + 1][3]:
            yield token[0] + found[n + 1][0]


def _plain(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


def _singular(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _marks(kind: str, found: Iterable[str]) -> list[int]:
    return sorted({_mark(f"{kind}\x00{one}") for one in found})


def _mark(text: str) -> int:
    """A signed 32-bit number, as PostgreSQL's integer."""
    return crc32(text.encode()) - 0x80000000
