"""The mixed model of review scores behind `calibration`, as arrays: reviewers' harshness and scale, and draws.

    score = μ + scale · quality + leniency + noise        (leniency is harshness with the other sign)

Qualities and leniencies are normal around zero with standard deviations that are multiples of the noise's. For given
scales the model is linear, and everything but these two multiples is integrated out exactly; the multiples are summed
over a grid (Bates and others, Fitting Linear Mixed-Effects Models Using lme4, 2015, section 3, has the algebra).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUALITY = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
HARSHNESS = (0.02, 0.2, 0.4, 0.7, 1.0, 1.5, 2.2)
"""Standard deviations among applications and among reviewers, in units of the noise."""
BELIEF = (4, 1, 1, 1, 1, 1, 1)
"""How likely each harshness is beforehand: that reviewers hardly differ, four times as likely as any difference."""
SCALE_SPREAD = 0.15
"""Standard deviation of the reviewers' scales around one, as believed beforehand."""
SCALES = 0.5, 2.0
ROUNDS = 30
"""Of the expectation maximisation; a fixed number, so that every machine does the same."""
RESOLUTION = 0.02
"""Variance of rounding to half points, 0.5² / 12: noise that even unanimous scores have."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Reviews as arrays: `a` and `r` are positions of application and reviewer, `y` the scores around their mean."""

    a: Ints
    r: Ints
    y: Floats
    applications: int
    reviewers: int

    def by_application(self, values: Floats) -> Floats:
        return np.bincount(self.a, weights=values, minlength=self.applications).astype(np.float64)

    def by_reviewer(self, values: Floats) -> Floats:
        return np.bincount(self.r, weights=values, minlength=self.reviewers).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Fit:
    """The posterior of u = (μ, leniency of each reviewer): nodes of the grid with weight, mean, precision · σ², and the
    sum of squares that σ² is drawn with."""

    scales: Floats
    doubts: Floats
    """The scales' variances."""
    weights: Floats
    means: Floats
    precisions: Floats
    squares: Floats

    @property
    def mean(self) -> Floats:
        found: Floats = self.weights @ self.means
        return found


def fit(panel: Panel) -> Fit:
    """Reviewers of one scale first; then their scales at the ratios found; then the grid again with these scales."""
    even = _grid(panel, np.ones(panel.reviewers), np.zeros(panel.reviewers))
    quality = np.exp(even.weights @ np.repeat(np.log(QUALITY), len(HARSHNESS)))
    harshness = np.exp(even.weights @ np.tile(np.log(HARSHNESS), len(QUALITY)))
    noise = float(even.weights @ even.squares) / (len(panel.y) - 2)
    return _grid(panel, *_scales(panel, float(quality), float(harshness), noise))


def _design(panel: Panel, scales: Floats) -> tuple[Floats, Floats, Floats]:
    """Sums by application of scale², of scale · (1, reviewer's indicator), and of scale · score."""
    weight = scales[panel.r]
    crossed = np.zeros((panel.applications, panel.reviewers + 1))
    np.add.at(crossed, (panel.a, panel.r + 1), weight)
    crossed[:, 0] = crossed.sum(axis=1)
    return panel.by_application(weight**2), crossed, panel.by_application(weight * panel.y)


def _normal(panel: Panel) -> tuple[Floats, Floats]:
    """X'X and X'y of the columns (1, reviewer's indicator)."""
    each = np.bincount(panel.r, minlength=panel.reviewers).astype(float)
    square = np.diag(np.concatenate([[float(len(panel.y))], each]))
    square[0, 1:] = square[1:, 0] = each
    return square, np.concatenate([[panel.y.sum()], panel.by_reviewer(panel.y)])


def _grid(panel: Panel, scales: Floats, doubts: Floats) -> Fit:
    """Exact marginal likelihoods of all nodes; the applications' qualities and μ are integrated out."""
    own, crossed, sums = _design(panel, scales)
    square, right = _normal(panel)
    total = float(panel.y @ panel.y)
    number, people = len(panel.y), panel.reviewers
    precisions, rights, rest, volume = [], [], [], []
    for quality in QUALITY:
        pull = 1 / (quality**-2 + own)
        inner = square - (crossed * pull[:, None]).T @ crossed
        for harshness in HARSHNESS:
            ridge = np.full(people + 1, harshness**-2.0)
            ridge[0] = 0.0
            precisions.append(inner + np.diag(ridge))
            rights.append(right - crossed.T @ (pull * sums))
            rest.append(total - float((pull * sums**2).sum()))
            volume.append(float(np.log1p(quality**2 * own).sum()) + 2 * people * np.log(harshness))
    stacked, wanted = np.stack(precisions), np.stack(rights)
    lower = np.linalg.cholesky(stacked)
    means = np.linalg.solve(stacked, wanted[:, :, None])[:, :, 0].astype(np.float64)
    squares = np.maximum(np.array(rest) - (means * wanted).sum(axis=1), 0.0) + RESOLUTION
    diagonal = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    likelihood = -0.5 * np.array(volume) - diagonal - 0.5 * number * np.log(squares)
    likelihood += np.tile(np.log(BELIEF), len(QUALITY))
    weights: Floats = np.exp(likelihood - likelihood.max()).astype(np.float64)
    return Fit(scales, doubts, weights / weights.sum(), means, stacked, squares)


