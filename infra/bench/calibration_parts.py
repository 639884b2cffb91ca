"""Calibration of review scores against raw means: panels whose true qualities, harshness and scales are known.

Every panel is ranked twice, by raw and by calibrated means, and both ranks are compared with the truth, so each panel
is its own control (paired t-test). The measure is Kendall's tau with ties worth nothing, which is what they are worth
on average when they are broken by something that has nothing to do with quality.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.project_management.awards.calibration import LEAST_REVIEWS, Scored, calibrate, calibrated_means

Floats = NDArray[np.float64]
DEMAND = 3
"""Reviews an application."""
SIZES = ((4, 3), (6, 4), (8, 5), (9, 5), (10, 5), (10, 10), (12, 6), (15, 8), (20, 10), (30, 15), (50, 25), (100, 40))
"""(applications, reviewers) of a panel; the first four are below the least sample."""
QUALITY, NOISE, MIDDLE = 1.2, 0.9, 6.5
"""Points: standard deviations of true quality and of one review around it, and the average quality."""
COVER_EVERY = 4
"""Intervals are checked on every fourth panel; drawing them costs more than the means."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """How much reviewers differ: standard deviations of harshness, in points, and of the logarithm of scale."""

    name: str
    harshness: float
    scale: float


SCENARIOS = (Scenario("differ", 0.8, 0.2), Scenario("differ little", 0.4, 0.1), Scenario("do not differ", 0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `gain`: calibrated minus raw tau, mean over panels, with its 95 % interval and the p-value of the paired t-test
    (None where every difference is zero). `covers_…`: share of true qualities inside the 95 % intervals.
    """

    scenario: str
    reviews: int
    reviewers: int
    panels: int
    raw: float
    calibrated: float
    gain: float
    low: float
    high: float
    p: float | None
    off: float
    covers_raw: float | None
    covers_calibrated: float | None


def pairs(chance: np.random.RandomState, applications: int, reviewers: int) -> list[tuple[int, int]]:
    """Who reviews what: reviewers drawn with even loads, so that the panel is mostly in one piece."""
    load = np.zeros(reviewers)
    found = []
    for application in chance.permutation(applications).tolist():
        chosen = np.argsort(load + 0.9 * chance.random_sample(reviewers))[:DEMAND]
        load[chosen] += 1
        found += [(application, reviewer) for reviewer in chosen.tolist()]
    return found


def panel(
    chance: np.random.RandomState, applications: int, reviewers: int, scenario: Scenario
) -> tuple[list[Scored], Floats]:
    """Reviews in half points from 0 to 10, and the true qualities."""
    quality = MIDDLE + QUALITY * chance.standard_normal(applications)
    harshness = scenario.harshness * chance.standard_normal(reviewers)
    scale = np.exp(scenario.scale * chance.standard_normal(reviewers))
    scores = []
    for a, r in pairs(chance, applications, reviewers):
        seen = MIDDLE + scale[r] * (quality[a] - MIDDLE) - harshness[r] + NOISE * chance.standard_normal()
        scores.append(Scored(f"a{a:04}", f"r{r:04}", _half_points(seen)))
    return scores, quality


def tau(means: Floats, truth: Floats) -> float:
    """Kendall's tau of −1 to 1; a tied pair counts as nothing."""
    first, second = np.triu_indices(len(means), 1)
    agree = np.sign(np.round(means[first] - means[second], 6)) * np.sign(truth[first] - truth[second])
    return float(agree.mean())


def compared(scores: Sequence[Scored], truth: Floats) -> tuple[float, float, bool]:
    """Raw tau, calibrated tau, whether calibration was off."""
    off, means = calibrated_means(scores)
    raw = raw_means(scores, len(truth))
    calibrated = np.array([float(means[name]) for name in sorted(means)])
    return tau(raw, truth), tau(calibrated, truth), bool(off)


def raw_means(scores: Sequence[Scored], applications: int) -> Floats:
    """By application, which are numbered in the order of their names."""
    found: dict[str, list[float]] = {}
    for one in scores:
        found.setdefault(one.application, []).append(float(str(one.score)))
    assert len(found) == applications
    return np.array([np.mean(found[name]) for name in sorted(found)])


def measured(scenario: Scenario, applications: int, reviewers: int, panels: int) -> Row:
    taus, offs, inside = [], 0, []
    for number in range(panels):
        chance = np.random.RandomState([number, applications, reviewers, round(scenario.harshness * 10)])
        scores, truth = panel(chance, applications, reviewers, scenario)
        before, after, off = compared(scores, truth)
        taus.append((before, after))
        offs += off
        if number % COVER_EVERY == 0:
            inside.append(_inside(scores, truth))
    before, after = np.array(taus).T
    low, high, p = paired(after - before)
    covers = [[share for both in inside if (share := both[side]) is not None] for side in (0, 1)]
    return Row(
        scenario.name,
        applications * DEMAND,
        reviewers,
        panels,
        float(before.mean()),
        float(after.mean()),
        float((after - before).mean()),
        low,
        high,
        p,
        offs / panels,
        *(float(np.mean(side)) if side else None for side in covers),
    )


