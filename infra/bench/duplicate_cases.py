"""Real project records, and rewrites of some of them as somebody would hand them in again."""

import gzip
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seeds.importing.cleaning import Cells, Unusable
from seeds.importing.profiles import Beside, choose, without_nothing
from seeds.importing.records import Record
from seeds.importing.sources import source_of
from services.project_management.duplicates.passages import Said
from services.project_management.earlier_projects.schemas import EarlierProjectRow

SEED = 20261122
FILES = (
    "nsf_cise_awards.jsonl.xz",
    "sbir_awards.jsonl.xz",
    "nsf_terminated_2025.csv",
    "nsfc_zh.csv.gz",
    "nssf_zh.csv.gz",
)
PAPERS = "text_zh/ts_dev.tsv.gz"
"""No public list of Chinese projects has abstracts: abstracts of Chinese papers stand for them."""
LONG, LEAST_SENTENCES = 400, 4
_SENTENCES = re.compile(r"(?<=[.!?。！？；;])\s*")
_NUMBER = re.compile(r"\d+")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Source:
    """One list of records, as the platform takes them in."""

    name: str
    rows: list[EarlierProjectRow]


@dataclass(frozen=True)
class Case:
    """A rewrite: `targets` are the numbers of the records that have the text it was made of."""

    how: str
    language: str
    said: Said
    targets: frozenset[tuple[str, str]]