def _scales(panel: Panel, quality: float, harshness: float, noise: float) -> tuple[Floats, Floats]:
    """Expectation maximisation: qualities and harshness with their uncertainty, then each scale by ridge regression.

    Gives the scales and their variances.
    """
    square, right = _normal(panel)
    ridge = np.diag(np.concatenate([[0.0], np.full(panel.reviewers, harshness**-2.0)]))
    scales = below = np.ones(panel.reviewers)
    for _ in range(ROUNDS):
        own, crossed, sums = _design(panel, scales)
        pull = 1 / (quality**-2 + own)
        covariance = np.linalg.inv(square + ridge - (crossed * pull[:, None]).T @ crossed)
        offsets = covariance @ (right - crossed.T @ (pull * sums))
        qualities = pull * (sums - crossed @ offsets)
        joint = -pull[:, None] * (crossed @ covariance)
        spread = pull - (joint * crossed).sum(axis=1) * pull
        left = panel.y - offsets[0] - offsets[panel.r + 1]
        common = joint[panel.a, 0] + joint[panel.a, panel.r + 1]
        above = panel.by_reviewer(qualities[panel.a] * left / noise - common)
        below = panel.by_reviewer(qualities[panel.a] ** 2 / noise + spread[panel.a])
        scales = np.clip((above + SCALE_SPREAD**-2) / (below + SCALE_SPREAD**-2), *SCALES)
    return scales, 1 / (below + SCALE_SPREAD**-2)


def shifts(panel: Panel, fit: Fit) -> Floats:
    """Calibrated minus raw mean of each application."""
    own, crossed, sums = _design(panel, fit.scales)
    mean = fit.mean
    raw = panel.by_application(panel.y) / np.bincount(panel.a, minlength=panel.applications)
    shifts: Floats = mean[0] + (sums - crossed @ mean) / own - raw
    return shifts


def draws(panel: Panel, fit: Fit, centre: float, chance: np.random.RandomState, number: int) -> tuple[Floats, Floats]:
    """Posterior draws of (μ, leniencies), and of the applications' corrected means."""
    own, crossed, sums = _design(panel, fit.scales)
    ends = np.floor(np.cumsum(fit.weights) / fit.weights.sum() * number + 0.5).astype(int)
    drawn, means = [], []
    weight = fit.scales[panel.r]
    doubt = panel.by_application(weight**2 * fit.doubts[panel.r]) / own**2
    for node, count in enumerate(np.diff(ends, prepend=0).tolist()):
        if count == 0:
            continue
        noise = np.sqrt(fit.squares[node] / chance.chisquare(len(panel.y), count))
        root = np.linalg.cholesky(fit.precisions[node])
        steps = np.linalg.solve(root.T, chance.standard_normal((panel.reviewers + 1, count))).T
        some = fit.means[node] + noise[:, None] * steps
        above = (sums - some @ crossed.T) / own
        error = np.sqrt(noise[:, None] ** 2 / own + above**2 * doubt)
        drawn.append(some)
        means.append(centre + some[:, :1] + above + error * chance.standard_normal(above.shape))
    return np.vstack(drawn), np.vstack(means)


def raw_draws(panel: Panel, centre: float, chance: np.random.RandomState, number: int) -> Floats | None:
    """Raw means with the error that reviews of one application differ by; None when none has two reviews."""
    free = len(panel.y) - panel.applications
    if free < 1:
        return None
    counts = np.bincount(panel.a, minlength=panel.applications)
    means = panel.by_application(panel.y) / counts
    squares = float(((panel.y - means[panel.a]) ** 2).sum()) + RESOLUTION
    noise = np.sqrt(squares / chance.chisquare(free, number))
    steps = chance.standard_normal((number, panel.applications)) / np.sqrt(counts)
    drawn: Floats = centre + means + noise[:, None] * steps
    return drawn
