"""A project ends before it is delivered, over the routes and on its page."""

from typing import Any
from uuid import UUID

import pytest

from shared.contracts.project_delivery import MilestoneEnded, ProjectTerminated, RightsEnded
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.claims.test_api import BUDGET, claim, item
from tests.services.project_management.delivery.test_api import book, document
from tests.services.project_management.lapses.test_actions import on
from tests.services.project_management.world import ANY, API, World

WHY = {"reason": "The furnace cannot be had any more."}


async def open_tasks(projects: Running) -> list[str]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    kinds = [one["data"]["kind"] for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    return sorted(one for one in kinds if one.split(".")[0] in ("termination", "milestone", "project", "rights"))


async def proposed(world: World, project: dict[str, Any], who: Any, way: str = "agreement", **more: Any) -> str:
    async with world.projects.client(who) as http:
        body = WHY | {"way": way} | more
        made = await http.post(f"{API}/projects/{project['id']}/terminations", json=body)
        assert made.status_code == 201, made.text
        return str(made.headers["location"])


async def test_both_sides_agree_and_the_money_is_settled(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project(budget=BUDGET)
    here, first = f"{API}/projects/{project['id']}", f"{API}/milestones/{project['milestones'][0]['id']}"
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        shown = {"document_id": await document(projects, world.institute)}
        await lead.post(f"{first}/evidence", json=shown, headers=ANY)
        await office.post(f"{first}/acceptance", json={}, headers=ANY)
        await office.post(f"{first}/tranche", headers=ANY)
        spent = (await claim(lead, here, item("150000.00"))).json()
        asked = {"kind": "time", "reason": "Later.", "ends_on": "2029-06-30", "milestones": []}
        assert (await lead.post(f"{here}/changes", json=asked)).status_code == 201
        early = await office.post(f"{here}/terminations", json=WHY | {"way": "office"})
        assert (early.status_code, early.json()["code"]) == (409, "no-ground")
        evidence = [await document(projects, world.institute)]
        one = await proposed(world, project, world.institute, document_ids=evidence)
        twice = await office.post(f"{here}/terminations", json=WHY | {"way": "agreement"})
        assert (twice.status_code, twice.json()["code"]) == (409, "termination-open")
        assert (await lead.post(f"{one}/agreement", json=WHY, headers=ANY)).json()["code"] == "own-proposal"
        assert "Agree to end it" in (await office.get(f"{here}/termination".replace("/api/v1", ""))).text
        agreed = await office.post(f"{one}/agreement", json={"reason": "So be it."}, headers=ANY)
        assert (agreed.json()["state"], [e["id"] for e in agreed.json()["evidence"]]) == ("ended", evidence)
        assert (await lead.get(here)).json()["state"] == "terminated"
        assert [m["state"] for m in (await lead.get(here)).json()["milestones"]] == ["accepted", "undelivered"]
        waits = await office.post(f"{one}/settlement", headers=ANY)
        assert (waits.status_code, waits.json()["code"]) == (409, "claims-open")
        spent_here = f"{API}/claims/{spent['id']}"
        back = await office.post(f"{spent_here}/return", json={"reason": "No receipt."}, headers=ANY)
        assert back.status_code == 200, back.text
        waits = await office.post(f"{one}/settlement", headers=ANY)
        assert (waits.status_code, waits.json()["code"]) == (409, "claims-open")
        again = await lead.put(spent_here, json={"items": [item("150000.00")]}, headers=ANY)
        assert again.status_code == 200, again.text
        assert (await office.post(f"{spent_here}/approval", json={}, headers=ANY)).status_code == 200
        settled = (await office.post(f"{one}/settlement", headers=ANY)).json()
        assert (settled["state"], settled["trace"]["result"]["pay_back"]) == ("settled", "50000.00")
        (to_clear,) = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "termination.clear"]
        assert to_clear["data"]["except_for"] == [world.officer.subject]
        own = await office.post(f"{one}/clearance", json={"reference": "Transfer 7"}, headers=ANY)
        assert (own.status_code, own.json()["code"]) == (409, "own-settlement")
        here_page = (await office.get(f"{here}/termination".replace("/api/v1", ""))).text
        assert "Another officer of your office records the payment." in here_page
        wu = someone(Role.FINANCE_OFFICER, organisation_id=world.officer.organisation_id)
        async with projects.client(wu) as other:
            closed = await other.post(f"{one}/clearance", json={"reference": "Transfer 7"}, headers=ANY)
        assert closed.json()["state"] == "closed"
        page = (await lead.get(f"{here}/termination".replace("/api/v1", ""))).text
        assert "Transfer 7" in page
        assert "So be it." in page
        late = await lead.put(spent_here, json={"items": [item("1.00")]}, headers=ANY)
        assert late.status_code == 409
        offers = await projects.rows("SELECT offers_due FROM decisions")
        assert offers == [{"offers_due": True}]
    assert await open_tasks(projects) == []
    (fact,) = await projects.said(ProjectTerminated)
    assert fact["data"]["reason"] == WHY["reason"]
    assert len(await projects.said(MilestoneEnded)) == 1
    assert [one["state"] for one in await projects.rows("SELECT state FROM project_changes")] == ["withdrawn"]
    assert [one["years"] for one in await projects.rows("SELECT years FROM follow_ups")] == [1]
    (agreement,) = await projects.rows("SELECT state, in_force FROM agreements")
    assert agreement == {"state": "agreed", "in_force": 1}
    assert await projects.rows("SELECT 1 FROM projects WHERE completed_at IS NOT NULL") == []


async def test_the_office_ends_a_project_that_is_three_months_late_after_the_leads_answer(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open()
    project = await world.project()
    here = f"{API}/projects/{project['id']}"
    await on(projects, monkeypatch, "2027-10-30")
    assert "project.review" in await open_tasks(projects)
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        assert (await lead.post(f"{here}/continuation", json=WHY)).status_code == 403
        kept = await office.post(f"{here}/continuation", json={"reason": "The furnace comes in May."})
        assert kept.json()["state"] == "kept"
        assert "project.review" not in await open_tasks(projects)
        await on(projects, monkeypatch, "2027-11-30")
        assert "project.review" not in await open_tasks(projects), "it is not asked again for the same day"
        one = await proposed(world, project, world.officer, "office")
        assert (await office.post(f"{one}/withdrawal", json=WHY, headers=ANY)).status_code == 200
        one = await proposed(world, project, world.officer, "office", rights="ends")
        early = await office.post(f"{one}/decision", json=WHY, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "still-time-to-answer")
        wrong = await lead.post(f"{one}/agreement", json=WHY, headers=ANY)
        assert (wrong.status_code, wrong.json()["code"]) == (409, "termination-not-ready")
        assert (await lead.post(f"{one}/answer", json={"reason": "It is here."}, headers=ANY)).status_code == 200
        ended = await office.post(f"{one}/decision", json={"reason": "Too late."}, headers=ANY)
        assert ended.json()["state"] == "ended"
        settled = await office.post(f"{one}/settlement", headers=ANY)
        assert settled.json()["state"] == "closed", "nothing was paid, so nothing is left to do"
        (entry,) = [e for e in (await office.get(f"{API}/standing")).json()["items"] if e["kind"] == "project_ended"]
        assert (entry["subject_kind"], entry["state"]) == ("team", "proposed")
    await on(projects, monkeypatch, "2027-12-01")
    assert await open_tasks(projects) == []
    assert await projects.rows("SELECT 1 FROM follow_ups") == []
    (agreement,) = await projects.rows("SELECT state, in_force FROM agreements")
    assert agreement == {"state": "ended", "in_force": None}
    assert len(await projects.said(RightsEnded)) == 1


async def test_an_award_whose_task_book_nobody_wants_to_sign_ends_by_agreement(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.officer) as office, projects.client(world.institute) as lead:
        project = (await office.post(f"{API}/projects", json=book(world))).json()
        one = await proposed(world, project, world.institute)
        refused = await office.post(f"{one}/refusal", json={"reason": "Think again."}, headers=ANY)
        assert refused.json()["state"] == "refused"
        one = await proposed(world, project, world.officer)
        assert (await lead.post(f"{one}/withdrawal", json=WHY, headers=ANY)).json()["code"] == "own-proposal"
        assert (await lead.post(f"{one}/agreement", json=WHY, headers=ANY)).json()["state"] == "ended"
        assert (await office.post(f"{one}/settlement", headers=ANY)).json()["state"] == "closed"
        signed = await lead.post(f"{API}/projects/{project['id']}/signatures", json={}, headers=ANY)
        assert signed.status_code == 409
    assert await open_tasks(projects) == []


async def test_a_project_that_was_not_delivered_in_time_is_graded_fail(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    here = f"{API}/projects/{project['id']}"
    async with projects.client(world.officer) as office:
        early = await office.post(f"{here}/evaluations", json={"kind": "completion"})
        assert (early.status_code, early.json()["code"]) == (409, "project-not-ready")
        async with projects.work(system_actor("projects")) as work:
            await work.execute("UPDATE projects SET starts_on = '2020-01-01', ends_on = '2021-01-01'")
        made = await office.post(f"{here}/evaluations", json={"kind": "completion"})
        assert made.status_code == 201
        async with projects.work(system_actor("projects")) as work:
            await work.execute(
                "UPDATE evaluations SET state = 'judged', trace = %(trace)s::jsonb",
                {"trace": '{"result": {"grade": "fail"}}'},
            )
        good = await office.post(f"{here}/completion", json={"grade": "good", "reason": "Nearly."}, headers=ANY)
        assert (good.status_code, good.json()["code"]) == (409, "project-not-ready")
        done = await office.post(f"{here}/completion", json={"grade": "fail", "reason": "Not there."}, headers=ANY)
        assert (done.json()["state"], done.json()["grade"]) == ("completed", "fail")
        assert {one["state"] for one in done.json()["milestones"]} == {"undelivered"}
    assert [kind for kind in await open_tasks(projects) if kind.startswith("milestone")] == []
    assert UUID(project["id"])