def paired(differences: Floats) -> tuple[float, float, float | None]:
    """95 % interval of the mean difference, and the two-sided p-value of the paired t-test."""
    from scipy.special import stdtr, stdtrit

    free = len(differences) - 1
    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / np.sqrt(len(differences))
    if error == 0:
        return mean, mean, None
    reach = float(stdtrit(free, 0.975)) * error
    return float(mean - reach), float(mean + reach), float(2 * stdtr(free, -abs(mean) / error))


def real_panels(source: Path, panels: int, applications: int = 60, reviewers: int = 20) -> dict[str, Any]:
    """Real ratings, of 1 to 10, by reviewers that are not named: as they are, and with harshness planted in them.

    Planted: papers are dealt to so many reviewers, and every rating is shifted by its reviewer's harshness. The truth
    is the order that the ratings had before.
    """
    papers = [
        one["ratings"] for one in json.loads(gzip.decompress(source.read_bytes())) if len(one["ratings"]) == DEMAND
    ]
    unnamed = [Scored(f"a{a:04}", f"r{a:04}-{n}", value) for a, one in enumerate(papers) for n, value in enumerate(one)]
    taus = []
    for number in range(panels):
        chance = np.random.RandomState([number, applications, reviewers])
        chosen = chance.permutation(len(papers))[:applications]
        truth = np.array([np.mean(papers[a]) for a in chosen])
        harshness = SCENARIOS[0].harshness * chance.standard_normal(reviewers)
        left = {a: list(papers[one]) for a, one in enumerate(chosen.tolist())}
        scores = [
            Scored(f"a{a:04}", f"r{r:04}", _half_points(left[a].pop() - harshness[r]))
            for a, r in pairs(chance, applications, reviewers)
        ]
        taus.append(compared(scores, truth)[:2])
    before, after = np.array(taus).T
    low, high, p = paired(after - before)
    return {
        "papers": len(papers),
        "reviews": len(unnamed),
        "as they are": calibrate(unnamed).off,
        "planted": {
            "panels": panels,
            "reviews": applications * DEMAND,
            "raw": float(before.mean()),
            "calibrated": float(after.mean()),
            "gain": float((after - before).mean()),
            "low": low,
            "high": high,
            "p": p,
        },
    }


def table(rows: Sequence[Row]) -> str:
    head = (
        "reviewers",
        "reviews",
        "by",
        "panels",
        "raw tau",
        "calibrated",
        "gain",
        "95 % interval",
        "p",
        "off",
        "cover",
    )
    lines = [head] + [
        (
            row.scenario,
            str(row.reviews),
            str(row.reviewers),
            str(row.panels),
            f"{row.raw:.3f}",
            f"{row.calibrated:.3f}",
            f"{row.gain:+.4f}",
            f"{row.low:+.4f} … {row.high:+.4f}",
            "–" if row.p is None else f"{row.p:.1g}",
            f"{row.off:.0%}",
            "–" if row.covers_calibrated is None else f"{row.covers_calibrated:.1%}",
        )
        for row in rows
    ]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def measure_calibration(panels: int = 200, source: Path | None = None) -> dict[str, Any]:
    """Every size and scenario, so many panels each.

    `better`: the worst lower bound of the gain at 30 and more reviews where reviewers differ. `changed_below`: lines
    below the least sample in which anything changed. `loss`: the worst gain of all lines. `source`: the ICLR 2018
    ratings, where they are at hand.
    """
    rows = [measured(scenario, *size, panels) for scenario in SCENARIOS for size in SIZES]
    enough = [row for row in rows if row.reviews >= LEAST_REVIEWS]
    return {
        "rows": rows,
        "table": table(rows),
        "better": min(row.low for row in enough if row.scenario == SCENARIOS[0].name),
        "changed_below": sum(row.off < 1 or row.gain != 0 for row in rows if row.reviews < LEAST_REVIEWS),
        "loss": min(row.gain for row in rows),
        "real": real_panels(source, panels) if source else None,
    }


def _inside(scores: Sequence[Scored], truth: Floats) -> tuple[float | None, float | None]:
    """Shares of the true qualities inside the raw and the calibrated intervals."""
    found = calibrate(scores)
    shares: list[float | None] = []
    for side in ("raw", "calibrated"):
        bounds = [estimate.interval if (estimate := getattr(one, side)) else None for one in found.applications]
        hit = [low <= true <= high for true, bound in zip(truth, bounds, strict=True) if bound for low, high in [bound]]
        shares.append(float(np.mean(hit)) if hit else None)
    return shares[0], shares[1]


def _half_points(value: float) -> float:
    return float(np.clip(np.round(value * 2) / 2, 0.0, 10.0))
