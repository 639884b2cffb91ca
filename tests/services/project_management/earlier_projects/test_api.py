"""Earlier projects over HTTP and as pages."""

from typing import Any

import httpx
import pytest

from shared.kernel.ids import new_id
from tests.kit.platform import Running, Someone
from tests.services.project_management.earlier_projects.test_actions import imported, record
from tests.services.project_management.ready import LI, ZHAO

pytestmark = pytest.mark.anyio
ROOT = "/projects/api/v1/earlier-projects"


async def send(projects: Running, person: Someone | None, method: str, path: str, json: Any = None) -> httpx.Response:
    async with projects.client(person) as client:
        return await client.request(method, path, json=json)


async def test_a_batch_answers_how_many_were_taken_in_and_what_is_wrong_with_the_rest(projects: Running) -> None:
    rows = [record("1"), record("2", amount=1.5)]
    answer = await send(projects, LI, "POST", f"{ROOT}/batches", {"source": "Plan", "rows": rows})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["accepted"], told["unchanged"], told["refused"]) == (1, 0, 1)
    assert (told["errors"][0]["row"], told["errors"][0]["field"]) == (1, "amount")
    assert "binary fraction" in told["errors"][0]["reason"]


@pytest.mark.parametrize("rows", [[], [{}] * 501, "rows", None])
async def test_a_batch_that_is_none_is_refused_as_a_whole(projects: Running, rows: Any) -> None:
    answer = await send(projects, LI, "POST", f"{ROOT}/batches", {"source": "Plan", "rows": rows})
    assert answer.status_code == 422


async def test_everybody_signed_in_reads_and_searches(projects: Running) -> None:
    await imported(projects, record("1"), record("2", title="Optics"))
    listed = await send(projects, ZHAO, "GET", f"{ROOT}?search=optics")
    (one,) = listed.json()["items"]
    assert one["amount"] == "800000.50"
    assert "sorted_on" not in one
    shown = await send(projects, ZHAO, "GET", f"{ROOT}/{one['id']}")
    assert shown.json()["abstract"] == "Corrosion of alloys is studied."
    assert (await send(projects, ZHAO, "GET", f"{ROOT}/{new_id()}")).status_code == 404
    assert (await send(projects, None, "GET", ROOT)).status_code == 401
    assert (await send(projects, ZHAO, "POST", f"{ROOT}/batches", {"source": "P", "rows": [{}]})).status_code == 403


async def test_the_pages_show_how_many_there_are_and_each_record(projects: Running) -> None:
    empty = await send(projects, ZHAO, "GET", "/projects/earlier-projects")
    assert "No earlier project is here yet" in empty.text
    await imported(projects, *(record(str(number)) for number in range(30)))
    await imported(projects, record("x", title="Optics", amount=None, currency=None), source="Another")
    page = await send(projects, ZHAO, "GET", "/projects/earlier-projects")
    assert "<strong>31</strong>" in page.text
    assert "cursor=" in page.text
    found = await send(projects, ZHAO, "GET", "/projects/earlier-projects?q=optics&source=Another")
    assert "<strong>1</strong>" in found.text
    (row,) = await projects.rows("SELECT id FROM earlier_projects WHERE number = 'x'")
    detail = await send(projects, ZHAO, "GET", f"/projects/earlier-projects/{row['id']}")
    assert detail.status_code == 200
    assert "Zhao Lin" in detail.text
