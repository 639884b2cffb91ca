"""Ranking, decision and awards on pages."""

import re

from tests.kit.platform import Running
from tests.services.project_management.world import World

CHINESE = {"Accept-Language": "zh-CN"}


async def test_an_officer_decides_on_the_ranking_page(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, title="First")
    await world.apply(world.university, title="Second")
    person = await world.expert("Ma")
    here = f"/projects/calls/{world.call_id}"
    await world.assign()
    async with world.browser(world.officer) as http:
        open_yet = (await http.get(f"{here}/ranking")).text
        assert "Reviews outstanding" in open_yet
        assert "Decide the call" not in open_yet
        await world.review(person)
        assert "Decide the call" in (await http.get(f"{here}/ranking")).text
        assert (await http.post(f"{here}/decision", data={"reason": ""})).status_code == 422
        over = {
            "reason": "Both.",
            "overrides-0-application_id": str(world.applications[1]),
            "overrides-0-outcome": "funded",
            "overrides-0-reason": "Newcomer.",
        }
        refused = await http.post(f"{here}/decision", data=over)
        assert refused.status_code == 409
        assert "the budget is" in refused.text
        refused = await http.post(f"{here}/decision", data=over, headers=CHINESE)
        assert "而预算为" in refused.text
        assert "These awards" not in refused.text
        assert (await http.post(f"{here}/decision", data={"reason": "As ranked."})).status_code == 303
        assert "As ranked." in (await http.get(f"{here}/ranking")).text
        chinese = (await http.get(f"{here}/ranking", headers=CHINESE)).text
        assert "第 1 名（共 2 项），1 份评审" in chinese
        assert "Rank 1 of" not in chinese


async def test_an_applicant_reads_the_decision_and_the_comments(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with world.browser(world.institute) as http:
        shown = (await http.get("/projects/awards")).text
        assert "First" in shown
        assert "Second" not in shown
        path = re.search(r'href="(/projects/awards/[0-9a-f-]{36})"', shown)
        assert path
        letter = (await http.get(path[1])).text
        assert letter.count("Comment on First.") == 2
        assert "份评审平均" in (await http.get(path[1], headers=CHINESE)).text
        assert "Draw up the task book" in letter
        assert not any(name in letter for name in ("Ma<", "Guo", *(one.subject for one in world.experts)))
