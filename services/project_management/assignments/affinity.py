"""How near an application's text is to an expert's works: 0…1, offline, for English and Chinese.

Three measures are mixed. *Words*: cosines of BM25-saturated, rarity-weighted terms (Robertson and Zaragoza, The
Probabilistic Relevance Framework: BM25 and Beyond, 2009); Chinese as overlapping pairs of characters. *Topics*: cosines
in the space of the collection's strongest singular vectors (Deerwester et al., Indexing by Latent Semantic Analysis,
1990), found by random projection (Halko, Martinsson and Tropp 2011). *Meaning*: cosines of a sentence encoder's
vectors, where the caller has one. Each is brought to 0…1 and they count equally.

An expert's works count by rank: the nearest in full, the second half, the third a third. The mean that TPMS takes
(Charlin and Zemel 2013) dilutes broad experts; the maximum trusts one chance hit. What each mixture is worth was
measured on self-rated expertise (Stelmakh, Wieting, Neubig and Shah 2023, A Gold Standard Dataset for the Reviewer
Assignment Problem): `infra/bench/affinity_parts.py`.

Texts are strings (title and abstract together); matrices have one row a text or an expert, float32, rows of length one.
Everything here is pure and, on the same texts in the same order, the same each time.
"""

import itertools
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Rows = Any
"""A scipy.sparse CSR matrix or a dense array, float32; SciPy brings no types."""

SATURATION, LENGTH = 1.2, 0.75
"""BM25's k1 and b at their usual values; nothing was tuned."""
COMMON = 0.1
"""Terms in more than this share of a collection say nothing about a field and cost most of the time."""
SMALL = 200
"""In fewer texts a share means little: no term is dropped as common."""
RANK = 100
"""Topics, at most."""
EXTRA, ROUNDS = 60, 8
"""Further directions and rounds of the projection: with fewer, another seed gives noticeably other topics."""
STRONGEST = 48
"""An application looks for candidates by so many of its heaviest terms; the candidates are then weighed by all."""
PROFILE_HALF = 0.1
"""As WORDS_HALF, for an expert's works summed: they hold more words, so cosines are higher."""
BLOCK = 256
"""Applications compared at a time: with 20,000 experts a block is 20 MB."""
PAIRS = 1 << 16
"""Pairs of an application and a work weighed at a time."""
HALF_LIFE = 10.0
"""Years after which a work counts half, where ages are given."""

_STOP_WORDS = """a an the and or of to in for on with by from at as is are be been was were that this these those it its
we our they their which can may such not than then also has have had do does using used use via based into between both
over under how what when where who there here more most many much one two some any all each other but if so no nor only
very while during however thus hence et al"""
_STOP = frozenset(_STOP_WORDS.split())
_RUNS = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")


class Encoder(Protocol):
    """A sentence encoder: one vector a text, of any length; runs offline. The platform works without one."""

    def __call__(self, texts: Sequence[str], /) -> NDArray[Any]: ...


def terms(text: str) -> list[str]:
    """A text's words without plural s, pairs of neighbouring words, and pairs of neighbouring Chinese characters.

    A run of one Chinese character is a term of its own. Full-width letters and digits count as their narrow forms.
    """
    found, before = list[str](), ""
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text).casefold()):
        if "\u3400" <= run[0] <= "\u9fff":
            before = ""
            found.extend([run[k : k + 2] for k in range(len(run) - 1)] or [run])
        elif run in _STOP or len(run) < 2:
            before = ""
        else:
            word = _singular(run)
            found.append(word)
            if before:
                found.append(f"{before} {word}")
            before = word
    return found


