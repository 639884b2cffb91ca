"""The evidence on its page, and the forms under it."""

from tests.services.project_management.duplicates.conftest import LI, SUN, Scene


async def test_evidence_is_marked_judged_and_explained_on_pages(scene: Scene) -> None:
    here = f"/projects/applications/{scene.second}"
    browser = {"Origin": "http://test"}
    async with scene.projects.client(LI) as office, scene.projects.client(SUN) as lead:
        office.headers.update(browser)
        lead.headers.update(browser)
        assert f"{here}/duplicates" in (await office.get(here)).text
        shown = (await office.get(f"{here}/duplicates")).text
        assert "<mark>" in shown
        assert "Plates for seats" in shown
        assert "City plan" not in shown
        own = (await lead.get(f"{here}/duplicates")).text
        assert "Magnesium plates" in own
        assert "Plates for seats" not in own
        assert "To be looked at" in shown
        assert "To be looked at" not in own
        assert "of the shorter text stands in both" in own
        async with scene.projects.work(LI) as work:
            await work.execute("UPDATE calls SET state = 'deciding' WHERE id = %(id)s", {"id": scene.call_id})
        ranking = await office.get(f"/projects/calls/{scene.call_id}/ranking")
        assert "Likeness to be looked at" in ranking.text
        refused = await office.post(f"{here}/verdict", data={"verdict": "overlap", "reason": "The melt."})
        assert (refused.status_code, "Say what the lead is to explain." in refused.text) == (422, True)
        form = {"verdict": "overlap", "reason": "The melt.", "question": "What is new?", "version": "1"}
        assert (await office.post(f"{here}/verdict", data=form)).status_code == 303
        assert "What is new?" in (await lead.get(f"{here}/duplicates")).text
        assert (await lead.post(f"{here}/explanation", data={"explanation": ""})).status_code == 422
        told = await lead.post(f"{here}/explanation", data={"explanation": "The rolling.", "version": "2"})
        assert told.status_code == 303, told.text
        assert (await office.post(f"{here}/duplicates", data={})).status_code == 303
        again = await office.get(f"{here}/duplicates", params={"lang": "zh"}, follow_redirects=True)
        assert "需人工查看" in again.text
        assert "The rolling." in again.text
