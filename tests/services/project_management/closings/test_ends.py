"""How a call ends that awards nothing, and how every call is filed away."""

from datetime import UTC, datetime, timedelta

from services.project_management.closings.actions import (
    ARCHIVED_AFTER,
    archive_calls,
    follow_closed_calls,
    follow_empty_calls,
    settle_cancelled_calls,
)
from shared.contracts.project_awards import CallArchived
from shared.contracts.projects import CallCancelled, CallDecided, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.ready import at
from tests.services.project_management.world import ANY, API, World

WHY = {"reason": "Nobody applied."}


async def state(projects: Running) -> str:
    (row,) = await projects.rows("SELECT state FROM calls")
    return str(row["state"])


async def file_away(projects: Running, days: int) -> None:
    reset = at(projects, datetime.now(UTC) + timedelta(days=days))
    async with projects.work(system_actor("projects")) as work:
        await archive_calls(work)
    reset()


async def test_a_call_that_nobody_applied_to_is_closed_without_award_and_filed_away(projects: Running) -> None:
    world = await World(projects).open()
    here = f"{API}/calls/{world.call_id}"
    for _twice in range(2):
        async with projects.work(system_actor("projects")) as work:
            await follow_empty_calls(work)
    (asked,) = await projects.said(TaskAssigned)
    assert (asked["data"]["kind"], asked["data"]["organisation_id"]) == (
        "call.conclude",
        str(world.officer.organisation_id),
    )
    async with world.browser(world.officer) as office:
        page = here.replace("/api/v1", "")
        assert "Close without award" in (await office.get(page)).text
        wrong = await office.post(f"{page}/conclusion", data={"version": "1", "reason": ""})
        assert wrong.status_code == 422
        done = await office.post(f"{page}/conclusion", data={"version": "1", **WHY})
        assert done.status_code == 303, done.text
        assert [one["subject"] for one in await projects.said(TaskDone)] == [asked["subject"]]
        again = await office.post(f"{here}/conclusion", json=WHY, headers=ANY)
        assert (again.status_code, again.json()["code"]) == (409, "call-not-ready")
        await file_away(projects, ARCHIVED_AFTER.days - 2)
        assert await state(projects) == "decided", "its year is not over"
        await file_away(projects, ARCHIVED_AFTER.days + 2)
        assert await state(projects) == "archived"
        assert "it is filed away" in (await office.get(page)).text
        listed = (await office.get(f"{API}/calls", params={"phase": "archived"})).json()["items"]
        assert [one["id"] for one in listed] == [str(world.call_id)]
    (fact,) = await projects.said(CallDecided)
    assert (fact["data"]["funded"], fact["data"]["reason"]) == (0, WHY["reason"])
    assert len(await projects.said(CallArchived)) == 1


async def test_a_call_with_applications_is_cancelled_after_its_close_for_a_reason(projects: Running) -> None:
    world = await World(projects).open()
    await world.apply(world.institute)
    for name in ("Ma", "Guo"):
        await world.expert(name)
    async with projects.work(system_actor("projects")) as work:
        await follow_closed_calls(work)
    assert (await world.assign()).status_code == 201
    here = f"{API}/calls/{world.call_id}"
    async with projects.client(world.officer) as office:
        waits = await office.post(f"{here}/conclusion", json=WHY, headers=ANY)
        assert (waits.status_code, waits.json()["code"]) == (409, "call-not-ready")
        for person in world.experts:
            await world.review(person)
        await world.tick()
        gone = await office.post(f"{here}/cancellation", json={"reason": "The budget was cut."}, headers=ANY)
        assert gone.json()["state"] == "cancelled"
    async with projects.work(system_actor("projects")) as work:
        await settle_cancelled_calls(work)
    (application,) = await projects.rows("SELECT state, state_reason FROM applications")
    assert application["state"] == "withdrawn"
    (fact,) = await projects.said(CallCancelled)
    assert fact["data"]["reason"] == "The budget was cut."
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    assert [one["data"]["kind"] for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done] == []


async def test_a_call_whose_project_still_runs_is_not_filed_away(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    async with projects.client(world.officer) as office:
        late = await office.post(f"{API}/calls/{world.call_id}/cancellation", json=WHY, headers=ANY)
        assert (late.status_code, late.json()["code"]) == (409, "call-not-ready")
    await file_away(projects, 2_000)
    assert await state(projects) == "decided"
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE projects SET state = 'completed', grade = 'good'")
    await file_away(projects, 2_000)
    assert await state(projects) == "archived"
    assert project["state"] == "running"
