"""Reviewers who stay silent are shown to the office, which gives one more time."""

import importlib
from datetime import UTC, datetime, timedelta

from services.project_management.late_reviews.actions import tell_of_late_reviews
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import at
from tests.services.project_management.world import ANY, API, World

MOMENTS = importlib.import_module("services.project_management.migrations.versions.0065_moments_of_reviews").MOMENTS


async def overdue(projects: Running) -> list[dict[str, object]]:
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    found = [one["data"] for one in await projects.said(TaskAssigned) if str(one["subject"]) not in done]
    return [one for one in found if one["kind"] == "review.overdue"]


async def tick(projects: Running, days: int) -> None:
    reset = at(projects, datetime.now(UTC) + timedelta(days=days, hours=1))
    async with projects.work(system_actor("projects")) as work:
        await tell_of_late_reviews(work)
    reset()


async def test_the_office_is_told_of_who_is_overdue_and_gives_more_time(projects: Running) -> None:
    world = await World(projects).open(demand=2)
    await world.apply(world.institute)
    for name in ("Ma", "Guo"):
        await world.expert(name)
    assert (await world.assign()).status_code == 201
    await tick(projects, 6)
    assert await overdue(projects) == []
    await tick(projects, 7)
    await tick(projects, 8)
    told = await overdue(projects)
    assert [(one["organisation_id"], one["label"], one["owners"]) for one in told] == [
        (str(world.officer.organisation_id), "confidential", [str(world.officer.organisation_id)])
    ] * 2
    async with projects.client(world.experts[0]) as writing, world.browser(world.officer) as office:
        (mine,) = (await writing.get(f"{API}/reviews")).json()["items"]
        here = f"{API}/reviews/{mine['id']}"
        more = {"due_at": (datetime.now(UTC) + timedelta(days=40)).isoformat(), "reason": "Ill."}
        early = await office.post(f"{here}/extension", json=more, headers=ANY)
        assert (early.status_code, early.json()["code"]) == (409, "nothing-to-extend")
        assert (await writing.post(f"{here}/acceptance", headers=ANY)).status_code == 200
        await tick(projects, 8)
        assert len(await overdue(projects)) == 1, "one has answered"
        kept = "SELECT state, remind_at, overdue_at FROM reviews ORDER BY state"
        before = await projects.rows(kept)
        assert [one["state"] for one in before if one["remind_at"] and one["overdue_at"]] == ["accepted", "invited"]
        async with projects.work(system_actor("projects")) as work:
            await work.execute("UPDATE reviews SET remind_at = NULL, overdue_at = NULL")
            await work.execute(MOMENTS, {})
        assert await projects.rows(kept) == before, "the migration says the same of reviews from before"
        await tick(projects, 22)
        assert len(await overdue(projects)) == 2, "and has not handed in"
        elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
        async with projects.client(elsewhere) as other:
            assert (await other.post(f"{here}/extension", json=more, headers=ANY)).status_code == 404
        past = more | {"due_at": "2001-01-01T00:00:00Z"}
        wrong = await office.post(f"{here}/extension", json=past, headers=ANY)
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/due_at")
        page = here.replace("/api/v1", "") + "/extension"
        assert "Give more time" in (await office.get(page)).text
        given = await office.post(page, data={"due_at": more["due_at"][:16], "reason": "Ill."})
        assert given.status_code == 303, given.text
        (later,) = (await writing.get(f"{API}/reviews")).json()["items"]
        assert later["due_at"] > mine["due_at"]
    assert len(await overdue(projects)) == 1
    await tick(projects, 30)
    assert len(await overdue(projects)) == 1, "the new day counts"
