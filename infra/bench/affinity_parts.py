"""What text affinity is worth and costs, on the public data: quality with intervals, Chinese retrieval, scale.

Quality is measured as Stelmakh, Wieting, Neubig and Shah do (A Gold Standard Dataset for the Reviewer Assignment
Problem, 2023): for each person and each two papers that they rated differently, *loss* is the share of rating
difference that is ordered wrongly, *easy* the share of pairs rated at least 4 against at most 2 that is ordered
rightly, *hard* the same among two papers rated at least 4; ties count half. Intervals are 95 % bootstrap over people.
A *chosen* figure has its mixture chosen by nested cross-validation: five folds of people, ten times anew, the mixture
best on four folds measured on the fifth. Thirty-four people are few: the intervals say how few.
"""

import csv
import gzip
import itertools
import json
import lzma
import resource
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.project_management.assignments import affinity
from services.project_management.assignments.affinity import Encoder, Part

Array = NDArray[np.float64]
Scores = list[Array]
"""One array a person: the predicted affinity of each paper that the person rated."""

MIXTURES = [share for share in itertools.product(range(5), repeat=3) if sum(share) == 4]
"""Quarters for words, topics, meaning."""
DECAYS = (0.5, 1.0, 2.0)
"""Rank weights tried: the r-th nearest work counts 1/r to this power; the shipped one is 1."""
FOLDS, REPEATS, RESAMPLES = 5, 10, 2000
SAMPLE = 200
"""Applications whose candidates are held against the full ranking."""


# -- the labelled set ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gold:
    """People with rated papers and their own works, all as positions in `texts`."""

    texts: list[str]
    rated: list[list[int]]
    ratings: list[Array]
    works: list[list[int]]
    published: Scores
    """The TF-IDF predictor (TPMS) that came with the set."""