def _singular(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@dataclass(frozen=True)
class Lexicon:
    """The terms that a collection shares, with their rarity (BM25's idf) and the mean length of a text in terms."""

    numbers: dict[str, int]
    rarity: Floats
    length: float

    @classmethod
    def learn(cls, texts: Iterable[str], *, least: int = 2, most: float = COMMON) -> "Lexicon":
        """From the collection at hand: applications, works, earlier projects. Terms in fewer than `least` texts match
        nothing; those in more than the share `most` match everything."""
        seen: dict[str, int] = {}
        count = total = 0
        for text in texts:
            found = terms(text)
            count, total = count + 1, total + len(found)
            for term in dict.fromkeys(found):
                seen[term] = seen.get(term, 0) + 1
        cap = most * count if count >= SMALL else count
        kept = [(term, many) for term, many in seen.items() if least <= many <= cap]
        frequency = np.array([many for _, many in kept], dtype=np.float64)
        return cls(
            {term: k for k, (term, _) in enumerate(kept)},
            np.log1p((count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32),
            max(1.0, total / max(1, count)),
        )

    def vectors(self, texts: Iterable[str]) -> Rows:
        """(texts × terms), sparse: a term's saturated frequency by its rarity, rows of length one (or zero)."""
        numbers, column, start, lengths = self.numbers, array("q"), array("q", [0]), array("q")
        for text in texts:
            found = terms(text)
            lengths.append(len(found))
            column.extend(numbers[term] for term in found if term in numbers)
            start.append(len(column))
        ones, size = np.ones(len(column), dtype=np.float32), (len(start) - 1, len(numbers))
        matrix = sparse.csr_matrix((ones, np.array(column), np.array(start)), shape=size)
        matrix.sum_duplicates()
        slack = SATURATION * (1 - LENGTH + LENGTH * np.array(lengths) / self.length)
        per_entry = np.repeat(slack, np.diff(matrix.indptr)).astype(np.float32)
        matrix.data *= (SATURATION + 1) / (matrix.data + per_entry) * self.rarity[matrix.indices]
        return unit(matrix)


@dataclass(frozen=True)
class Topics:
    """A collection's strongest directions: (terms × topics), orthonormal."""

    basis: Floats

    @classmethod
    def learn(cls, vectors: Rows, *, rank: int = RANK, seed: int = 0) -> "Topics":
        """From a lexicon's vectors of many texts; the more of the field they cover, the better."""
        rank = min(rank, *vectors.shape)
        if rank < 1:
            return cls(np.zeros((vectors.shape[1], 0), dtype=np.float32))
        draw = np.random.default_rng(seed)
        width = min(rank + EXTRA, *vectors.shape)
        span = vectors @ draw.standard_normal((vectors.shape[1], width), dtype=np.float32)
        for _ in range(ROUNDS):
            span = vectors @ (vectors.T @ np.linalg.qr(span)[0])
        inner = np.asarray(vectors.T @ np.linalg.qr(span)[0])
        strength, turn = np.linalg.eigh(inner.T.astype(np.float64) @ inner)
        kept = np.argsort(-strength)[:rank]
        kept = kept[strength[kept] > 1e-6 * strength.max()]
        return cls((inner @ (turn[:, kept] / np.sqrt(strength[kept]))).astype(np.float32))

    def vectors(self, vectors: Rows) -> Floats:
        """(texts × topics), rows of length one (or zero)."""
        return np.asarray(unit(np.asarray(vectors @ self.basis)))


def unit(rows: Rows) -> Rows:
    """Each row at length one, float32; a row of zeros stays one."""
    if sparse.issparse(rows):
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64).ravel())
        lengths[lengths == 0] = 1
        scaled = rows.astype(np.float32)
        scaled.data = scaled.data / np.repeat(lengths, np.diff(scaled.indptr)).astype(np.float32)
        return scaled
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    return (rows / lengths).astype(np.float32)


def profiles(rows: Rows, owner: Ints, experts: int) -> Rows:
    """(experts × columns): the sum of each expert's works at length one. `owner` is the expert of each row."""
    ones, size = np.ones(len(owner), dtype=np.float32), (experts, len(owner))
    return unit(sparse.csr_matrix((ones, (owner, np.arange(len(owner)))), shape=size) @ rows)


# -- from many to the promising ------------------------------------------------------------------------------------


