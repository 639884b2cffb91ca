"""Assignment: published optima, fairness, the whole pipeline at full size, affinity, certificates, calibration, and
people hidden under a second record. It needs no server, only the public data (HECHUAN_DATA_DIR)."""

import os
from pathlib import Path
from typing import Any

from infra.bench import affinity_parts, assignment_cases, assignment_pipeline, assignment_ties, calibration_parts
from infra.bench.assignment_matrices import FAIR, MATRICES, measure_matrices
from infra.bench.result import Bar, Result, Say
from infra.embedded.state import StartError
from shared.kernel.settings import Settings

OFF_BAR = 1e-4
OFF_REASON = "the optimum that the data's README prints, to its digits; there are many ties, so totals are compared"
WORST_BAR, SUM_BAR = 0.98, 0.97
WORST_REASON = "of the max-min linear bound, which no assignment passes and whole ones nearly reach"
SUM_REASON = "of the best total: lifting the worst-off may cost the others at most three in a hundred"
FAIR_SECONDS = 5.0
FAIR_REASON = "an officer waits for it with the page open"
SIZES = ((1_000, 500), (2_500, 1_250), (5_000, 2_500), (10_000, 5_000), (20_000, 20_000))
QUICK_SIZES = ((200, 100), (400, 200))
CALL_BAR, CALL_REASON = 15.0, "seconds after indexing for 10,000 × 5,000: the officer of a large call waits once"
LARGE_BAR, LARGE_REASON = 90.0, "seconds for 20,000 × 20,000: larger than any call known; no hours, whatever comes"
MEMORY_BAR, MEMORY_REASON = 8192, "MB at 20,000 × 20,000: half of a small server"
NEAR_BAR = 0.995
NEAR_REASON = "of the optimum over all pairs: weighing promising pairs only may not cost a visible part of the fit"
LOSS_BAR = 0.24
LOSS_REASON = "loss of the best single predictor published on this set; the best ensemble has 0.21"
ENSEMBLE = 0.21
CASES = 200
CASES_REASON = "every certificate, checked by a routine of its own and by exhaustion"
RECALL_REASON = "a person under two records who is not found defeats the check of conflicts"
CERTAIN_REASON = "who is called certainly the same is kept from reviewing without a person's decision"
CALIBRATION_REASON = "95 % lower bound of the gain in rank correlation where reviewers differ, at 30 reviews and more"
BELOW_REASON = "below the least sample calibration is off, so nothing may change"
PANELS = 200


def folder() -> Path:
    """Where the public data lies. Raises StartError."""
    given = os.environ.get("HECHUAN_DATA_DIR")
    found = Path(given) if given else Path(__file__).resolve().parents[2].parent / "shared" / "data"
    if not (found / "assignment").is_dir():
        raise StartError(f"There is no public data at {found}. Set HECHUAN_DATA_DIR to its folder.")
    return found


async def run(settings: Settings, quick: bool, say: Say = lambda line: None) -> Result:
    """`quick`: two small sizes, few panels, no background texts."""
    data = folder()
    say("published matrices")
    matrices = measure_matrices(data)
    sizes = []
    for n, m in QUICK_SIZES if quick else SIZES:
        say(f"pipeline {n:,} × {m:,}")
        sizes.append(assignment_pipeline.apart(data, n, m, full=n <= 1_000))
        say(f"  {sizes[-1]['after indexing']} s after indexing, {sizes[-1]['peak MB']} MB")
    say("affinity on the labelled set")
    gold = affinity_parts.measure_gold(data, background=not quick)
    say("impossible cases, second records")
    impossible = assignment_cases.measure_infeasible(CASES)
    hidden = assignment_cases.measure_conflicts(data)
    tied = assignment_ties.measure_ties(data)
    say("calibration of simulated panels")
    calibration = calibration_parts.measure_calibration(
        6 if quick else PANELS, data / "assignment" / "iclr2018_papers.json.gz"
    )
    return Result(
        figures={
            "matrices": matrices,
            "pipeline": [{key: row[key] for key in row if key not in ("greedy", "total")} for row in sizes],
            "growth from size to size": assignment_pipeline.growth(sizes),
            "affinity": gold,
            "chinese": affinity_parts.measure_chinese(data),
            "impossible": impossible,
            "second records": hidden,
            "ties over second records": tied,
            "calibration": {key: calibration[key] for key in ("better", "changed_below", "loss", "real")},
            "calibration table": calibration["table"].splitlines(),
        },
        baseline={
            "best pair first, totals": {name: row["greedy"] for name, row in matrices.items() if "greedy" in row},
            "conflicts one by one, seconds (estimated)": sizes[-1]["conflicts one by one, seconds (estimated)"],
            "published TF-IDF, loss": gold["published TF-IDF"]["loss"]["value"],
            "fewer reviewers for who is short, cost": impossible["cost of fewer reviewers instead"],
            "second records by address and ORCID alone": hidden["by address and ORCID alone"],
        },
        ratio=_ratios(matrices, sizes, gold, impossible, hidden),
        bars=[
            *_bars(matrices, sizes, gold, impossible, hidden, calibration, quick),
            Bar("ties over second records: recall", tied["recall"], 1.0, RECALL_REASON),
        ],
    )