def gold(folder: Path) -> Gold:
    """`folder`: the public data; the set lies in assignment/gold."""
    place = folder / "assignment" / "gold"
    with gzip.open(place / "papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    at = {paper["id"]: k for k, paper in enumerate(papers)}
    with gzip.open(place / "participants.jsonl.gz", "rt", encoding="utf-8") as lines:
        works = {one["id"]: [at[paper] for paper in one["papers"]] for one in map(json.loads, lines)}
    with gzip.open(place / "tpms_predictions.json.gz", "rt", encoding="utf-8") as file:
        predicted = json.load(file)
    with (place / "evaluations.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    people = [row["ParticipantID"] for row in rows]
    names = [[row[f"Paper{k}"] for k in range(1, 11) if row[f"Paper{k}"]] for row in rows]
    return Gold(
        [text(paper) for paper in papers],
        [[at[name] for name in rated] for rated in names],
        [np.array([float(row[f"Expertise{k}"]) for k in range(1, 11) if row[f"Paper{k}"]]) for row in rows],
        [works[person] for person in people],
        [np.array([predicted[person][name] for name in rated]) for person, rated in zip(people, names, strict=True)],
    )


def text(record: dict[str, Any]) -> str:
    return f"{record['title'] or ''}. {record['abstract'] or ''}"


def awards(folder: Path) -> list[dict[str, Any]]:
    """Public research awards with abstracts and the ids of their investigators."""
    with lzma.open(folder / "projects" / "nsf_cise_awards.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def counts(ratings: Array, scores: Array) -> Array:
    """One person's six sums: wrong and all rating difference, right and all easy pairs, right and all hard pairs."""
    if not np.isfinite(scores).all():
        raise ArithmeticError("a score is not a number")
    more, gap = ratings[:, None] - ratings, scores[:, None] - scores
    above = more > 0
    right = np.where(gap > 0, 1.0, np.where(gap == 0, 0.5, 0.0))
    high = ratings >= 4
    easy = high[:, None] & (ratings <= 2)
    hard = above & high[:, None] & high
    return np.array(
        [
            (more * (1 - right))[above].sum(),
            more[above].sum(),
            right[easy].sum(),
            easy.sum(),
            right[hard].sum(),
            hard.sum(),
        ]
    )


def figures(table: Array) -> dict[str, Any]:
    """`table`: (people × 6) sums. Loss, easy and hard over all people, each with its 95 % interval."""
    draw = np.random.default_rng(20230301)
    resampled = table[draw.integers(0, len(table), (RESAMPLES, len(table)))].sum(axis=1)
    result: dict[str, Any] = {}
    for k, name in enumerate(("loss", "easy", "hard")):
        value = table[:, 2 * k].sum() / table[:, 2 * k + 1].sum()
        low, high = np.percentile(resampled[:, 2 * k] / resampled[:, 2 * k + 1], [2.5, 97.5])
        result[name] = {"value": round(float(value), 3), "low": round(float(low), 3), "high": round(float(high), 3)}
    return result


def less_loss(ours: Array, theirs: Array) -> dict[str, float]:
    """How much lower our loss is than theirs on the same people, with the 95 % interval of the paired difference."""
    draw = np.random.default_rng(20230301)
    again = draw.integers(0, len(ours), (RESAMPLES, len(ours)))
    gaps = [one[again].sum(axis=1) for one in (theirs, ours)]
    low, high = np.percentile(gaps[0][:, 0] / gaps[0][:, 1] - gaps[1][:, 0] / gaps[1][:, 1], [2.5, 97.5])
    value = theirs[:, 0].sum() / theirs[:, 1].sum() - ours[:, 0].sum() / ours[:, 1].sum()
    return {"value": round(float(value), 3), "low": round(float(low), 3), "high": round(float(high), 3)}


def table(given: Gold, scores: Scores) -> Array:
    return np.array([counts(ratings, one) for ratings, one in zip(given.ratings, scores, strict=True)])


def measure_gold(folder: Path, *, encoder: Encoder | None = None, background: bool = True) -> dict[str, Any]:
    """The published predictor, each measure alone, the shipped mixture, and the mixture chosen by nested
    cross-validation; with the public awards as background texts when they are there."""
    given = gold(folder)
    known = (folder / "projects" / "nsf_cise_awards.jsonl.xz").is_file() and background
    begun = time.perf_counter()
    own, labels = sorted({w for one in given.works for w in one}), sorted({p for one in given.rated for p in one})
    measures = affinity.parts(
        [given.texts[k] for k in labels],
        [given.texts[k] for k in own],
        background=[text(award) for award in awards(folder)] if known else (),
        encoder=encoder,
    )
    names = ("words", "topics", "meaning")[: len(measures)]
    places = {k: j for j, k in enumerate(labels)}, {k: j for j, k in enumerate(own)}
    near = [[_near(part, rated, works, places) for rated, works in _pairs(given)] for part in measures]
    published = table(given, given.published)
    result: dict[str, Any] = {
        "people": len(given.rated),
        "rated": sum(map(len, given.rated)),
        "background": known,
        "seconds": round(time.perf_counter() - begun, 1),
        "published TF-IDF": figures(published),
    }
    single = {
        decay: [_bent(near[k], decay, measures[k].half) for k in range(len(measures))] for decay in (0.0, *DECAYS)
    }
    for k, name in enumerate(names):
        result[name] = figures(table(given, single[1.0][k]))
    result["words, mean over works"] = figures(table(given, single[0.0][0]))
    shipped = table(given, _mixed(single[1.0], (1,) * len(measures)))
    result["shipped mixture"] = figures(shipped)
    options = [
        table(given, _mixed(single[decay], share))
        for decay in DECAYS
        for share in MIXTURES
        if not any(share[len(measures) :])
    ]
    chosen = nested(np.array(options))
    result["chosen mixture"] = figures(chosen)
    result["less loss than published TF-IDF"] = {
        "shipped mixture": less_loss(shipped, published),
        "chosen mixture": less_loss(chosen, published),
    }
    return result


def nested(options: Array) -> Array:
    """`options`: (options × people × 6). Each person's sums under the options best on people of other folds."""
    people = options.shape[1]
    draw = np.random.default_rng(7)
    total = np.zeros((people, 6))
    for _ in range(REPEATS):
        order = draw.permutation(people)
        for fold in range(FOLDS):
            held = order[fold::FOLDS]
            seen = np.setdiff1d(order, held)
            sums = options[:, seen].sum(axis=1)
            total[held] += options[int(np.argmin(sums[:, 0] / sums[:, 1]))][held]
    return total / REPEATS


def _pairs(given: Gold) -> Iterator[tuple[list[int], list[int]]]:
    return zip(given.rated, given.works, strict=True)


def _near(part: Part, rated: list[int], works: list[int], places: tuple[dict[int, int], dict[int, int]]) -> Array:
    """(rated papers × works) cosines, highest first."""
    product = part.applications[[places[0][k] for k in rated]] @ part.works[[places[1][k] for k in works]].T
    found = product.toarray() if hasattr(product, "toarray") else np.asarray(product)
    return -np.sort(-found.astype(np.float64), axis=1)


def _bent(near: Scores, decay: float, half: float) -> Scores:
    weights = [(1.0 / np.arange(1, one.shape[1] + 1)) ** decay for one in near]
    return [affinity.bent(one @ (w / w.sum()), half) for one, w in zip(near, weights, strict=True)]


def _mixed(single: Sequence[Scores], shares: Sequence[int]) -> Scores:
    return [
        np.asarray(sum(share * part[person] for share, part in zip(shares, single, strict=False)))
        for person in range(len(single[0]))
    ]


# -- Chinese -------------------------------------------------------------------------------------------------------


def measure_chinese(folder: Path) -> dict[str, Any]:
    """How often a Chinese abstract is the nearest of all to its own title, by words alone."""
    with gzip.open(folder / "text_zh" / "ts_dev.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    abstracts, titles = [row[1] for row in rows], [row[2] for row in rows]
    begun = time.perf_counter()
    lexicon = affinity.Lexicon.learn(abstracts, least=1)
    product = (lexicon.vectors(titles) @ lexicon.vectors(abstracts).T).toarray()
    first = float((product.argmax(axis=1) == np.arange(len(rows))).mean())
    return {"texts": len(rows), "found first": round(first, 4), "seconds": round(time.perf_counter() - begun, 2)}


# -- scale ---------------------------------------------------------------------------------------------------------


def measure_scale(
    folder: Path, applications: int, experts: int, *, per_application: int = 30, per_expert: int = 30
) -> dict[str, Any]:
    """Seconds and memory of indexing, choosing candidates and weighing them, and what choosing loses.

    Applications are the awards' texts, experts their investigators with all their awards as works, the broadest
    first; beyond the awards and investigators there are, texts and experts come again in another order.
    """
    records = awards(folder)
    texts = [text(record) for record in records]
    owned: dict[str, list[int]] = defaultdict(list)
    for k, record in enumerate(records):
        for person in record["PIcoPI"]:
            owned[person].append(k)
    known = sorted(owned.values(), key=lambda works: (-len(works), works))
    chosen = [known[k % len(known)] for k in range(experts)]
    owner = np.repeat(np.arange(experts), [len(works) for works in chosen])
    work = np.array([k for works in chosen for k in works])
    asked = np.random.default_rng(1).permutation(len(texts))[np.arange(applications) % len(texts)]

    clock = _Clock()
    lexicon = affinity.Lexicon.learn(texts)
    words = lexicon.vectors(texts)
    clock.lap("index words")
    spread = affinity.Topics.learn(words).vectors(words)
    clock.lap("index topics")
    sides = [(words[asked], words[work]), (spread[asked], spread[work])]
    first, second, _ = affinity.candidates(
        [left for left, _ in sides],
        [affinity.profiles(right, owner, experts) for _, right in sides],
        per_application,
        per_expert,
    )
    clock.lap("candidates")
    measures = [Part(*sides[0], half=affinity.WORDS_HALF), Part(*sides[1])]
    weight = affinity.weights(first, second, measures, owner)
    clock.lap("weights")
    return {
        "applications": applications,
        "experts": experts,
        "works": len(work),
        "texts": len(texts),
        "terms": len(lexicon.numbers),
        "pairs": len(first),
        "seconds": clock.seconds,
        "cpu": clock.cpu,
        "peak MB": clock.peak,
        "mean weight": round(float(weight.mean()), 4),
        "recall": _recall(first, second, measures, owner, experts, per_application),
    }


def _recall(first: Any, second: Any, measures: list[Part], owner: Any, experts: int, wide: int) -> dict[str, float]:
    """Of a sample of applications' best experts by full weight, the share that candidates hold."""
    count = int(first.max()) + 1
    sample = np.random.default_rng(2).choice(count, min(SAMPLE, count), replace=False)
    held: dict[str, list[float]] = defaultdict(list)
    for one in sample:
        full = affinity.weights(np.full(experts, one), np.arange(experts), measures, owner)
        kept = second[first == one]
        for top in (3, 10, wide):
            best = np.argsort(-full)[:top]
            held[f"best {top}"].append(float(np.isin(best, kept).mean()))
        reached = np.sort(full[kept])[::-1][:3].sum()
        held["weight of best 3"].append(float(reached / max(1e-12, np.sort(full)[::-1][:3].sum())))
    return {name: round(float(np.mean(values)), 3) for name, values in held.items()}


class _Clock:
    """Wall and processor seconds of each step, and the process's highest memory after it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self.peak: dict[str, int] = {}
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def lap(self, name: str) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.seconds[name], self.cpu[name] = round(wall - self._wall, 2), round(cpu - self._cpu, 2)
        self.peak[name] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self._wall, self._cpu = wall, cpu
