"""Projects and milestones on pages."""

import re

from tests.kit.platform import Running
from tests.services.project_management.world import World


async def test_a_task_book_is_drawn_up_and_signed_on_pages(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    new = f"/projects/projects/new?application_id={world.applications[0]}"
    book = {
        "starts_on": "2027-01-01",
        "ends_on": "2028-12-31",
        "milestones-0-title": "Melt",
        "milestones-0-due_on": "2027-06-30",
        "milestones-0-tranche-amount": "200000",
        "milestones-0-tranche-currency": "CNY",
    }
    async with world.browser(world.officer) as http:
        assert "CNY 600,000" in (await http.get(new)).text
        short = await http.post(new, data=book)
        assert short.status_code == 422
        assert "The tranches add up to 200,000.00" in short.text
        assert "Melt" in short.text
        made = await http.post(new, data=book | {"milestones-0-tranche-amount": "600,000"})
        assert made.status_code == 303, made.text
        here = made.headers["location"]
        assert "The project starts when both sides have signed" in (await http.get(here)).text
        assert (await http.post(f"{here}/signatures", data={"version": "1", "side": "office"})).status_code == 303
        assert (await http.get(new)).headers["location"] == here
    (agreement,) = await projects.rows("SELECT id FROM agreements")
    await world.agree_rights(str(agreement["id"]))
    async with world.browser(world.institute) as http:
        stale = await http.post(f"{here}/signatures", data={"version": "1"})
        assert stale.status_code == 412
        assert (await http.post(f"{here}/signatures", data={"version": "2", "side": "lead"})).status_code == 303
        assert "Running" in (await http.get(here)).text


async def test_evidence_is_uploaded_returned_and_accepted_on_pages(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    here = f"/projects/milestones/{project['milestones'][0]['id']}"
    file = {"file": ("report.txt", b"Measured strength of 30 samples: 512 MPa.\n", "text/plain")}
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        assert "Show that it is reached" in (await lead.get(here)).text
        empty = await lead.post(f"{here}/evidence", data={"version": "1", "note": "Kept words"}, files={"x": b""})
        assert empty.status_code == 422
        assert "Kept words" in empty.text
        sent = await lead.post(f"{here}/evidence", data={"version": "1", "note": "Report."}, files=file)
        assert sent.status_code == 303, sent.text
        judged = (await office.get(here)).text
        assert "Accept the milestone" in judged
        link = re.search(r'href="(/projects/api/v1/documents/[0-9a-f-]{36}/content)"', judged)
        assert link
        assert (await office.get(link[1])).content.startswith(b"Measured strength")
        assert (await office.post(f"{here}/return", data={"version": "2", "reason": "Sign it."})).status_code == 303
        assert "Sign it." in (await lead.get(here)).text
        assert (await lead.post(f"{here}/evidence", data={"version": "3"}, files=file)).status_code == 303
        assert (await office.post(f"{here}/acceptance", data={"version": "4", "note": "Good."})).status_code == 303
        shown = (await office.get(f"/projects/projects/{project['id']}")).text
        assert "1 of 2 milestones are accepted." in shown
        assert "CNY 200,000" in shown
    async with world.browser(await world.expert("Ma")) as http:
        assert (await http.get(link[1])).status_code == 404


async def test_every_page_from_review_to_milestone_speaks_chinese(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    (review,) = await projects.rows("SELECT id FROM reviews ORDER BY id LIMIT 1")
    (award,) = await projects.rows("SELECT id FROM awards ORDER BY rank LIMIT 1")
    words = {
        "/projects/reviews": "评审",
        f"/projects/reviews/{review['id']}": "给申报单位的意见",
        f"/projects/calls/{world.call_id}/assignment": "评审分工",
        f"/projects/calls/{world.call_id}/ranking": "平均分",
        "/projects/awards": "予以立项",
        f"/projects/awards/{award['id']}": "评审专家匿名",
        "/projects/projects": "在研",
        f"/projects/projects/{project['id']}": "任务书已签署",
        f"/projects/milestones/{project['milestones'][0]['id']}": "分期拨款",
    }
    async with projects.work(world.officer) as work:
        await work.execute("UPDATE calls SET title_zh = '支线飞机轻合金'")
    named = (
        "/awards",
        f"/awards/{award['id']}",
        f"/reviews/{review['id']}",
        f"/projects/{project['id']}",
        "/milestones/",
    )
    async with world.browser(world.officer) as http:
        for path, word in words.items():
            shown = await http.get(path, params={"lang": "zh"}, follow_redirects=True)
            assert (shown.status_code, word in shown.text) == (200, True), path
            if path.removeprefix("/projects").startswith(named):
                assert "支线飞机轻合金" in shown.text, f"the call by its Chinese name on {path}"
