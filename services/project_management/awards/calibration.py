"""Calibration of review scores: what the scores would be if every reviewer were as harsh as the average one.

Pure: numbers in, numbers out, the same for the same seed. The model of one review is

    score = μ + scale_r · quality_a − harshness_r + noise,

with quality, harshness and noise normal around zero and scale normal around one. Ge, Welling and Ghahramani (A
Bayesian Model for Calibrating Conference Review Scores, 2013, used by NIPS) have it without scale; Tan, Wu, Bei and Xu
(Least Square Calibration for Peer Reviews, NeurIPS 2021) with it. How much reviewers differ is not known beforehand:
the ratios of the standard deviations are averaged over a grid by their marginal likelihood, which is exact, so that
reviewers who do not differ measurably are hardly corrected. Scales are found by expectation maximisation with a strong
pull towards one (empirical Bayes). Every correction costs something where data are few, and Wang and Shah (Your 2 is My
1, Your 3 is My 9, AAMAS 2019) show how much rests on the assumption of such a form. Below a stated sample it therefore
switches itself off and says so.

The calibrated mean of an application is the mean of its corrected scores (least squares, not pulled towards the other
applications), so it stands on the raw scale of 0 to 10. It needs no random numbers; only intervals and the stability of
ranks are drawn, from a generator whose stream numpy has frozen (`RandomState`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from services.project_management.awards import mixed_model
from services.project_management.awards.mixed_model import Fit, Floats, Ints, Panel
from shared.kernel.marks import S_

Weights = Mapping[str, Any] | None
"""Criterion → weight; any units."""
MOST_APPLICATIONS = 1_000
"""Beyond, calibration is off: its time grows with the cube of those who are compared."""
LEAST_REVIEWS = 30
"""Reviews below which calibration is off: in panels with known harshness it gains nothing sure before."""
LEAST_EACH = 3
"""Reviews a reviewer on average below which calibration is off: harshness could not be told from chance."""
DRAWS = 400
EDGES = 0.025, 0.975
"""Of the 95 % intervals, of means and of ranks."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One review: a score of 0 to 10, or one for each criterion."""

    application: str
    reviewer: str
    score: float | Decimal | str | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of 0 to 10 with its 95 % interval, None where one review an application gives no hold for it; `ranks`: the
    95 % interval of the rank, 1 being best."""

    mean: Fraction
    interval: tuple[float, float] | None
    ranks: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Application:
    id: str
    reviews: int
    raw: Estimate
    calibrated: Estimate | None


@dataclass(frozen=True, slots=True)
class Reviewer:
    """`harshness`: points below what the average reviewer gives, with its 95 % interval. `scale`: how far apart the
    reviewer's scores are, 1 being as far as everybody's."""

    id: str
    reviews: int
    harshness: float
    interval: tuple[float, float]
    scale: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`off` is the sentence why nothing is calibrated, empty when it is. Draws: one row a draw, one column for each of
    `applications`; None where there is nothing to draw from."""

    off: str
    applications: tuple[Application, ...]
    reviewers: tuple[Reviewer, ...]
    raw_draws: Floats | None
    calibrated_draws: Floats | None


def calibrated_means(scores: Sequence[Scored], weights: Weights = None) -> tuple[str, dict[str, Fraction]]:
    """The sentence why nothing is calibrated, empty when it is; and the mean that each application stands with.

    Without random numbers and to four digits, so that a decision made on it repeats.
    """
    panel = _Read.of(scores, weights)
    off = panel.off
    return off, dict(zip(panel.applications, panel.raw if off else panel.calibrated(panel.fit()), strict=True))


def calibrate(scores: Sequence[Scored], weights: Weights = None, *, seed: int = 0, draws: int = DRAWS) -> Calibration:
    """Raw and calibrated means of every application that has a review, and what is thought of the reviewers.

    `weights`: of the criteria, where scores are given for each. Raises ValueError for a score outside 0 to 10 or one
    that lacks a criterion.
    """
    panel = _Read.of(scores, weights)
    chance = np.random.RandomState(seed)
    raw_draws = mixed_model.raw_draws(panel.rows, panel.centre, chance, draws)
    off = panel.off
    if off:
        found = tuple(
            Application(id, reviews, _estimate(mean, raw_draws, n), None)
            for n, (id, reviews, mean) in enumerate(zip(panel.applications, panel.counts, panel.raw, strict=True))
        )
        return Calibration(off, found, (), raw_draws, None)
    fit = panel.fit()
    drawn, calibrated_draws = mixed_model.draws(panel.rows, fit, panel.centre, chance, draws)
    means = panel.calibrated(fit)
    found = tuple(
        Application(
            id, panel.counts[n], _estimate(panel.raw[n], raw_draws, n), _estimate(means[n], calibrated_draws, n)
        )
        for n, id in enumerate(panel.applications)
    )
    return Calibration("", found, _reviewers(panel, fit, drawn), raw_draws, calibrated_draws)


