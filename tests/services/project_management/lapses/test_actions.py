"""The clock over a running project: reminders on the worklist, responses to a delay, payments stopped and freed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.project_management.lapses.actions import watch_milestones
from shared.contracts.project_delivery import MilestoneMissed
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.delivery.test_api import document
from tests.services.project_management.world import ANY, API, World


async def on(projects: Running, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """The clock runs on that day, at noon here."""
    moment = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
    monkeypatch.setattr(projects.service.database, "clock", lambda: moment)
    async with projects.work(system_actor("projects")) as work:
        await watch_milestones(work)
    monkeypatch.undo()


async def open_tasks(projects: Running) -> list[str]:
    done = {one["subject"] for one in await projects.said(TaskDone)}
    tasks: list[dict[str, Any]] = [one["data"] for one in await projects.said(TaskAssigned)]
    kinds = ("milestone.remind", "milestone.explain")
    return [one["title"] for one in tasks if one["kind"] in kinds and str(one["id"]) not in map(str, done)]


async def test_reminders_follow_one_another_on_the_leads_worklist(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open()
    await world.project()
    await on(projects, monkeypatch, "2027-05-30")
    assert await open_tasks(projects) == []
    seen = []
    for day in ("2027-05-31", "2027-05-31", "2027-06-16", "2027-06-23", "2027-06-25", "2027-06-29", "2027-06-30"):
        await on(projects, monkeypatch, day)
        (task,) = await open_tasks(projects)
        seen.append(task)
    assert seen == [
        "Milestone 1 is due in 30 days: “Melt”",
        "Milestone 1 is due in 30 days: “Melt”",
        "Milestone 1 is due in 14 days: “Melt”",
        "Milestone 1 is due in 7 days: “Melt”",
        "Milestone 1 is due in 7 days: “Melt”",
        "Milestone 1 is due tomorrow: “Melt”",
        "Milestone 1 is due tomorrow: “Melt”",
    ]
    assert await projects.said(MilestoneMissed) == []


async def test_a_delay_draws_each_response_once_with_its_rule_and_stops_payments(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open()
    project = await world.project()
    first = f"{API}/milestones/{project['milestones'][0]['id']}"
    for day in ("2027-07-01", "2027-07-01", "2027-07-14", "2027-07-30", "2027-08-15"):
        await on(projects, monkeypatch, day)
    said = [one["data"] for one in await projects.said(MilestoneMissed)]
    assert [(one["grade"], one["response"], one["days_late"]) for one in said] == [
        (1, "notice", 1),
        (2, "explanation", 14),
        (3, "payment_stop", 30),
    ]
    assert said[2]["rule"] == "delivery.lapse/1 §3"
    assert await open_tasks(projects) == ["Explain why milestone 1 is late: “Melt”"]
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        body = (await lead.get(first)).json()
        assert [one["grade"] for one in body["lapses"]] == [1, 2, 3]
        closed = {one["rule"]: one["outcome"] for one in body["gate"]["clauses"]}
        assert closed["delays.none"] == "no"
        page = (await lead.get(first.replace("/api/v1", ""))).text
        assert "Payments stopped" in page
        assert "delivery.lapse/1 §3" in page
        shown = {"document_id": await document(projects, world.institute)}
        assert (await lead.post(f"{first}/evidence", json=shown, headers=ANY)).status_code == 200
        assert (await office.post(f"{first}/acceptance", json={}, headers=ANY)).status_code == 200
        assert (await office.post(f"{first}/tranche", headers=ANY)).status_code == 200
    await on(projects, monkeypatch, "2027-08-16")
    assert await open_tasks(projects) == [], "what is over is cleared from the worklist"


async def told(projects: Running) -> list[tuple[str, str]]:
    """What of delays stands on the office's worklist."""
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    tasks = [one for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    kinds = ("milestone.late", "project.review")
    return [(one["data"]["kind"], one["data"]["title"]) for one in tasks if one["data"]["kind"] in kinds]


async def test_the_office_is_told_of_a_delay_and_asked_at_last_whether_the_project_ends(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open()
    project = await world.project()
    seen = []
    for day in ("2027-07-01", "2027-07-14", "2027-07-30", "2027-09-28", "2027-10-30"):
        await on(projects, monkeypatch, day)
        seen += await told(projects)
    assert seen == [
        ("milestone.late", "Milestone 1 is late: “Melt”"),
        ("milestone.late", "Milestone 1 is late: “Melt”"),
        ("milestone.late", "Payments are stopped, for milestone 1 is a month late: “Melt”"),
        *[("project.review", "Decide whether the project ends: milestone 1 is three months late: “Melt”")] * 2,
    ]
    (task,) = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "project.review"]
    assert task["data"]["organisation_id"] == str(world.officer.organisation_id)
    first = f"{API}/milestones/{project['milestones'][0]['id']}"
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        shown = {"document_id": await document(projects, world.institute)}
        assert (await lead.post(f"{first}/evidence", json=shown, headers=ANY)).status_code == 200
        await on(projects, monkeypatch, "2027-10-31")
        assert await told(projects) == []
        assert (await office.post(f"{first}/return", json={"reason": "Empty."}, headers=ANY)).status_code == 200
    await on(projects, monkeypatch, "2027-11-01")
    assert [kind for kind, _ in await told(projects)] == ["project.review"], "an empty file does not end the question"


async def test_a_clock_that_stood_still_catches_up_at_once(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(projects).open()
    await world.project()
    await on(projects, monkeypatch, "2027-11-01")
    assert [one["data"]["grade"] for one in await projects.said(MilestoneMissed)] == [1, 2, 3, 4]
    assert len(await open_tasks(projects)) == 1


async def test_a_changed_day_begins_anew(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(projects).open()
    project = await world.project()
    await on(projects, monkeypatch, "2027-07-30")
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE milestones SET due_on = '2027-08-15' WHERE number = 1")
    await on(projects, monkeypatch, "2027-08-01")
    assert await open_tasks(projects) == ["Milestone 1 is due in 14 days: “Melt”"]
    async with projects.client(world.institute) as lead:
        body = (await lead.get(f"{API}/milestones/{project['milestones'][0]['id']}")).json()
    assert {one["rule"]: one["outcome"] for one in body["gate"]["clauses"]}["delays.none"] == "yes"
    assert len(body["lapses"]) == 3, "what was said stays on record"
