"""The pages of a panel meeting: convened, held, closed and confirmed by clicking, in both languages."""

from tests.services.project_management.panels.test_panels import convening, projects, reviewed, world
from tests.services.project_management.world import World

__all__ = ["projects", "reviewed", "world"]


async def test_a_meeting_is_held_on_its_page(world: World) -> None:
    call = f"/projects/calls/{world.call_id}"
    async with world.browser(world.officer) as http:
        assert f'href="{call}/panel"' in (await http.get(f"{call}/ranking")).text
        assert "Reviewed in this call" in (await http.get(f"{call}/panel")).text
        assert (await http.post(f"{call}/panel", data={"place": ""})).status_code == 422
        body = convening(world)
        body["meets_at"] = body["meets_at"][:16]
        assert (await http.post(f"{call}/panel", data=body)).status_code == 303
        moved = await http.get(f"{call}/panel")
        assert moved.status_code == 303
        here = moved.headers["location"]
        assert "Call the meeting off" in (await http.get(here)).text
    near = world.experts[3]
    async with world.browser(near) as http:
        page = (await http.get(here)).text
        assert "You are recused from this application" in page
        assert page.count("What the reviewers say") == 1
        assert "Open the meeting" not in page
    async with world.browser(world.experts[0]) as http:
        assert (await http.post(f"{here}/opening", data={})).status_code == 303
        assert "评审专家意见" in (await http.get(here, headers={"Accept-Language": "zh-Hans"})).text
        for application in world.applications:
            told = {"application_id": str(application), "recommendation": "fund", "in_favour": "1"}
            few = await http.post(f"{here}/recommendations", data=told)
            assert few.status_code == 422
            told |= {"in_favour": "3", "against": "", "abstained": "", "reason": "So."}
            assert (await http.post(f"{here}/recommendations", data=told)).status_code == 303
        assert (await http.post(f"{here}/closing", data={})).status_code == 303
        assert "Minutes as PDF" in (await http.get(here)).text
    async with world.browser(near) as http:
        assert (await http.post(f"{here}/confirmation", data={})).status_code == 303
        assert "Confirm the minutes" not in (await http.get(here)).text
    async with world.browser(world.officer) as http:
        assert "The minutes of the panel are closed." in (await http.get(f"{call}/ranking")).text