@dataclass(frozen=True, slots=True)
class _Read:
    """The reviews as an array of rows, with the names and exact raw means that belong to its positions."""

    applications: list[str]
    reviewers: list[str]
    counts: list[int]
    raw: list[Fraction]
    centre: float
    rows: Panel

    @classmethod
    def of(cls, scores: Sequence[Scored], weights: Weights) -> "_Read":
        exact = [_total(one.score, weights) for one in scores]
        applications = sorted({one.application for one in scores})
        reviewers = sorted({one.reviewer for one in scores})
        first = {id: n for n, id in enumerate(applications)}
        second = {id: n for n, id in enumerate(reviewers)}
        a = np.array([first[one.application] for one in scores], dtype=np.int64)
        r = np.array([second[one.reviewer] for one in scores], dtype=np.int64)
        counts = np.bincount(a, minlength=len(applications)).tolist()
        raw = [Fraction(0)] * len(applications)
        for position, score in zip(a.tolist(), exact, strict=True):
            raw[position] += score / counts[position]
        values = np.array([float(one) for one in exact])
        centre = float(values.mean()) if exact else 0.0
        return cls(
            applications,
            reviewers,
            counts,
            raw,
            centre,
            Panel(a, r, values - centre, len(applications), len(reviewers)),
        )

    @property
    def off(self) -> str:
        return why_off(self.rows.a, self.rows.r, len(self.applications), len(self.reviewers))

    def fit(self) -> Fit:
        return mixed_model.fit(self.rows)

    def calibrated(self, fit: Fit) -> list[Fraction]:
        return [one + _four(shift) for one, shift in zip(self.raw, mixed_model.shifts(self.rows, fit), strict=True)]


def why_off(a: Ints, r: Ints, applications: int, reviewers: int) -> str:
    """The sentence why these reviews are too few or too far apart to calibrate; empty when they are not."""
    if applications > MOST_APPLICATIONS:
        return S_("Calibration is off: it is computed for at most %(most)s applications.", most=MOST_APPLICATIONS)
    if len(a) < LEAST_REVIEWS:
        return S_(
            "Calibration is off: it needs %(least)s reviews in the call and there are %(reviews)s.",
            least=LEAST_REVIEWS,
            reviews=len(a),
        )
    if len(a) < LEAST_EACH * reviewers:
        return S_(
            "Calibration is off: it needs %(least)s reviews by each reviewer on average; %(reviewers)s reviewers wrote "
            "%(reviews)s.",
            least=LEAST_EACH,
            reviewers=reviewers,
            reviews=len(a),
        )
    groups = _groups(a, r, applications)
    if groups > 1:
        return S_(
            "Calibration is off: the reviewers fall into %(groups)s groups without a common application, so their "
            "scores cannot be compared.",
            groups=groups,
        )
    return ""


def _groups(a: Ints, r: Ints, applications: int) -> int:
    """How many parts the graph of reviewers and applications has."""
    parent = list(range(applications + int(r.max(initial=-1)) + 1))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for left, right in zip(a.tolist(), (applications + r).tolist(), strict=True):
        parent[root(left)] = root(right)
    return len({root(one) for one in range(len(parent))})


def _reviewers(panel: _Read, fit: Fit, drawn: Floats) -> tuple[Reviewer, ...]:
    low, high = np.quantile(-drawn[:, 1:], EDGES, axis=0)
    counts = np.bincount(panel.rows.r)
    return tuple(
        Reviewer(id, int(counts[n]), float(-fit.mean[n + 1]), (float(low[n]), float(high[n])), float(fit.scales[n]))
        for n, id in enumerate(panel.reviewers)
    )


def _estimate(mean: Fraction, draws: Floats | None, position: int) -> Estimate:
    if draws is None or not len(draws):
        return Estimate(mean, None, None)
    low, high = np.clip(np.quantile(draws[:, position], EDGES), 0.0, 10.0)
    ranks = 1 + (draws > draws[:, position : position + 1]).sum(axis=1)
    best, worst = np.quantile(ranks, EDGES, method="inverted_cdf")
    return Estimate(mean, (float(low), float(high)), (int(best), int(worst)))


def _total(score: float | Decimal | str | Mapping[str, Any], weights: Weights) -> Fraction:
    if isinstance(score, Mapping):
        if weights is None or set(weights) != set(score):
            raise ValueError("a review needs a score for every criterion, and every criterion a weight")
        parts = [Fraction(str(score[name])) * Fraction(str(weight)) for name, weight in weights.items()]
        whole = sum(parts, Fraction(0)) / sum((Fraction(str(one)) for one in weights.values()), Fraction(0))
    else:
        whole = Fraction(str(score))
    if not 0 <= whole <= 10:
        raise ValueError("scores lie between 0 and 10")
    return whole


def _four(value: float) -> Fraction:
    """To four digits: what is decided on must not hang on the last bits of a machine."""
    return Fraction(round(value * 10_000), 10_000)
