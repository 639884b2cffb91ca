"""The assignment board."""

from tests.kit.platform import Running
from tests.services.project_management.world import World


async def test_the_board_assigns_and_shows_matrix_conflicts_and_load(projects: Running) -> None:
    world = await World(projects).open()
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.expert("Tan", employer=world.institute)
    here = f"/projects/calls/{world.call_id}/assignment"
    async with world.browser(world.officer) as http:
        assert "No reviewers yet" in (await http.get(here)).text
        refused = await http.post(here, data={"cap": "4", "seed": "1"})
        assert refused.status_code == 409
        assert "Why it cannot be done" in refused.text
        assert "Works for Institute, the lead of this application." in refused.text
        chinese = (await http.post(here, data={"cap": "4", "seed": "1"}, headers={"Accept-Language": "zh-CN"})).text
        assert "任职于Institute，该单位是本申报的牵头单位。" in chinese
        assert "Works for" not in chinese
        assert (await http.post(here, data={"cap": "x", "seed": "1"})).status_code == 422
        await world.expert("Guo")
        assert (await http.post(here, data={"cap": "4", "seed": "1"})).status_code == 303
        shown = (await http.get(here)).text
    for text in ("Invited", "Conflict", "Works for Institute", "2 reviews are spread over 2 experts."):
        assert text in shown
    async with world.browser(world.institute) as http:
        assert (await http.get(here)).status_code == 403
