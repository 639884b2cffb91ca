"""A panel member stays silent: reminded by the clock, told to the office, excused; the rest judge."""

from datetime import UTC, datetime, timedelta

from services.project_management.excuses.actions import watch_panels
from services.project_management.excuses.rules import reminder_due
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.evaluations.test_api import REPORT, delivered, free, judge, members, opened
from tests.services.project_management.ready import at
from tests.services.project_management.world import ANY, API

WHY = {"reason": "No answer to three reminders."}


def test_each_moment_reminds_once_and_a_clock_that_stood_still_once_for_all() -> None:
    due = datetime(2027, 3, 20, tzinfo=UTC)
    assert not reminder_due(due, None, due - timedelta(days=8))
    assert reminder_due(due, None, due - timedelta(days=7))
    assert not reminder_due(due, due - timedelta(days=7), due - timedelta(days=3))
    assert reminder_due(due, due - timedelta(days=7), due - timedelta(days=1))
    assert not reminder_due(due, due, due + timedelta(days=30))


async def tasks(projects: Running, *kinds: str) -> list[str]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    found = [one["data"]["kind"] for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    return sorted(one for one in found if one in kinds)


async def test_a_silent_member_is_reminded_told_and_excused_and_the_rest_judge(projects: Running) -> None:
    world, here = await delivered(projects)
    one = await opened(world, here)
    four = free(world)[:4]
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        assert (await lead.post(f"{one}/report", json=REPORT, headers=ANY)).status_code == 200
        assert (await office.post(f"{one}/panel", json={"expert_ids": four}, headers=ANY)).status_code == 200
        for expert in members(world):
            assert (await judge(world, expert, 8)).status_code == 200
        assert (await office.get(one)).json()["state"] == "in_review", "the fourth is waited for"
        asked = []
        for days in (10, 14, 15, 19, 21, 30):
            reset = at(projects, datetime.now(UTC) + timedelta(days=days, hours=1))
            async with projects.work(system_actor("projects")) as work:
                await watch_panels(work)
            reset()
            all_told = [t for t in await projects.said(TaskAssigned) if t["data"]["kind"] == "evaluation.judge"]
            asked.append(len(all_told) - 4)
        assert asked == [0, 1, 1, 2, 3, 3]
        assert await tasks(projects, "evaluation.judge", "evaluation.silent") == [
            "evaluation.judge", "evaluation.silent"
        ]  # fmt: skip
        (told,) = [t for t in await projects.said(TaskAssigned) if t["data"]["kind"] == "evaluation.silent"]
        assert (told["data"]["label"], told["data"]["owners"]) == (
            "confidential", [str(world.officer.organisation_id)]
        )  # fmt: skip
        silent = next(row for row in (await office.get(one)).json()["panel"] if row["state"] == "asked")
        where = f"{API}/evaluation-sheets/{silent['id']}/excuse"
        assert (await lead.post(where, json=WHY, headers=ANY)).status_code == 403
        assert "Wait no longer" in (await office.get(one.replace("/api/v1", ""))).text
        judged = await office.post(where, json=WHY, headers=ANY)
        assert (judged.status_code, judged.json()["state"]) == (200, "judged")
        assert (await office.post(where, json=WHY, headers=ANY)).status_code == 409
    assert await tasks(projects, "evaluation.judge", "evaluation.silent") == []
    async with projects.client(world.experts[4]) as excused:
        assert (await excused.get(f"{API}/evaluation-sheets")).json()["items"] == []


async def test_where_too_few_are_left_the_office_appoints_another(projects: Running) -> None:
    world, here = await delivered(projects)
    one = await opened(world, here)
    async with projects.client(world.institute) as lead, world.browser(world.officer) as office:
        assert (await lead.post(f"{one}/report", json=REPORT, headers=ANY)).status_code == 200
        assert (await office.post(f"{one}/panel", json={"expert_ids": free(world)[:3]}, headers=ANY)).status_code == 200
        silent = (await office.get(one)).json()["panel"][0]
        where = f"/projects/evaluation-sheets/{silent['id']}/excuse"
        for body, word in (({"reason": ""}, "Say why"), ({"reason": "Ill."}, "is excused")):
            sent = await office.post(where, data=body)
            assert sent.status_code == 303
            assert word in (await office.get(sent.headers["location"])).text
        assert (await office.get(one)).json()["state"] == "in_review"
    assert await tasks(projects, "evaluation.panel") == ["evaluation.panel"]
