"""The ledger over the routes: notice, answer, force, appeal; who reads what; where the effects act."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.project_management.lapses.actions import watch_milestones
from services.project_management.standing.actions import follow_entries
from shared.contracts.project_delivery import StandingChanged
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import at, pdf
from tests.services.project_management.world import ANY, API, World

CHEN = someone(Role.COORDINATOR, organisation_name="Coordination Office")


async def propose(http: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await http.post(f"{API}/standing", json={"reason": "The report was made up.", **fields})


async def open_tasks(projects: Running) -> list[str]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    tasks = [one for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    return [one["data"]["kind"] for one in tasks if one["data"]["kind"].startswith("standing.")]


async def follow(projects: Running) -> None:
    async with projects.work(system_actor("projects")) as work:
        await follow_entries(work)


async def test_an_exclusion_from_its_notice_to_the_lifted_appeal(projects: Running) -> None:
    world = await World(projects).open()
    institute = world.institute.organisation_id
    document = str(await pdf(projects, world.officer))
    async with (
        projects.client(world.officer) as office,
        projects.client(world.institute) as subject,
        projects.client(CHEN) as chen,
        projects.client(None) as visitor,
    ):
        made = await propose(office, kind="false_statement", subject_id=str(institute), document_id=document)
        assert made.status_code == 201, made.text
        here = made.headers["location"]
        assert made.json()["documents"][0]["filename"] == "plan.pdf"
        assert made.json()["rule"] == "standing.tariff/1 §7"
        assert (await subject.get(here)).status_code == 404, "its subject learns of it with the notice"
        assert (await subject.post(f"{here}/answer", json={"text": "No."}, headers=ANY)).status_code == 404
        assert await open_tasks(projects) == ["standing.judge"]
        early = await office.post(f"{here}/enforcement", json={}, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "entry-not-ready")
        assert (await office.post(f"{here}/notice", json={"days": 4}, headers=ANY)).status_code == 422
        assert (await office.post(f"{here}/notice", json={"days": 10}, headers=ANY)).status_code == 200
        assert await open_tasks(projects) == ["standing.answer"]
        seen = (await subject.get(here)).json()
        assert seen["brings"][0].startswith("Exclusion")
        early = await office.post(f"{here}/enforcement", json={}, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "still-time-to-answer")
        effects = (await subject.get(f"{API}/standing/effects")).json()["organisation"]
        assert (effects["result"]["pending"], effects["result"]["out"]) == (["out"], None)
        assert (await subject.post(f"{here}/answer", json={"text": "It is genuine."}, headers=ANY)).status_code == 200
        twice = await subject.post(f"{here}/answer", json={"text": "Really."}, headers=ANY)
        assert twice.status_code == 409
        assert (await visitor.get(f"{API}/exclusions")).json() == {"items": []}
        forced = await office.post(f"{here}/enforcement", json={"note": "Not shown."}, headers=ANY)
        assert (forced.status_code, forced.json()["state"]) == (200, "in_force")
        assert forced.json()["trace"]["result"]["out"]["rule"] == "standing.tariff/1 §7"
        (excluded,) = (await visitor.get(f"{API}/exclusions")).json()["items"]
        assert excluded == {
            "organisation_id": str(institute),
            "name": "Institute",
            "until": forced.json()["ends_on"],
            "rule": "standing.tariff/1 §7",
        }
        assert await open_tasks(projects) == ["standing.appeal"]
        assert (await subject.post(f"{here}/appeal", json={"text": "A laboratory…"}, headers=ANY)).status_code == 200
        assert await open_tasks(projects) == ["standing.decide"]
        assert (await visitor.get(f"{API}/exclusions")).json()["items"], "it counts until the appeal is decided"
        lifted = {"decision": "lift", "reason": "The laboratory confirms it."}
        assert (await office.post(f"{here}/ruling", json=lifted, headers=ANY)).status_code == 403
        ruled = await chen.post(f"{here}/ruling", json=lifted, headers=ANY)
        assert (ruled.json()["state"], ruled.json()["trace"]["result"]["out"]) == ("lifted", None)
        assert (await subject.post(f"{here}/appeal", json={"text": "Again."}, headers=ANY)).status_code == 409
        assert (await visitor.get(f"{API}/exclusions")).json() == {"items": []}
    facts = [one["data"] for one in await projects.said(StandingChanged)]
    assert [one["now"] for one in facts] == ["proposed", "noticed", "noticed", "in_force", "appealed", "lifted"]
    assert str(institute) not in facts[0]["owners"], "until the notice only the office is told"
    assert str(institute) in facts[1]["owners"]
    assert await open_tasks(projects) == []


async def test_without_an_answer_the_office_goes_on_and_the_clock_ends_it(projects: Running) -> None:
    world = await World(projects).open()
    async with projects.client(world.officer) as office, projects.client(world.institute) as subject:
        made = await propose(office, kind="misused_funds", subject_id=str(world.institute.organisation_id))
        here = made.headers["location"]
        assert (await office.post(f"{here}/notice", json={}, headers=ANY)).status_code == 200
        now = datetime.now(UTC)
        reset = at(projects, now + timedelta(days=16))
        await follow(projects)
        await follow(projects)
        assert await open_tasks(projects) == ["standing.enforce"]
        late = await subject.post(f"{here}/answer", json={"text": "Late."}, headers=ANY)
        assert (late.status_code, late.json()["code"]) == (409, "answer-too-late")
        page = (await subject.get(here.replace("/api/v1", ""), headers={"Accept": "text/html"})).text
        assert "Send the answer" not in page
        assert (await office.post(f"{here}/enforcement", json={}, headers=ANY)).status_code == 200
        reset()
        reset = at(projects, now + timedelta(days=47))
        await follow(projects)
        assert await open_tasks(projects) == []
        late = await subject.post(f"{here}/appeal", json={"text": "Late."}, headers=ANY)
        assert (late.status_code, late.json()["code"]) == (409, "appeal-too-late")
        reset()
        reset = at(projects, now + timedelta(days=1200))
        await follow(projects)
        await follow(projects)
        assert (await subject.get(here)).json()["state"] == "expired"
        reset()
    assert [one["data"]["now"] for one in await projects.said(StandingChanged)][-2:] == ["in_force", "expired"]


async def test_a_reward_of_a_team_comes_from_its_project_and_needs_no_answer(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    async with projects.client(world.officer) as office, projects.client(world.institute) as subject:
        without = await propose(office, kind="result_in_use", subject_id=str(world.institute.organisation_id))
        assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/project_id")
        made = await propose(office, kind="result_in_use", project_id=project["id"], reason="Licensed to three.")
        assert (made.json()["leader_name"], made.json()["evidence"]["id"]) == (world.institute.subject, project["id"])
        here = made.headers["location"]
        await office.post(f"{here}/notice", json={}, headers=ANY)
        needless = await subject.post(f"{here}/answer", json={"text": "Thank you."}, headers=ANY)
        assert (needless.status_code, needless.json()["code"]) == (409, "entry-not-ready")
        assert needless.json()["detail"].startswith("A reward needs no answer")
        forced = await office.post(f"{here}/enforcement", json={}, headers=ANY)
        assert forced.status_code == 200, "a reward needs no answer"
        assert (await subject.post(f"{here}/appeal", json={"text": "Why?"}, headers=ANY)).status_code == 409
        team = (await subject.get(f"{API}/standing/effects")).json()["team"]["result"]
        assert (team["points"], team["more"]) == ("0.20", 1)
        assert await open_tasks(projects) == []


async def test_only_the_concerned_and_the_offices_read_an_entry(projects: Running) -> None:
    world = await World(projects).open()
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    inside = someone(
        Role.PROGRAMME_OFFICER, organisation_id=world.institute.organisation_id, organisation_name="Institute"
    )
    async with projects.client(world.officer) as office:
        made = await propose(office, kind="misused_funds", subject_id=str(world.institute.organisation_id))
        here = made.headers["location"]
        unknown = await propose(office, kind="misused_funds", subject_id=str(world.call_id))
        assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/subject_id")
        assert (await propose(office, kind="misused_funds")).status_code == 422
        assert (await propose(office, kind="misused_funds", project_id=str(world.call_id))).status_code == 404
    async with projects.client(inside) as http:
        assert (await http.get(here)).status_code == 404, "nobody of the office reads a proposal about the own house"
        own = await propose(http, kind="misused_funds", subject_id=str(inside.organisation_id))
        assert own.status_code == 422
    async with projects.client(elsewhere) as http:
        assert (await http.get(here)).status_code == 200
        assert (await http.post(f"{here}/notice", json={}, headers=ANY)).status_code == 404
    async with projects.client(world.officer) as office:
        await office.post(f"{here}/notice", json={}, headers=ANY)
    async with projects.client(world.university) as rival, projects.client(world.institute) as subject:
        assert (await rival.get(here)).status_code == 404
        assert (await rival.get(f"{API}/standing")).json()["items"] == []
        assert len((await subject.get(f"{API}/standing")).json()["items"]) == 1


async def test_whoever_made_an_entry_does_not_decide_its_appeal(projects: Running) -> None:
    world = await World(projects).open()
    both = someone(Role.PROGRAMME_OFFICER, Role.COORDINATOR, organisation_name="Office")
    async with projects.client(both) as office, projects.client(world.institute) as subject:
        made = await propose(office, kind="misused_funds", subject_id=str(world.institute.organisation_id))
        here = made.headers["location"]
        await office.post(f"{here}/notice", json={}, headers=ANY)
        await subject.post(f"{here}/answer", json={"text": "Receipts lie at hand."}, headers=ANY)
        await office.post(f"{here}/enforcement", json={}, headers=ANY)
        await subject.post(f"{here}/appeal", json={"text": "Look at them."}, headers=ANY)
        refused = await office.post(f"{here}/ruling", json={"decision": "uphold", "reason": "I said so."}, headers=ANY)
        assert (refused.status_code, refused.json()["code"]) == (409, "own-entry")


async def test_a_missed_milestone_proposes_an_entry_once(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(projects).open()
    await world.project()
    for day in ("2027-07-30", "2027-07-30", "2027-10-01"):
        moment = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
        monkeypatch.setattr(projects.service.database, "clock", lambda moment=moment: moment)
        async with projects.work(system_actor("projects")) as work:
            await watch_milestones(work)
    monkeypatch.undo()
    async with projects.client(world.officer) as office:
        found = (await office.get(f"{API}/standing")).json()["items"]
        kinds = {one["kind"]: one for one in found}
        assert {kind: one["subject_kind"] for kind, one in kinds.items()} == {
            "missed_milestone": "team",
            "long_delay": "organisation",
        }
        one = (await office.get(f"{API}/standing/{kinds['long_delay']['id']}")).json()
        assert (one["by_rule"], one["evidence"]["kind"]) == ("delivery.lapse/1 §4", "milestone")
        assert "Milestone 1 is 93 days late: “Melt”." in one["reason"]
    assert await open_tasks(projects) == ["standing.judge", "standing.judge"]


async def test_points_stand_in_the_ranking_and_in_the_decision(projects: Running) -> None:
    world = await World(projects).open()
    async with projects.work(system_actor("projects")) as work:
        await work.execute(
            """INSERT INTO standing_entries (id, version, created_at, subject_kind, organisation_id, organisation_name,
                   leader, leader_name, members, kind, tariff, reason, evidence, by_rule, office_id, label, state,
                   proposed_by, noticed_at, answer, note, starts_on, ends_on, appeal, ruling, task_title, task_kind)
               VALUES (gen_random_uuid(), 1, now(), 'team', %(org)s, 'University', %(leader)s, '', '[]',
                   'excellent_completion', 1, 'Well done.', '{}', '', gen_random_uuid(), 'internal', 'in_force', 'x',
                   now(), '', '', current_date - 9, current_date + 9, '', '', '', '')""",
            {"org": world.university.organisation_id, "leader": world.university.subject},
        )
    await world.decided()
    async with projects.client(world.officer) as office:
        ranking = (await office.get(f"{API}/calls/{world.call_id}/ranking")).json()
        assert [(one["title"], one["points"]) for one in ranking["items"]] == [("First", 0.0), ("Second", 0.3)]
        assert ranking["items"][1]["score"] == ranking["items"][1]["mean"] + 0.3
        (line,) = [one for one in ranking["trace"]["clauses"] if one["rule"].endswith(".standing")]
        assert line["reason"] == "“Second”: +0.30 priority points by standing.tariff/1 §1."
        page = (await office.get(f"/projects/calls/{world.call_id}/ranking")).text
        assert "together 7.30" in page
