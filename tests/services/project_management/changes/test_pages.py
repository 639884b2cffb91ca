"""Changes on pages: one form a kind, the diff before the answer."""

from tests.kit.platform import Running
from tests.services.project_management.claims.test_api import spending
from tests.services.project_management.world import API


async def test_a_change_is_asked_for_and_agreed_to_on_pages(projects: Running) -> None:
    world, address = await spending(projects)
    here = address.replace(API, "/projects")
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        assert "Ask for a change" in (await lead.get(f"{here}/changes")).text
        for kind, word in {
            "time": "New day",
            "scope": "New title",
            "budget": "The whole budget as it shall be",
            "people": "Everybody who works in the project",
            "partner": "Partners that leave",
        }.items():
            shown = await lead.get(f"{here}/changes/new", params={"kind": kind})
            assert (shown.status_code, word in shown.text) == (200, True), kind
        empty = await lead.post(f"{here}/changes/new", data={"kind": "time", "reason": "Late."})
        assert empty.status_code == 422
        assert "Nothing would change" in empty.text
        form = {"kind": "time", "reason": "Late.", "milestones-0-number": "1", "milestones-0-due_on": "2027-09-30"}
        made = await lead.post(f"{here}/changes/new", data=form)
        assert made.status_code == 303, made.text
        at = made.headers["location"]
        judged = (await office.get(at)).text
        assert "Milestones › 1 › Due" in judged
        assert "<del>30 Jun 2027</del> <ins>30 Sept 2027</ins>" in judged
        assert (await office.post(f"{at}/refusal", data={"version": "1", "reason": ""})).status_code == 422
        assert (await office.post(f"{at}/approval", data={"version": "1"})).status_code == 303
        assert "Agreed" in (await lead.get(at)).text
        chinese = await lead.get(at, params={"lang": "zh"}, follow_redirects=True)
        assert "变化内容" in chinese.text
        assert "已同意" in chinese.text
