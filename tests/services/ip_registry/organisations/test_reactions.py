"""What is kept of organisations."""

from datetime import UTC, datetime
from itertools import permutations

from services.ip_registry.organisations.queries import choices, organisation_names
from shared.contracts.catalog import OrganisationAdmitted, OrganisationRegistered, OrganisationSuspended
from shared.kernel.ids import new_id
from shared.kernel.types import Sector
from tests.services.ip_registry.scene import Scene


async def test_organisation_facts_in_any_order_and_twice_end_the_same(scene: Scene) -> None:
    about = {"name_zh": "", "kind": "institute", "sector": Sector.CIVIL, "region": "Chengdu"}
    for order in permutations(range(3)):
        id = new_id()
        facts = (
            OrganisationRegistered(id=id, version=1, title="Old name", name="Old name", **about),
            OrganisationAdmitted(
                id=id,
                version=2,
                title="Name",
                name="Name",
                valid_until=datetime(2030, 1, 1, tzinfo=UTC),
                reason="Checked.",
                **about,
            ),
            OrganisationSuspended(id=id, version=3, title="Name", name="Name", reason="Asked."),
        )
        await scene.ip.hear(*(facts[place] for place in order), times=2)
        async with scene.ip.work(scene.officer) as work:
            assert await organisation_names(work, [id, new_id()]) == {id: "Name"}
            assert id not in {row["id"] for row in await choices(work)}
        rows = await scene.ip.rows("SELECT state, version FROM organisations WHERE id = %(id)s", id=id)
        assert rows == [{"state": "suspended", "version": 3}]
