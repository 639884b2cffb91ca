"""What the clock sees to while reviews are written, past whoever is at work on one."""

import asyncio
from uuid import UUID

import pytest

from services.project_management.assignments import clock
from services.project_management.assignments.clock import (
    follow_reviews,
    mark_who_may_not_review,
    withdraw_pointless_reviews,
)
from services.project_management.reviews.model import Review
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.world import ANY, API, World

ENDED = "UPDATE access_grants SET ends_at = now() - interval '%s' WHERE role = 'reviewer' AND subject = %%(who)s"


async def states(projects: Running) -> dict[UUID, str]:
    return {row["id"]: row["state"] for row in await projects.rows("SELECT id, state FROM reviews")}


async def test_a_review_that_somebody_holds_holds_no_other_up(projects: Running) -> None:
    world = await World(projects).open(demand=2)
    await world.apply(world.institute)
    for name in ("Ma", "Guo"):
        await world.expert(name)
    await world.assign()
    async with projects.client(world.institute) as http:
        here = f"{API}/applications/{world.applications[0]}/withdrawal"
        assert (await http.post(here, json={"reason": "No staff."}, headers=ANY)).status_code == 200
    held, free = sorted(await states(projects))
    async with projects.work(system_actor("projects")) as work:
        await work.get(Review, held)
        async with asyncio.timeout(2.5):  # less than anybody waits for a lock
            async with projects.work(system_actor("projects")) as clock:
                await withdraw_pointless_reviews(clock)
        assert await states(projects) == {held: "invited", free: "withdrawn"}
    await world.tick()
    assert set((await states(projects)).values()) == {"withdrawn"}


async def test_the_clock_looks_at_what_moved_and_at_nothing_else(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    for name in ("Ma", "Guo"):
        await world.expert(name)
    await world.assign()

    async def marks() -> list[str]:
        return [row["kind"] for row in await projects.rows("SELECT DISTINCT kind FROM review_marks ORDER BY kind")]

    async def tick(*more: str) -> None:
        """Twice, for what the clock does itself moves things too; `more` are marks that were to be found before."""
        assert await marks() == list(more)
        for _ in range(2):
            await world.tick()
        assert await marks() == []

    await tick("call", "reviewer")
    (row,) = await projects.rows("SELECT id, expert_subject FROM reviews")
    who = row["expert_subject"]
    # A role that ends by itself moves nothing: it is found by its time, and after a long stop by looking at everybody.
    await projects.rows(f"{ENDED % '2 hours'} RETURNING id", who=who)
    await projects.rows("DELETE FROM review_marks RETURNING key")
    await tick()
    assert await states(projects) == {row["id"]: "invited"}
    (hourly,) = [one for one in projects.service._timed if one.run is mark_who_may_not_review]
    assert hourly.seconds == 3600, "the clock may have stood still while the service ran"
    async with projects.work(system_actor("projects")) as work:
        await hourly.run(work)
    await tick("reviewer")
    assert await states(projects) == {row["id"]: "withdrawn"}
    await world.assign()
    (other,) = await projects.rows("SELECT id, expert_subject FROM reviews WHERE state = 'invited'")
    await world.tick()
    await projects.rows(f"{ENDED % '1 minute'} RETURNING id", who=other["expert_subject"])
    await projects.rows("DELETE FROM review_marks RETURNING key")
    for _ in range(2):
        await world.tick()
    assert (await states(projects))[other["id"]] == "withdrawn"


async def test_a_step_that_fails_keeps_its_mark(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.assign()
    await world.review(world.experts[0], 8)

    async def broken(*_: object) -> bool:
        raise ValueError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(clock, "announce_reviews", broken)
        async with projects.work(system_actor("projects")) as work:
            await follow_reviews(work)
    assert await projects.rows("SELECT 1 FROM review_marks WHERE kind = 'call'")
    for _ in range(2):
        await world.tick()
    assert (await projects.rows("SELECT state FROM applications"))[0]["state"] == "reviewed"
    assert not await projects.rows("SELECT 1 FROM review_marks WHERE kind = 'call'")
