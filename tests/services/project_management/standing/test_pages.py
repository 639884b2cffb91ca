"""The ledger on pages, in both languages."""

from tests.kit.platform import Running
from tests.services.project_management.standing.test_api import CHEN
from tests.services.project_management.world import World

NO_FILE = {"file": ("", b"", "application/octet-stream")}
"""What a browser sends for a file field that is left empty."""


async def test_an_entry_goes_its_way_on_pages(projects: Running) -> None:
    world = await World(projects).open()
    async with (
        world.browser(world.officer) as office,
        world.browser(world.institute) as subject,
        world.browser(CHEN) as chen,
    ):
        empty = (await subject.get("/projects/standing")).text
        assert "Nothing stands in the ledger that concerns you." in empty
        assert "Propose an entry" not in empty
        form = (await office.get("/projects/standing/new")).text
        assert "The team may apply for 2 more than a call&#39;s limits allow." in form
        bare = {"kind": "misused_funds", "reason": "Bought a car."}
        wrong = await office.post("/projects/standing/new", data=bare, files=NO_FILE)
        assert wrong.status_code == 422
        assert "Bought a car." in wrong.text
        fields = {
            "kind": "misused_funds",
            "reason": "Bought a car.",
            "subject_id": str(world.institute.organisation_id),
            "project_id": "",
        }
        made = await office.post("/projects/standing/new", data=fields, files=NO_FILE)
        assert made.status_code == 303, made.text
        here = made.headers["location"]
        assert (await subject.get(here)).status_code == 404
        shown = (await office.get(here)).text
        assert "Exclusion: it takes part in no application" in shown
        assert "Put in force" not in shown
        assert (await office.post(f"{here}/notice", data={"version": "1", "days": "99"})).status_code == 422
        assert (await office.post(f"{here}/notice", data={"version": "1", "days": ""})).status_code == 303
        assert "The subject may answer until" in (await office.get(here)).text
        assert "Answer the notice" in (await subject.get(here)).text
        assert (await subject.post(f"{here}/answer", data={"version": "2", "text": ""})).status_code == 422
        sent = await subject.post(f"{here}/answer", data={"version": "2", "text": "It was a van."})
        assert sent.status_code == 303, sent.text
        assert "It was a van." in (await office.get(here)).text
        assert (await office.post(f"{here}/enforcement", data={"version": "3"})).status_code == 303
        assert "until" in (await chen.get("/projects/exclusions")).text
        assert "Institute" in (await chen.get("/projects/exclusions")).text
        told = (await subject.get("/projects/standing")).text
        assert "Counts until" in told
        assert (
            await subject.post(f"{here}/appeal", data={"version": "4", "text": "A van is no car."})
        ).status_code == 303
        assert "Decide the appeal" not in (await office.get(here)).text
        assert "Decide the appeal" in (await chen.get(here)).text
        ruling = {"version": "5", "decision": "uphold", "reason": "A van carries people too."}
        assert (await chen.post(f"{here}/ruling", data=ruling)).status_code == 303
        chinese = (await subject.get(here, params={"lang": "zh"}, follow_redirects=True)).text
        assert "申诉裁决：维持" in chinese
        assert "项目经费使用不当" in chinese
        assert "取消资格：记录生效期间不得参与任何申报。" in chinese
