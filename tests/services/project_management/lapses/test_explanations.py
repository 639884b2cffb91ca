"""An explanation of a delay: when it is possible, what it ends, where it stands."""

import pytest

from shared.contracts.project_delivery import DelayExplained
from tests.kit.platform import Running
from tests.services.project_management.lapses.test_actions import on, open_tasks
from tests.services.project_management.world import ANY, API, World


async def test_the_lead_explains_a_delay_and_the_office_reads_it(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open()
    project = await world.project()
    first = f"{API}/milestones/{project['milestones'][0]['id']}"
    here = first.replace("/api/v1", "")
    said = {"text": "The furnace came late; we melt in August."}
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        early = await lead.post(f"{first}/explanation", json=said, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "not-late")
        await on(projects, monkeypatch, "2027-07-02")
        assert (await lead.post(f"{first}/explanation", json=said, headers=ANY)).status_code == 200
        assert await open_tasks(projects) == ["Milestone 1 is late: “Melt”"], "it has still to be shown"
        await on(projects, monkeypatch, "2027-07-15")
        assert await open_tasks(projects) == ["Explain why milestone 1 is late: “Melt”"]
        assert (await partner.post(f"{first}/explanation", json=said, headers=ANY)).status_code == 404
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        assert "Explain the delay" in (await lead.get(here)).text
        assert "Explain the delay" not in (await office.get(here)).text
        empty = await lead.post(f"{here}/explanation", data={"text": ""})
        assert empty.status_code == 422
        given = await lead.post(f"{here}/explanation", data={"text": "Two weeks more."})
        assert given.status_code == 303, given.text
        shown = (await office.get(here)).text
        assert "The furnace came late; we melt in August." in shown
        assert "Two weeks more." in shown
        chinese = (await lead.get(here, params={"lang": "zh"}, follow_redirects=True)).text
        assert "牵头单位的说明" in chinese
    await on(projects, monkeypatch, "2027-07-16")
    assert await open_tasks(projects) == [], "what was explained does not wait any more"
    assert len(await projects.said(DelayExplained)) == 2
    await on(projects, monkeypatch, "2027-07-30")
    assert await open_tasks(projects) == ["Explain why milestone 1 is late: “Melt”"], "a month late asks again"
