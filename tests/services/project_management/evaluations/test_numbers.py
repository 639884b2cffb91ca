"""What was promised as a number is compared with what was measured, by rule."""

from typing import Any

import pytest

from tests.kit.platform import Running
from tests.services.project_management.evaluations.test_api import REPORT, free, judge, members, opened
from tests.services.project_management.world import ANY, API, World

PROMISED = [
    {"milestone": 1, "name": "Strength", "direction": "at_least", "target": "500", "unit": "MPa", "baseline": "300"},
    {"milestone": 1, "name": "Mass", "direction": "at_most", "target": "2.5", "unit": "kg"},
]
AGREED: dict[str, Any] = {
    "starts_on": "2027-01-01",
    "ends_on": "2028-12-31",
    "milestones": [
        {"title": "Melt", "deliverable": "Ingots", "due_on": "2027-06-30", "tranche": {"amount": "200000.00"}},
        {"title": "Test", "deliverable": "Report", "due_on": "2028-06-30", "tranche": {"amount": "400000.00"}},
    ],
}


@pytest.mark.anyio
async def test_what_is_reached_follows_from_what_was_measured(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project(indicators=PROMISED)
    here = f"{API}/projects/{project['id']}"
    await world.expert("Tan", employer=world.institute)
    for name in ("Qi", "Wu"):
        await world.expert(name)
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        book = (await lead.get(f"{here}/task-books/1")).json()["content"]
        assert [one["target"] for one in book["indicators"]] == ["500", "2.5"]
        assert "Strength: at least 500 MPa" in (await lead.get(f"/projects/projects/{project['id']}/task-book")).text
        one = await opened(world, here, "midterm")
        page = f"/projects/evaluations/{one.rsplit('/', 1)[1]}"
        assert "Strength: at least 500 MPa" in (await lead.get(page)).text
        wrong = await lead.post(f"{one}/report", json=REPORT | {"values": [{"indicator": 3, "value": 1}]}, headers=ANY)
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/values/0/indicator")
        twice = [{"indicator": 1, "value": 1}, {"indicator": 1, "value": 2}]
        assert (await lead.post(f"{one}/report", json=REPORT | {"values": twice}, headers=ANY)).status_code == 422
        typed = {"report": "Both melted.", "values-0-indicator": "1", "values-0-value": "450",
                 "values-1-indicator": "2", "values-1-value": "2.4", "indicators-0-number": "1",
                 "indicators-0-reached": "full", "indicators-1-number": "2",
                 "indicators-1-reached": "full"}  # fmt: skip
        blank = {name: "" if name.endswith("-value") else text for name, text in typed.items()}
        assert (await lead.post(f"{page}/report", data=blank)).status_code == 303, "nothing need be measured yet"
        assert (await lead.get(one)).json()["indicators"][0]["reached"] == "none"
        assert (await office.post(f"{page}/return", data={"reason": "Measure it."})).status_code == 303
        assert (await lead.post(f"{page}/report", data=typed)).status_code == 303
        first, second = (await lead.get(one)).json()["indicators"]
        assert (first["reached"], first["worth"], second["reached"]) == ("part", "7/8", "full"), "claimed in full"
        assert "measured: 450 MPa. That is 75 % of the promise." in (await lead.get(page)).text
        await office.post(f"{one}/panel", json={"expert_ids": free(world)[:3]}, headers=ANY)
        for expert in members(world):
            assert (await judge(world, expert, 9)).status_code == 200
        trace = (await office.get(one)).json()["trace"]
        assert (trace["version"], trace["inputs"]["reached"], trace["result"]["share"]) == (3, ["7/8", "full"], "15/16")


@pytest.mark.anyio
async def test_numbers_are_kept_by_a_new_wording_and_refused_without_their_milestone(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.officer) as office:
        body = AGREED | {"application_id": str(world.applications[0])}
        astray = [PROMISED[0] | {"milestone": 3}]
        refused = await office.post(f"{API}/projects", json=body | {"indicators": astray})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/indicators/0/milestone")
        made = await office.post(f"{API}/projects", json=body | {"indicators": PROMISED})
        here = f"{API}/projects/{made.json()['id']}"
        again = AGREED | {"ends_on": "2029-06-30"}
        done = await office.put(f"{here}/task-book", json=again, headers=ANY)
        assert done.status_code == 200, done.text
    (row,) = await projects.rows("SELECT task_book::jsonb -> 'indicators' AS kept FROM projects")
    assert [one["name"] for one in row["kept"]] == ["Strength", "Mass"]
