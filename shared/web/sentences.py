"""Sentences that rules computed, in the language of whoever reads them.

A rule says why with names and amounts in it: “Milestone 2 is not accepted yet: “Bench run”.” The sentence is stored in
rows, events and decision traces, and leaves by the JSON interfaces. There it stays one language, English, so that a
trace repeats word for word, programs may rely on it, and it is not frozen in the language of whoever happened to press
the button: a fact of ten years ago is shown in the language of today's reader. `S_` (in `shared.kernel.marks`) marks
the sentence's pattern for the catalogues; `said` knows the sentence by its pattern, takes the parts out and puts them
into the Chinese one. What it does not know it leaves as it is: people's own words.

All catalogues are asked, for a task that one service words is shown by another.

The text may be anything, also hostile. It is therefore compared without regular expressions: the fixed pieces of a
pattern are looked for from left to right, and a place once found is not given up again, so the time grows with the
length of the text only.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from shared.web.i18n import catalogues, language

LONGEST = 2_000
"""Characters of a text that is compared with patterns; computed sentences are far shorter."""
DEPTH = 4
"""A sentence may hold another one, such as a ruling its reason."""
COMPUTED = "computed"
"""The comment by which the catalogues know a message with parts that is marked with `S_` or `N_`."""
MOST = 12
"""Sentences that are looked for one after the other."""
PART = re.compile(r"%\((\w+)\)s")
END = re.compile(r"\. ")
NAMES = frozenset({"name", "names", "title", "asset", "facility", "source"})
"""Parts that hold what people have named; so does every part in quotation marks."""
LISTS = ((", ", "、"), (" or ", "或"))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence with gaps: fixed pieces around named parts, and what it is in Chinese."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    chinese: str

    @classmethod
    def of(cls, english: str, chinese: str) -> "Pattern":
        split = PART.split(english)
        return cls(tuple(piece.replace("%%", "%") for piece in split[::2]), tuple(split[1::2]), chinese)

    @property
    def weight(self) -> int:
        """How much of it is fixed: of two patterns that fit, the one with more says more."""
        return sum(map(len, self.pieces))

    def quotes(self, position: int) -> bool:
        """Whether this part stands in quotation marks."""
        return self.pieces[position].endswith("“") and self.pieces[position + 1].startswith("”")

    def names_it(self, position: int) -> bool:
        """Whether this part is a name that people gave, and so never a word to translate: one may be “Institute”."""
        return self.names[position] in NAMES or self.quotes(position)

    def parts(self, text: str) -> list[str] | None:
        """What stands in the gaps; None when the text is another sentence."""
        first, *between, last = self.pieces
        if not text.startswith(first) or not text.endswith(last):
            return None
        found, start, end = [], len(first), len(text) - len(last)
        for piece in between:
            place = text.find(piece, start, end)
            if place < 0:
                return None
            found.append(text[start:place])
            start = place + len(piece)
        if start > end:
            return None
        found.append(text[start:end])
        names = (part for position, part in enumerate(found) if self.quotes(position))
        return found if all(map(_one_name, names)) else None


def _one_name(text: str) -> bool:
    """Whether what stood in quotation marks is one name, not the end of one and the beginning of another."""
    open_marks = 0
    for character in text:
        open_marks += (character == "“") - (character == "”")
        if open_marks < 0:
            return False
    return True


@cache
def messages() -> dict[str, str]:
    """Messages without a number, for "project" counted is “个项目” and not the word for a project."""
    return {
        message.id: str(message.string)
        for catalogue in reversed(catalogues())
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string
    }


@cache
def patterns() -> dict[str, list[Pattern]]:
    """For each first character of a text the patterns that may fit, those that say most first; "" is any other."""
    found: dict[str, list[Pattern]] = {"": []}
    for catalogue in catalogues():
        for message in catalogue:
            if COMPUTED in message.auto_comments and isinstance(message.id, str) and message.string:
                pattern = Pattern.of(message.id, str(message.string))
                found.setdefault(pattern.pieces[0][:1], []).append(pattern)
    begins_with_part = found[""]
    return {
        first: sorted(group + (begins_with_part if first else []), key=lambda pattern: -pattern.weight)
        for first, group in found.items()
    }


def said(text: object) -> str:
    """A stored or computed English sentence, or a word of the catalogues, in the language of this request."""
    given = str(text)
    if language() == "en" or not given:
        return given
    return _known(given, DEPTH) or _in_turn(given, DEPTH) or given


def named(title: object) -> str:
    """A thing's title: said when the platform made it (“Booking of …”), as it is when people chose it.

    Unlike `said` it leaves a word of the catalogues alone: a call may be named “Energy”.
    """
    given = str(title)
    return given if language() == "en" else _recognised(given, DEPTH) or given


def _known(text: str, depth: int) -> str | None:
    return messages().get(text) or _recognised(text, depth)


def _in_turn(text: str, depth: int) -> str | None:
    """Sentences said one after the other, such as a reason and its remedy, if each of them is known."""
    ends = [found.end() for found in islice(END.finditer(text[:LONGEST]), MOST)]
    rest = {len(text): ""}
    for start in reversed([0, *ends] if ends else []):
        for end in (*ends, len(text)):
            known = _known(text[start:end].rstrip(), depth) if end > start and end in rest else None
            if known:
                rest[start] = known + rest[end]
                break
    return rest.get(0)


def _recognised(text: str, depth: int) -> str | None:
    if not text or len(text) > LONGEST or not depth:
        return None
    for pattern in patterns().get(text[0]) or patterns()[""]:
        parts = pattern.parts(text)
        if parts is not None:
            filled = {
                name: part if pattern.names_it(position) else _part(part, depth - 1)
                for position, (name, part) in enumerate(zip(pattern.names, parts, strict=True))
            }
            return pattern.chinese % filled
    return None


def _part(text: str, depth: int) -> str:
    """A part of a sentence: a word, a list of words, or a sentence of its own; a name stays."""
    for separator, chinese in LISTS:
        words = [_word(word) or "" for word in text.split(separator)]
        if all(words):
            return chinese.join(words)
    return _recognised(text, depth) or _in_turn(text, depth) or text


def _word(text: str) -> str | None:
    """A word of the catalogues; rules say states in small letters where labels have a capital."""
    return messages().get(text) or messages().get(text[:1].upper() + text[1:])
