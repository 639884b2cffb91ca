"""A task book is returned, worded anew, signed and read, over the routes and on pages."""

from shared.contracts.project_delivery import TaskBookReturned
from shared.contracts.projects import TaskAssigned, TaskBookDrafted, TaskDone
from tests.kit.platform import Running
from tests.services.project_management.delivery.test_api import book
from tests.services.project_management.world import ANY, API, World


async def open_tasks(projects: Running) -> list[str]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    kinds = [one["data"]["kind"] for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    return sorted(one for one in kinds if one.startswith("project."))


async def test_a_task_book_is_returned_worded_anew_and_read_in_every_version(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.officer) as office, projects.client(world.institute) as lead:
        project = (await office.post(f"{API}/projects", json=book(world))).json()
        here = f"{API}/projects/{project['id']}"
        await world.agree_rights(project["agreement"]["id"])
        assert (await office.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 200
        async with projects.client(world.university) as partner:
            assert (await partner.post(f"{here}/return", json={"reason": "x"}, headers=ANY)).status_code == 404
        back = await lead.post(f"{here}/return", json={"reason": "Two milestones."}, headers=ANY)
        assert (back.json()["state"], back.json()["signatures"]) == ("returned", []), "the signature fell"
        assert await open_tasks(projects) == ["project.correct"]
        assert (await lead.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 409
        form = (await office.get(f"{here}/task-book/edit".replace("/api/v1", ""))).text
        assert "Two milestones." in form
        assert "2027-06-30" in form
        wanted = {name: value for name, value in book(world).items() if name != "application_id"}
        short = wanted | {"milestones": [wanted["milestones"][0] | {"tranche": {"amount": "1.00"}}]}
        wrong = await office.put(f"{here}/task-book", json=short, headers=ANY)
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/milestones")
        two = [
            {"title": title, "due_on": f"2027-0{n}-30", "tranche": {"amount": "300000.00"}}
            for n, title in ((6, "Melt"), (9, "Test"))
        ]
        anew = await office.put(f"{here}/task-book", json=wanted | {"milestones": two}, headers=ANY)
        assert (anew.json()["state"], [m["title"] for m in anew.json()["milestones"]]) == ("drafted", ["Melt", "Test"])
        assert await open_tasks(projects) == ["project.sign", "project.sign"]
        same = await lead.put(f"{here}/task-book", json=wanted | {"milestones": two}, headers=ANY)
        assert (same.status_code, same.json()["code"]) == (409, "nothing-differs")
        for side in (office, lead):
            assert (await side.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 200
        late = await lead.put(f"{here}/task-book", json=wanted, headers=ANY)
        assert (late.status_code, late.json()["code"]) == (409, "project-not-ready")
        known = (await lead.get(f"{here}/task-books")).json()
        assert [(one["number"], one["standing"]) for one in known["items"]] == [(1, "signed")]
        assert [(one["number"], one["standing"], one["reason"]) for one in known["drafts"]] == [
            (1, "former", "Two milestones.")
        ]
        signed = (await lead.get(f"{here}/task-books/1")).json()
        assert signed["sha256"] == anew.json()["sha256"] == known["items"][0]["sha256"]
        assert [one["title"] for one in signed["content"]["milestones"]] == ["Melt", "Test"]
        former = (await lead.get(f"{here}/task-books/1", params={"draft": "true"})).json()
        assert [one["title"] for one in former["content"]["milestones"]] == ["All"]
        assert (await lead.get(f"{here}/task-books/2")).status_code == 404
        page = f"{here}/task-book".replace("/api/v1", "")
        text = (await lead.get(page)).text
        assert "Signed by both sides" in text
        assert signed["sha256"] in text
        assert "All" in (await lead.get(page, params={"draft": "1"})).text
        edit = await lead.get(f"{page}/edit")
        assert (edit.status_code, edit.headers["location"].split("?")[0]) == (303, page)
    (fact,) = await projects.said(TaskBookReturned)
    assert (fact["data"]["side"], fact["data"]["reason"]) == ("lead", "Two milestones.")
    drafted = await projects.said(TaskBookDrafted)
    assert [one["version"] for one in drafted] == sorted({one["version"] for one in drafted}), (
        "each has its own version"
    )
    assert await open_tasks(projects) == []


async def test_it_is_returned_and_worded_anew_on_pages(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with world.browser(world.officer) as office, world.browser(world.institute) as lead:
        project = (await office.post(f"{API}/projects", json=book(world))).json()
        here = f"/projects/projects/{project['id']}"
        assert "Return the task book" in (await office.get(f"{here}/task-book")).text
        returned = await office.post(f"{here}/return", data={"version": "1", "reason": "Too early."})
        assert returned.status_code == 303
        assert "returned to be corrected" in (await lead.get(here)).text
        form = {
            "version": "2",
            "starts_on": "2027-02-01",
            "ends_on": "2028-12-31",
            "milestones-0-title": "Melt",
            "milestones-0-due_on": "2027-06-30",
            "milestones-0-tranche-amount": "600000",
            "milestones-0-tranche-currency": "CNY",
        }
        stale = await lead.post(f"{here}/task-book/edit", data=form | {"version": "1"})
        assert (stale.status_code, "Melt" in stale.text) == (412, True)
        assert (await lead.post(f"{here}/task-book/edit", data=form)).status_code == 303
        shown = (await office.get(f"{here}/task-book", params={"lang": "zh"}, follow_redirects=True)).text
        assert "待签署" in shown
        assert "2027年2月1日" in shown
