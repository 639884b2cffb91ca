"""Calibration of review scores: off where data are few, better than raw means where they are not."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from infra.bench.calibration_parts import SCENARIOS, measured, panel, real_panels, tau
from services.project_management.awards.calibration import Calibration, Scored, calibrate, calibrated_means

PUBLIC = Path(os.environ.get("HECHUAN_DATA_DIR") or Path(__file__).resolve().parents[5] / "shared" / "data")
DIFFER, LITTLE, ALIKE = SCENARIOS


def crossed(applications: int, reviewers: int, points: float = 6.0) -> list[Scored]:
    return [Scored(f"a{a}", f"r{r}", points) for a in range(applications) for r in range(reviewers)]


def of(found: Calibration, id: str) -> tuple[float, float]:
    """Raw and calibrated mean of one application."""
    one = next(one for one in found.applications if one.id == id)
    assert one.calibrated
    return float(one.raw.mean), float(one.calibrated.mean)


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ([], "needs 30 reviews in the call and there are 0"),
        (crossed(10, 2), "needs 30 reviews in the call and there are 20"),
        (
            [Scored(f"a{n // 3}", f"r{n % 15}", 6) for n in range(39)],
            "needs 3 reviews by each reviewer on average; 15 reviewers wrote 39",
        ),
        (
            [*crossed(5, 4), *(Scored(f"b{one.application}", f"s{one.reviewer}", 5) for one in crossed(5, 4))],
            "the reviewers fall into 2 groups without a common application",
        ),
    ],
)
def test_below_the_stated_sample_it_is_off_and_says_so(scores: list[Scored], sentence: str) -> None:
    found = calibrate(scores)
    assert sentence in found.off
    assert found.calibrated_draws is None
    assert found.reviewers == ()
    assert all(one.calibrated is None for one in found.applications)
    off, means = calibrated_means(scores)
    assert off == found.off
    assert means == {one.id: one.raw.mean for one in found.applications}


def test_a_harsh_reviewer_no_longer_costs_an_application_its_place() -> None:
    """Everybody is equally good; whoever met the harsh reviewer stands lower by raw means, and hardly by calibrated."""
    chance = np.random.RandomState(1)
    scores = [
        Scored(f"a{a:02}", f"r{r}", float(7 + 0.5 * chance.randint(-1, 2) - 3 * (r == 0)))
        for a in range(24)
        for r in chance.permutation(8)[:4]
    ]
    found = calibrate(scores)
    met = {one.application for one in scores if one.reviewer == "r0"}
    gaps = [
        float(np.mean([of(found, one.id)[side] for one in found.applications if one.id in met]))
        - float(np.mean([of(found, one.id)[side] for one in found.applications if one.id not in met]))
        for side in (0, 1)
    ]
    assert gaps[0] < -0.6
    assert abs(gaps[1]) < 0.15
    harsh = found.reviewers[0]
    assert (harsh.id, harsh.interval[0] > 1.5, harsh.harshness > 2) == ("r0", True, True)
    assert all(one.interval[0] < 0.5 for one in found.reviewers[1:])


def test_a_reviewer_whose_scores_lie_far_apart_has_a_scale_above_one() -> None:
    chance = np.random.RandomState(2)
    quality = chance.uniform(-2, 2, 30)
    spread = (2.0, 1.0, 1.0, 0.6)
    scores = [
        Scored(f"a{a:02}", f"r{r}", float(np.clip(5 + spread[r] * quality[a] + 0.3 * chance.randn(), 0, 10)))
        for a in range(30)
        for r in range(4)
    ]
    scales = [one.scale for one in calibrate(scores).reviewers]
    assert scales[0] > 1.3
    assert scales[3] < 0.8
    assert scales[1] == pytest.approx(scales[2], abs=0.1)


def test_unanimous_reviewers_are_left_alone() -> None:
    found = calibrate(crossed(10, 4))
    assert not found.off
    assert all(one.calibrated and one.calibrated.mean == 6 for one in found.applications)


def test_means_repeat_exactly_and_draws_repeat_for_a_seed() -> None:
    scores, _ = panel(np.random.RandomState(3), 20, 10, DIFFER)
    first, second, other = (
        calibrate(scores, seed=7),
        calibrate(list(reversed(scores)), seed=7),
        calibrate(scores, seed=8),
    )
    assert [one.calibrated and one.calibrated.mean for one in first.applications] == [
        one.calibrated and one.calibrated.mean for one in other.applications
    ]
    assert {one.id: one.calibrated.mean for one in first.applications if one.calibrated} == calibrated_means(scores)[1]
    assert first.applications == calibrate(scores, seed=7).applications
    assert [one.raw for one in first.applications] == [one.raw for one in second.applications]
    assert first.applications != other.applications


def test_intervals_hold_the_mean_and_ranks_narrow_with_distance() -> None:
    scores = [Scored(f"a{a:02}", f"r{r}", min(10, a * 0.8 + 0.5 * (r % 2))) for a in range(12) for r in range(4)]
    for one in calibrate(scores).applications:
        for estimate in (one.raw, one.calibrated):
            assert estimate
            assert estimate.interval
            assert estimate.ranks
            assert estimate.interval[0] <= float(estimate.mean) <= estimate.interval[1]
            assert 1 <= estimate.ranks[0] <= estimate.ranks[1] <= 12
    best = calibrate(scores).applications[-1].calibrated
    assert best
    assert best.ranks
    assert best.ranks[1] <= 3


def test_one_review_each_gives_no_hold_for_an_interval() -> None:
    (one,) = calibrate([Scored("a", "r", 7)]).applications
    assert (one.raw.mean, one.raw.interval, one.raw.ranks) == (Fraction(7), None, None)


def test_criteria_are_weighted_exactly_and_faults_are_refused() -> None:
    sheet = Scored("a", "r", {"Novelty": "8", "Feasibility": "7.5"})
    (one,) = calibrate([sheet], {"Novelty": 60, "Feasibility": 40}).applications
    assert one.raw.mean == Fraction(78, 10)
    for scores, weights in (
        ([sheet], None),
        ([sheet], {"Novelty": 100}),
        ([Scored("a", "r", 11)], None),
        ([Scored("a", "r", -0.5)], None),
    ):
        with pytest.raises(ValueError, match=r"score"):
            calibrate(scores, weights)


def test_ties_are_worth_nothing() -> None:
    truth = np.array([1.0, 2.0, 3.0])
    assert tau(np.array([1.0, 2.0, 3.0]), truth) == 1
    assert tau(np.array([2.0, 2.0, 2.0]), truth) == 0
    assert tau(np.array([1.0, 2.0, 2.0]), truth) == pytest.approx(2 / 3)


def test_it_ranks_better_than_raw_means_from_thirty_reviews_on_and_the_same_below() -> None:
    """A quick version of `hechuan bench`, which has 200 panels a size."""
    for size, panels in (((10, 5), 80), ((20, 10), 40), ((50, 25), 15)):
        row = measured(DIFFER, *size, panels)
        print(f"{row.reviews} reviews: gain {row.gain:+.4f} ({row.low:+.4f} … {row.high:+.4f}), p {row.p}")
        assert row.off == 0
        assert row.low > 0
        assert row.covers_calibrated
        assert row.covers_calibrated > 0.9
    below = measured(DIFFER, 9, 5, 10)
    assert (below.off, below.gain, below.p) == (1, 0, None)


def test_it_does_no_measurable_harm_where_reviewers_do_not_differ() -> None:
    row = measured(ALIKE, 20, 10, 40)
    assert row.high > -0.002
    assert row.gain > -0.01


def test_real_ratings_by_unnamed_reviewers_are_left_alone_and_planted_harshness_is_found() -> None:
    source = PUBLIC / "assignment" / "iclr2018_papers.json.gz"
    if not source.is_file():
        pytest.skip("the public data folder is not here; set HECHUAN_DATA_DIR")
    found = real_panels(source, 20)
    assert "needs 3 reviews by each reviewer" in found["as they are"]
    print(found)
    assert found["planted"]["low"] > 0.05
