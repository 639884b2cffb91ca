"""An evaluation on pages: report, panel with those too close, sheets, and a decision whose effects are said before."""

from tests.kit.platform import Running
from tests.services.project_management.evaluations.test_api import delivered, free, members
from tests.services.project_management.world import API, World


async def judge(world: World, number: int) -> None:
    async with world.browser(members(world)[number]) as expert:
        listed = (await expert.get("/projects/evaluation-sheets")).text
        assert "Mid-term review" not in listed
        here = f"/projects/evaluation-sheets/{listed.split('/projects/evaluation-sheets/')[1].split(chr(34))[0]}"
        shown = (await expert.get(here)).text
        assert "Two alloys." in shown
        assert "Indicators reached, against the task book" in shown
        half = {"version": "1", "indicators": "9", "to_lead": "Publish the raw data."}
        lacking = await expert.post(f"{here}/handing-in", data=half)
        assert lacking.status_code == 422
        assert "Publish the raw data." in lacking.text, "what was typed is kept"
        assert lacking.text.count("Give a score from 0 to 10.") == 6, "each at its criterion, and on top"
        high = await expert.post(f"{here}/handing-in", data=half | {"use": "11", "results": "9", "money": "1"})
        assert (high.status_code, 'id="f-use-error"' in high.text) == (422, True), "not at a place in a list"
        assert 'data-confirm="A sheet that is handed in cannot be changed.' in high.text
        sent = await expert.post(f"{here}/handing-in", data=half | {"results": "9.5", "use": "9", "money": "10"})
        assert sent.status_code == 303, sent.text
        assert "Publish the raw data." in (await expert.get(here)).text


async def test_a_completion_review_goes_its_way_on_pages(projects: Running) -> None:
    world, address = await delivered(projects)
    here = address.replace(API, "/projects")
    async with world.browser(world.officer) as office, world.browser(world.institute) as lead:
        page = (await office.get(here)).text
        assert "Reviews and follow-ups" in page
        assert "Nothing is registered or released for it yet." in page
        assert "Leads the team" in page
        assert "Open a review" not in (await lead.get(f"{here}/evaluations")).text
        assert "Completion review" in (await office.get(f"{here}/evaluations")).text
        assert (await office.post(f"{here}/evaluations", data={"kind": ""})).status_code == 422
        made = await office.post(f"{here}/evaluations", data={"kind": "completion"})
        assert made.status_code == 303, made.text
        again = await office.post(f"{here}/evaluations", data={"kind": "completion"})
        assert again.status_code == 409
        (row,) = await projects.rows("SELECT id FROM evaluations")
        one = f"/projects/evaluations/{row['id']}"
        assert "Hand in the report" in (await lead.get(one)).text
        report = {
            "version": "1",
            "indicators-0-number": "1",
            "indicators-0-reached": "full",
            "indicators-1-number": "2",
            "indicators-1-reached": "full",
            "outputs-0-title": "Fatigue",
            "outputs-0-reference": "doi:10.1000/182",
        }
        assert (await lead.post(f"{one}/report", data=report)).status_code == 422
        sent = await lead.post(f"{one}/report", data=report | {"report": "Two alloys."})
        assert sent.status_code == 303, sent.text
        choose = (await office.get(one)).text
        assert "Works for Institute, the lead of this application." in choose
        asked = await office.post(f"{one}/panel", data={"version": "2", "expert_ids": free(world)[:3]})
        assert asked.status_code == 303, asked.text
        for number in range(3):
            await judge(world, number)
        decision = (await office.get(one)).text
        assert "The team may apply for 2 more than a call&#39;s limits allow." in decision
        assert "What the rule proposes" in decision
        assert "Guo" not in (await lead.get(one)).text
        assert (await office.post(f"{one}/decision", data={"version": "4", "grade": "excellent"})).status_code == 422
        graded = {"version": "4", "grade": "excellent", "reason": "As the panel says."}
        assert (await office.post(f"{one}/decision", data=graded)).status_code == 303
        assert "Completed" in (await lead.get(here)).text
        follow = (await lead.get(f"{here}/evaluations")).text
        assert "After one year" in follow
        assert "After 3 years" in follow
        (first, _) = await projects.rows("SELECT id, version FROM follow_ups ORDER BY years")
        bare = {"version": "1", "income-amount": "0", "income-currency": "CNY", "jobs": "2"}
        wrong = await lead.post(f"/projects/follow-ups/{first['id']}/answer", data=bare)
        assert wrong.status_code == 422
        told = await lead.post(f"/projects/follow-ups/{first['id']}/answer", data=bare | {"said": "Two jobs."})
        assert told.status_code == 303, told.text
        assert "Two jobs." in (await lead.get(here)).text
        for path, word in ((one, "专家组意见"), (f"{here}/evaluations", "结题一年后")):
            chinese = (await lead.get(path, params={"lang": "zh"}, follow_redirects=True)).text
            assert "结题评价" in chinese
            assert word in chinese
