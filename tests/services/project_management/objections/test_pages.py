"""Decision, public notice and objections on pages, in both languages."""

from tests.kit.platform import Running
from tests.services.project_management.objections.test_api import ANYBODY, CHEN, HE, noticed_world
from tests.services.project_management.world import API


async def test_a_list_is_returned_signed_shown_objected_to_and_answered_on_pages(projects: Running) -> None:
    world = await noticed_world(projects)
    here = f"/projects/calls/{world.call_id}"
    async with (
        world.browser(world.officer) as office,
        world.browser(CHEN) as chen,
        world.browser(HE) as he,
        world.browser(ANYBODY) as anybody,
        projects.client() as visitor,
    ):
        assert "not final yet" in (await office.get(f"{here}/ranking")).text
        shown = (await office.get(f"{here}/decision")).text
        assert "Waits for approval" in shown
        assert "Approve the decision</button>" not in shown
        assert "Approve the decision" in (await chen.get(f"{here}/decision")).text
        wrong = await chen.post(f"{here}/decision/return", data={"version": "9", "reason": "Why the first?"})
        assert (wrong.status_code, "Why the first?" in wrong.text) == (412, True)
        assert (await chen.post(f"{here}/decision/return", data={"reason": "Why the first?"})).status_code == 303
        assert "Why the first?" in (await office.get(f"{here}/ranking")).text
        again = await office.post(f"{here}/decision", data={"reason": "It promises more.", "scores": "raw"})
        assert again.headers["location"].split("?")[0].endswith("/decision")
        assert (await chen.post(f"{here}/decision/approval", data={"note": "Good."})).status_code == 303
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
        assert "You proposed or approved the decision" in (await office.get(at)).text
        assert "Answer the objection" in (await he.get(at)).text
        assert (
            await he.post(f"{at}/answer", data={"decision": "reject", "answer": "Another alloy."})
        ).status_code == 303
        told = (await anybody.get(at)).text
        assert "Another alloy." in told
        assert HE.subject not in told
        assert (await he.get(f"{API}/calls/{world.call_id}/objections")).json()["items"][0]["state"] == "rejected"