Row = dict[str, Any]


def _ratios(matrices: Row, sizes: list[Row], gold: Row, impossible: Row, hidden: Row) -> dict[str, float]:
    last = sizes[-1]
    loss = gold["chosen mixture"]["loss"]["value"]
    return {
        "optimum / best pair first, aamas2015": matrices["aamas2015"]["total"] / matrices["aamas2015"]["greedy"],
        "optimum / best pair first, largest size": last["total"] / last["greedy"],
        "conflicts one by one / joined": last["conflicts one by one, seconds (estimated)"]
        / max(0.01, last["conflicts joined, seconds"]),
        "loss / published TF-IDF": loss / gold["published TF-IDF"]["loss"]["value"],
        "loss / best single predictor published": loss / LOSS_BAR,
        "loss / best ensemble published": loss / ENSEMBLE,
        "cost of the change / fewer reviewers": impossible["cost"] / impossible["cost of fewer reviewers instead"],
        "second records found / by address and ORCID": hidden["recall"] / hidden["by address and ORCID alone"],
    }


def _bars(
    matrices: Row, sizes: list[Row], gold: Row, impossible: Row, hidden: Row, calibration: Row, quick: bool
) -> list[Bar]:
    bars = [
        Bar(f"{one.name}: off the optimum", matrices[one.name]["off"], OFF_BAR, OFF_REASON, "at most")
        for one in MATRICES
    ]
    for name in FAIR:
        fair = matrices[name]["fair"]
        bars.append(Bar(f"{name}: worst-off", fair["of bound"], WORST_BAR, WORST_REASON))
        bars.append(Bar(f"{name}: sum when fair", fair["of best total"], SUM_BAR, SUM_REASON))
    seconds = matrices["aamas2015"]["fair"]["seconds"]
    bars.append(Bar("aamas2015: seconds when fair", seconds, FAIR_SECONDS, FAIR_REASON, "at most"))
    rows = [*matrices.values(), *(row["fair"] for row in matrices.values() if "fair" in row), *sizes]
    limits = "needs, caps, lower loads, conflicts, nobody twice: counted from the plan alone"
    bars.append(Bar("plans that keep every limit", sum(row["kept"] for row in rows) / len(rows), 1.0, limits))
    agree = sum(row["conflicts agree"] for row in sizes) / len(sizes)
    bars.append(
        Bar("conflicts joined as one by one", agree, 1.0, "joining is a way to find the same, not another rule")
    )
    of_all = sizes[0]["of the optimum over all pairs"]
    bars.append(Bar("candidates: part of the optimum", of_all, NEAR_BAR, NEAR_REASON))
    by_size = {(row["applications"], row["experts"]): row for row in sizes}
    if not quick:
        call, large = by_size[10_000, 5_000], by_size[20_000, 20_000]
        bars.append(Bar("10,000 × 5,000: seconds", call["after indexing"], CALL_BAR, CALL_REASON, "at most"))
        bars.append(Bar("20,000 × 20,000: seconds", large["after indexing"], LARGE_BAR, LARGE_REASON, "at most"))
        bars.append(Bar("20,000 × 20,000: MB", large["peak MB"], MEMORY_BAR, MEMORY_REASON, "at most"))
        better = calibration["better"]
        bars.append(Bar("calibration: least gain", better, 0.0, CALIBRATION_REASON))
    bars.append(Bar("calibration: changed below", calibration["changed_below"], 0, BELOW_REASON, "at most"))
    bars.append(Bar("affinity: loss", gold["chosen mixture"]["loss"]["value"], LOSS_BAR, LOSS_REASON, "at most"))
    for what in ("relaxation helps", "nothing cheaper helps", "bottleneck explains"):
        bars.append(Bar(f"impossible: {what}", impossible[what], CASES, CASES_REASON))
    bars.append(Bar("second records: recall", hidden["recall"], 1.0, RECALL_REASON))
    wrong = hidden["false alarms"]["certain"]
    bars.append(Bar("second records: wrongly certain", wrong, 0, CERTAIN_REASON, "at most"))
    return bars