def candidates(
    applications: Rows | Sequence[Rows], experts: Rows | Sequence[Rows], per_application: int, per_expert: int
) -> tuple[Ints, Ints, Doubles]:
    """Each application's nearest experts and each expert's nearest applications, without ever holding all pairs.

    `applications`, `experts`: vectors of the same columns, sparse or dense, rows of length at most one; or several such
    measures (words and topics), which are mixed equally, sparse ones bent at PROFILE_HALF. Returns the pairs'
    applications (ascending), experts (ascending within) and nearness 0…1, cosines where there is one measure. Pairs at
    zero or below never are candidates. Memory: a block of applications against all experts, and the pairs found.
    """
    several = isinstance(applications, Sequence)
    given: Any = zip(applications, experts, strict=True) if several else [(applications, experts)]
    sides = [
        (strongest(left, STRONGEST), right.T.tocsr()) if sparse.issparse(left) else (left, right.T)
        for left, right in given
    ]
    n, m = sides[0][0].shape[0], sides[0][1].shape[1]
    found: list[tuple[Ints, Ints, Floats]] = []
    nearest = _Nearest(m, per_expert)
    for begin in range(0, n, BLOCK):
        block = np.zeros((min(BLOCK, n - begin), m), dtype=np.float32)
        for left, right in sides:
            product = left[begin : begin + BLOCK] @ right
            thin = sparse.issparse(product)
            block += bent(product.toarray() if thin else product, PROFILE_HALF if thin and several else 0.0)
        block /= len(sides)
        row, column = _best(block, per_application)
        found.append((row + begin, column, block[row, column]))
        nearest.see(block, begin)
    found.append(nearest.all())
    first, second, weight = (np.concatenate(part) for part in zip(*found, strict=True))
    _, at = np.unique(first * max(1, m) + second, return_index=True)
    return first[at], second[at], np.clip(weight[at].astype(np.float64), 0.0, 1.0)


def strongest(rows: Rows, keep: int) -> Rows:
    """Each sparse row with its `keep` heaviest entries only."""
    sizes = np.diff(rows.indptr)
    row = np.repeat(np.arange(rows.shape[0]), sizes)
    order = np.lexsort((-rows.data, row))
    place = np.arange(len(row)) - np.repeat(rows.indptr[:-1], sizes)
    kept = order[place < keep]
    start = np.concatenate([[0], np.cumsum(np.minimum(sizes, keep))])
    return sparse.csr_matrix((rows.data[kept], rows.indices[kept], start), shape=rows.shape)


def _best(block: Floats, count: int) -> tuple[Ints, Ints]:
    """The positions of each row's `count` highest values above zero."""
    if count >= block.shape[1]:
        row, column = np.nonzero(block > 0)
        return row, column
    column = np.argpartition(-block, count, axis=1)[:, :count].ravel()
    row = np.repeat(np.arange(len(block)), count)
    kept = block[row, column] > 0
    return row[kept], column[kept]


class _Nearest:
    """Each column's highest values over all blocks seen; what cannot be among them any more is passed over."""

    def __init__(self, columns: int, count: int) -> None:
        self.count = count
        self.bar = np.full(columns, 0 if count else np.inf, dtype=np.float32)
        self.kept: list[tuple[Ints, Ints, Floats]] = [(np.zeros(0, int), np.zeros(0, int), np.zeros(0, np.float32))]
        self.waiting = 0

    def see(self, block: Floats, begin: int) -> None:
        row, column = np.nonzero(block > self.bar)
        self.kept.append((row + begin, column, block[row, column]))
        self.waiting += len(row)
        if self.waiting > 4 * self.count * len(self.bar):
            self.settle()

    def settle(self) -> None:
        first, second, value = (np.concatenate(part) for part in zip(*self.kept, strict=True))
        order = np.lexsort((first, -value, second))
        column = second[order]
        place = np.arange(len(order)) - np.searchsorted(column, column, side="left")
        last = order[place == self.count - 1]
        self.bar[second[last]] = value[last]
        best = order[place < self.count]
        self.kept = [(first[best], second[best], value[best])]
        self.waiting = 0

    def all(self) -> tuple[Ints, Ints, Floats]:
        self.settle()
        return self.kept[0]


