"""Every route of every service, asked by every role of the own and another organisation, at and below each label."""

import pytest

from tests.access.census import BROKEN, Route, routes
from tests.access.matrix import World

CASES = [pytest.param(route.service, route, id=str(route)) for route in routes()]


# The scope is said: beside a direct parameter pytest would make the world anew for every test.
@pytest.mark.parametrize(("world", "route"), CASES, indirect=["world"], scope="module")
async def test_the_answer_is_what_the_policy_says(world: World, route: Route) -> None:
    faults = await world.check(route)
    assert not faults, "\n".join(faults[:8]) + f"\n({len(faults)} in all)"


def test_every_service_is_in_the_matrix() -> None:
    assert routes()
    assert BROKEN == {}


@pytest.mark.parametrize("world", ["catalog"], indirect=True, scope="module")
async def test_a_write_is_seen_though_it_writes_what_was_there(world: World) -> None:
    before = await world.fingerprint()
    assert await world.fingerprint() == before
    await world.ground.connection.execute(
        "UPDATE organisations SET name = name WHERE id = (SELECT id FROM organisations ORDER BY id LIMIT 1)"
    )
    assert await world.fingerprint() != before
