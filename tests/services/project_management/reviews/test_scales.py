"""Criteria with scales of their own: scores are given on them, totals are of 10 whatever they are."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from services.project_management.calls.actions import columns_of
from services.project_management.calls.schemas import Criterion
from services.project_management.calls.terms import anchors
from services.project_management.reviews.rules import beyond, weighted_total
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.world import ANY, API, World

WEIGHTS = {"Novelty": Decimal(60), "Feasibility": Decimal(40)}
SCALES = {"Novelty": Decimal(5), "Feasibility": Decimal(100)}


def test_a_total_is_of_ten_whatever_the_scales() -> None:
    assert weighted_total({"Novelty": Decimal(5), "Feasibility": Decimal(100)}, WEIGHTS, SCALES) == Decimal("10.00")
    assert weighted_total({"Novelty": Decimal(4), "Feasibility": Decimal(55)}, WEIGHTS, SCALES) == Decimal("7.00")
    usual = {"Novelty": Decimal(8), "Feasibility": Decimal("7.5")}
    assert weighted_total(usual, WEIGHTS) == weighted_total(usual, WEIGHTS, dict.fromkeys(WEIGHTS, Decimal(10)))
    assert beyond({"Novelty": Decimal("5.5"), "Feasibility": Decimal(100)}, SCALES) == ["Novelty"]


def test_the_usual_scale_leaves_no_trace_in_the_text_of_a_call() -> None:
    typed = [Criterion(name="A", weight=Decimal(60), scale=""), Criterion(name="B", weight=Decimal(40), scale="5")]
    kept = columns_of({"criteria": typed})["criteria"]
    assert kept == [{"name": "A", "weight": "60"}, {"name": "B", "weight": "40", "scale": "5"}]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("5: excellent; 3: good; 0: not at all", None),
        ("5：优秀；0：不符合", None),
        ("", None),
        ("excellent", "Write what scores mean"),
        ("6: more than all", "outside the scale"),
        ("5: excellent; 5: good", "explained twice"),
    ],
)
def test_what_scores_mean_is_read_or_refused(text: str, fault: str | None) -> None:
    typed: dict[str, Any] = {"name": "A", "weight": "60", "scale": "5", "anchors": text}
    if fault is None:
        assert len(anchors(Criterion.model_validate(typed).anchors)) == text.count("5") + text.count("3") + text.count(
            "0"
        )
        return
    with pytest.raises(ValidationError, match=fault):
        Criterion.model_validate(typed)


@pytest.mark.anyio
async def test_a_reviewer_scores_on_the_scale_of_each_criterion(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    async with projects.work(system_actor("projects")) as work:
        await work.execute(
            """UPDATE calls SET criteria =
                   '[{"name": "Novelty", "weight": "60", "scale": "5", "anchors": "5: excellent"},
                     {"name": "Feasibility", "weight": "40", "scale": "100"}]'"""
        )
    assert (await world.assign()).status_code == 201
    async with projects.client(ma) as http:
        (review,) = (await http.get(f"{API}/reviews")).json()["items"]
        here = f"{API}/reviews/{review['id']}"
        await http.post(f"{here}/acceptance", headers=ANY)
        page = (await http.get(f"/projects/reviews/{review['id']}?lang=en")).text
        assert "5: excellent" in page
        assert 'max="100"' in page

        def sheet(novelty: float) -> dict[str, Any]:
            scores = [{"criterion": "Novelty", "score": novelty}, {"criterion": "Feasibility", "score": 55}]
            return {"scores": scores, "to_applicant": "Sound."}

        over = await http.put(f"{here}/scores", json=sheet(6), headers=ANY)
        assert (over.status_code, over.json()["errors"][0]["pointer"]) == (422, "/scores/0/score")
        assert (await http.put(f"{here}/scores", json=sheet(4), headers=ANY)).status_code == 200
        done = await http.post(f"{here}/completion", headers=ANY)
        assert done.status_code == 200, done.text
        assert "4 / 5" in (await http.get(f"/projects/reviews/{review['id']}")).text
    (row,) = await projects.rows("SELECT total FROM reviews")
    assert row["total"] == Decimal("7.00")
    async with projects.client(world.officer) as http:
        (item,) = (await http.get(f"{API}/calls/{world.call_id}/ranking")).json()["items"]
    assert item["mean"] == 7.0