# -- the weight of a pair ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One measure: the vectors of applications and of works, how much it counts in the mixture, and the cosine `half`
    that counts half where cosines are small by nature (0: the cosine itself counts)."""

    applications: Rows
    works: Rows
    share: float = 1.0
    half: float = 0.0


WORDS_HALF = 0.05
"""Texts of one field share few of their words: an expert at 0.05 is clearly near; 0.03 and 0.1 do the same on the
labelled set. So bent, the three measures spread about equally and are mixed equally, which needs no tuning."""


def parts(
    applications: Sequence[str],
    works: Sequence[str],
    *,
    background: Sequence[str] = (),
    encoder: Encoder | None = None,
) -> list[Part]:
    """The measures for these texts. `background`: other texts of the same fields (earlier projects, results); they
    sharpen rarity and topics and need no owner."""
    lexicon = Lexicon.learn([*applications, *works, *background])
    words = lexicon.vectors([*applications, *works, *background])
    n, end = len(applications), len(applications) + len(works)
    spread = Topics.learn(words).vectors(words[:end])
    mixed = [Part(words[:n], words[n:end], half=WORDS_HALF), Part(spread[:n], spread[n:])]
    if encoder is not None:
        mixed.append(Part(unit(np.asarray(encoder(applications))), unit(np.asarray(encoder(works)))))
    return mixed


def weights(
    first: Ints, second: Ints, measures: Sequence[Part], owner: Ints, *, ages: Doubles | None = None
) -> Doubles:
    """The affinity, 0…1, of each pair of an application and an expert, from all the expert's works.

    `owner`: the expert of each work. `ages`: years since each work, where known; a work counts half after HALF_LIFE.
    An expert without works has affinity 0.
    """
    order = np.argsort(owner, kind="stable")
    begins, ends = (np.searchsorted(owner[order], second, side=side) for side in ("left", "right"))
    sizes = ends - begins
    total = sum(part.share for part in measures)
    result = np.zeros(len(first))
    for at in _chunks(sizes):
        size = sizes[at]
        pair = np.repeat(np.arange(len(size)), size)
        step = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
        work = order[np.repeat(begins[at], size) + step]
        paper = np.repeat(first[at], size)
        for part in measures:
            near = _cosines(part.applications, part.works, paper, work)
            mean = ranked_mean(near, pair, len(size), None if ages is None else ages[work])
            result[at] += part.share / total * bent(mean, part.half)
    return result


def ranked_mean(values: NDArray[Any], group: Ints, groups: int, ages: Doubles | None = None) -> Doubles:
    """Each group's mean with weight 1/rank from its highest value down; 0 for an empty group."""
    order = np.lexsort((-values, group))
    member = group[order]
    place = np.arange(len(order)) - np.searchsorted(member, member, side="left")
    share = 1.0 / (place + 1)
    if ages is not None:
        share *= 0.5 ** (np.maximum(ages[order], 0) / HALF_LIFE)
    weight = np.bincount(member, share, groups)
    return np.asarray(np.bincount(member, share * values[order], groups) / np.where(weight > 0, weight, 1))


def bent(cosine: NDArray[Any], half: float) -> NDArray[Any]:
    """0…1 from a cosine: itself without its negative side, or x / (x + half)."""
    plain = np.clip(cosine, 0.0, 1.0)
    return np.asarray(plain / (plain + half) if half else plain)


def _chunks(sizes: Ints) -> Iterator[slice]:
    ends, begin = np.cumsum(sizes), 0
    while begin < len(sizes):
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + PAIRS, side="right")))
        yield slice(begin, end)
        begin = end


def _cosines(applications: Rows, works: Rows, paper: Ints, work: Ints) -> NDArray[Any]:
    if not sparse.issparse(works):
        return np.asarray(np.einsum("ij,ij->i", applications[paper], works[work]))
    near = np.zeros(len(paper), dtype=np.float32)
    order = np.argsort(paper, kind="stable")
    bounds = np.append(np.nonzero(np.diff(paper[order], prepend=-1))[0], len(order))
    open_ = np.zeros(works.shape[1], dtype=np.float32)
    for begin, end in itertools.pairwise(bounds):
        at = order[begin:end]
        row = applications[int(paper[at[0]])]
        open_[row.indices] = row.data
        near[at] = works[work[at]] @ open_
        open_[row.indices] = 0
    return near


def shared_terms(lexicon: Lexicon, application: Rows, work: Rows, count: int = 5) -> list[tuple[str, float]]:
    """Why two texts are near: the terms that carry most of their cosine, each with its share of it (0…1).

    `application`, `work`: one sparse row each.
    """
    product = application.multiply(work).tocsr()
    total = float(product.sum()) or 1.0
    best = np.argsort(-product.data, kind="stable")[:count]
    wanted = {int(product.indices[k]): float(product.data[k]) / total for k in best}
    names = {number: term for term, number in lexicon.numbers.items() if number in wanted}
    return [(names[number], share) for number, share in wanted.items()]