def real(data: Path, most: int) -> list[Source]:
    """Real records, `most` in all: every list in full but the last, which fills up; and the Chinese papers."""
    found, left = [], most
    papers = Source("CSL", list(islice(_papers(data / PAPERS), max(10, most // 100))))
    left -= len(papers.rows)
    for n, name in enumerate(FILES):
        # A small run takes a part of each.
        wanted = left if n == len(FILES) - 1 else min(left, max(1, most // len(FILES)) if most < 50_000 else left)
        source = _records(data / "projects" / name, wanted)
        left -= len(source.rows)
        found.append(source)
    return [*found, papers]


def _records(path: Path, most: int) -> Source:
    with source_of(path) as file:
        rows = list(islice((row for row in file.rows if isinstance(row, Record)), 1))
        profile = choose("projects", rows[0].cells)
        beside = Beside(path.parent, path.name.partition(".")[0])
        known: dict[str, EarlierProjectRow] = {}
        for record in _all(rows, file.rows):
            if len(known) >= most:
                break
            try:
                row = EarlierProjectRow.model_validate(without_nothing(profile.row(Cells(record.cells), beside)))
            except (Unusable, ValidationError):
                continue  # refused by the import too
            known.setdefault(row.number, row)
    return Source(profile.source_of(beside), list(known.values()))


def _all(first: Sequence[Record], rest: Iterator[Any]) -> Iterator[Record]:
    yield from first
    yield from (row for row in rest if isinstance(row, Record))


def _papers(path: Path) -> Iterator[EarlierProjectRow]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for n, line in enumerate(file):
            _task, abstract, title = line.rstrip("\n").split("\t")[:3]
            yield EarlierProjectRow(number=f"CSL-{n}", title=title[:300], abstract=abstract, language="zh")


# -- rewrites ------------------------------------------------------------------------------------------------------


def said(row: EarlierProjectRow) -> Said:
    amount = f"{row.amount:.2f}" if row.amount else ""
    return Said(row.title, row.abstract, tuple(row.people), (row.institution,) if row.institution else (), "", amount)


def planted(sources: Sequence[Source], number: int) -> list[Case]:
    """So many rewrites in equal parts of each kind, of English abstracts, Chinese abstracts and Chinese titles."""
    draw = random.Random(SEED)  # noqa: S311 - cases, not secrets
    texts: dict[str, set[tuple[str, str]]] = {}
    english, chinese, titles = [], [], []
    for source in sources:
        for row in source.rows:
            texts.setdefault(_same(row), set()).add((source.name, row.number))
            if row.language == "en" and len(row.abstract) >= LONG:
                english.append(row)
            elif row.abstract and _sentences(row.abstract)[LEAST_SENTENCES - 2 :]:
                chinese.append(row)
            elif row.language == "zh" and row.people and row.institution and len(row.title) >= 10:
                titles.append(row)
    english = [row for row in english if len(_sentences(row.abstract)) >= LEAST_SENTENCES]
    cases = []
    pools = [("en", english)] * 3 + [("zh", chinese)] + [("zh", titles)]
    kinds = list(REWRITES.items())
    for n in range(number):
        language, pool = pools[n % len(pools)]
        how, rewrite = kinds[n // len(pools) % len(kinds)]
        row = draw.choice(pool)
        other = draw.choice(titles if language == "en" else english)
        rewritten = rewrite(draw, said(row), other.title)
        cases.append(
            Case(how, f"{language}, {'abstract' if row.abstract else 'title'}", rewritten, frozenset(texts[_same(row)]))
        )
    return cases


def _same(row: EarlierProjectRow) -> str:
    """What makes two records one text: partners of one project are listed with the same abstract."""
    return row.abstract[:400] if len(row.abstract) >= 200 else f"{row.title}\x00{row.abstract}\x00{row.people}"


def _sentences(text: str) -> list[str]:
    return [one for one in _SENTENCES.split(text) if one.strip()]


def _joined(parts: Sequence[str]) -> str:
    text = " ".join(parts)
    return "".join(parts) if _HAN.search(text) else text


def shortened(draw: random.Random, one: Said, other: str) -> Said:
    """A third to a half of the abstract in one piece; of a bare title, its greater half."""
    if not one.abstract:
        keep = max(6, len(one.title) * 2 // 3)
        start = draw.randint(0, len(one.title) - min(keep, len(one.title)))
        return replace(one, title=one.title[start : start + keep], amount="")
    parts = _sentences(one.abstract)
    keep = max(2, int(len(parts) * draw.uniform(0.33, 0.5)))
    start = draw.randint(0, len(parts) - keep)
    words = one.title.split()
    title = " ".join(words[: max(2, len(words) // 2)]) if len(words) > 3 else one.title[: max(5, len(one.title) // 2)]
    return replace(
        one, title=title, abstract=_joined(parts[start : start + keep]), people=(), organisations=(), amount=""
    )


def reordered(draw: random.Random, one: Said, other: str) -> Said:
    """The sentences in another order; of a title, its halves changed round."""
    if not one.abstract:
        cut = draw.randint(len(one.title) // 3, len(one.title) * 2 // 3)
        return replace(one, title=one.title[cut:] + one.title[:cut], people=(), organisations=(), amount="")
    parts = _sentences(one.abstract)
    draw.shuffle(parts)
    words = one.title.split()
    draw.shuffle(words)
    return replace(one, title=" ".join(words), abstract=_joined(parts), people=(), organisations=(), amount="")


def translated(draw: random.Random, one: Said, other: str) -> Said:
    """The title in the other language: a title of another record stands for it, so that nothing can be read from it.
    Where there is no abstract, people, organisation and amount are all that is left."""
    return replace(one, title=other)


def renumbered(draw: random.Random, one: Said, other: str) -> Said:
    """Every number another one, the amount too, and nobody named."""
    other_number: Callable[[re.Match[str]], str] = lambda match: str(draw.randint(1, 10 ** len(match.group())))  # noqa: E731
    return replace(
        one,
        title=_NUMBER.sub(other_number, one.title),
        abstract=_NUMBER.sub(other_number, one.abstract),
        people=(),
        organisations=(),
        amount="1.00",
    )


def everything(draw: random.Random, one: Said, other: str) -> Said:
    """All of it at once, and one word (or character) in twelve left out."""
    if not one.abstract:
        dropped = draw.randrange(len(one.title))
        title = one.title[:dropped] + one.title[dropped + 1 :]
        return replace(renumbered(draw, replace(one, title=title), other), people=one.people)
    mixed = renumbered(draw, reordered(draw, shortened(draw, one, other), other), other)
    text = mixed.abstract
    if _HAN.search(text):
        kept = "".join(character for character in text if draw.random() > 1 / 12)
    else:
        kept = " ".join(word for word in text.split() if draw.random() > 1 / 12)
    return replace(mixed, title=other, abstract=kept)


REWRITES = {
    "shortened": shortened,
    "re-ordered": reordered,
    "title translated": translated,
    "numbers changed": renumbered,
    "all at once": everything,
}
