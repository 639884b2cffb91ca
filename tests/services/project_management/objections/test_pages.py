"""Decision, public notice and objections on pages, in both languages."""

from tests.kit.platform import Running
from tests.services.project_management.objections.test_api import ANYBODY, CHEN, HE, noticed_world
from tests.services.project_management.world import API

CHINESE = {"Accept-Language": "zh-CN"}


async def test_a_list_is_returned_signed_shown_objected_to_and_answered_on_pages(projects: Running) -> None:
    world = await noticed_world(projects)
    here = f"/projects/calls/{world.call_id}"
    async with (
        world.browser(world.officer) as office,
        world.browser(CHEN) as chen,
        world.browser(HE) as he,
        world.browser(ANYBODY) as anybody,
        world.browser(world.university) as applicant,
        projects.client() as visitor,
    ):
        ranking = (await office.get(f"{here}/ranking")).text
        assert "What was put forward. It waits for approval and is not final." in ranking
        assert "Decided</span>" not in ranking
        assert "What was decided." not in ranking
        shown = (await office.get(f"{here}/decision")).text
        assert "Waits for approval" in shown
        assert "Approve the decision</button>" not in shown
        assert "Approve the decision" in (await chen.get(f"{here}/decision")).text
        wrong = await chen.post(f"{here}/decision/return", data={"version": "9", "reason": "Why the first?"})
        assert (wrong.status_code, "Why the first?" in wrong.text) == (412, True)
        assert (await chen.post(f"{here}/decision/return", data={"reason": "Why the first?"})).status_code == 303
        returned = (await office.get(f"{here}/ranking")).text
        assert "Why the first?" in returned
        assert "The list was returned. Below is what the rule proposes now." in returned
        assert "/notice" not in (await applicant.get(f"/projects/applications/{world.applications[1]}")).text
        again = await office.post(f"{here}/decision", data={"reason": "It promises more.", "scores": "raw"})
        assert again.headers["location"].split("?")[0].endswith("/decision")
        assert (await chen.post(f"{here}/decision/approval", data={"note": "Good."})).status_code == 303
        assert "What is shown in public notice. It is not final yet." in (await office.get(f"{here}/ranking")).text
        assert "已列入公示" in (await office.get(f"{here}/ranking", headers=CHINESE)).text
        told = (await applicant.get(f"/projects/applications/{world.applications[1]}")).text
        assert "is in public notice until" in told
        assert f'href="{here}/notice"' in told
        public = (await visitor.get(f"{here}/notice")).text
        assert "Sign in to object" in public
        assert "First" in public
        assert "拟立项" in (await visitor.get(f"{here}/notice?lang=zh", follow_redirects=True)).text
        bad = await anybody.post(f"{here}/objections", data={"reason": "Published before.", "evidence": ""})
        assert (bad.status_code, "Published before." in bad.text) == (422, True)
        lodged = await anybody.post(f"{here}/objections", data={"reason": "Published before.", "evidence": "2024."})
        assert lodged.status_code == 303
        assert "Published before." in (await anybody.get(f"{here}/notice")).text
        assert "Published before." not in (await visitor.get(f"{here}/notice")).text
        assert "Published before." in (await office.get(f"{here}/objections")).text
        (row,) = await projects.rows("SELECT id FROM objections")
        at = f"/projects/objections/{row['id']}"
        why = (await office.get(at)).text
        assert "You proposed or approved the decision" in why
        assert "Another coordinator or programme officer who had no hand in it can answer" in why
        assert "Answer the objection" in (await he.get(at)).text
        assert (
            await he.post(f"{at}/answer", data={"decision": "reject", "answer": "Another alloy."})
        ).status_code == 303
        told = (await anybody.get(at)).text
        assert "Another alloy." in told
        assert HE.subject not in told
        assert (await he.get(f"{API}/calls/{world.call_id}/objections")).json()["items"][0]["state"] == "rejected"
