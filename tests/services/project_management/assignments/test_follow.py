"""What the clock sees to while reviews are written, past whoever is at work on one."""

import asyncio
from uuid import UUID

from services.project_management.assignments.actions import withdraw_pointless_reviews
from services.project_management.reviews.model import Review
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.world import ANY, API, World


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
