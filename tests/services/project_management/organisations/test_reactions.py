"""Organisations as heard: the same end whatever the order and however often."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from services.project_management.organisations.queries import offices
from shared.contracts.base import Event
from shared.contracts.catalog import OrganisationCorrected, OrganisationRegistered, OrganisationSuspended
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import Sector
from tests.kit.platform import Running
from tests.services.project_management.ready import admitted

pytestmark = pytest.mark.anyio
ORG = new_id()
FACTS: tuple[Event, ...] = (
    OrganisationRegistered(
        id=ORG, version=1, title="Old", name="Old", kind="company", sector=Sector.CIVIL, region="Mianyang"
    ),
    admitted(ORG, "Institute", name_zh="研究所"),
    OrganisationSuspended(id=ORG, version=3, title="Institute", name="Institute", reason="licence"),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_any_order_twice_over_ends_in_the_same_row(projects: Running, order: tuple[int, ...]) -> None:
    await projects.hear(*(FACTS[position] for position in order), times=2)
    (row,) = await projects.rows("SELECT * FROM organisations")
    assert row == {
        "id": ORG,
        "version": 3,
        "described": 2,
        "name": "Institute",
        "name_zh": "研究所",
        "kind": "institute",
        "sector": "civil",
        "region": "Chengdu",
        "credit": "",
        "state": "suspended",
        "admitted_until": None,
    }


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_correction_is_kept_whatever_the_order(projects: Running, order: tuple[int, ...]) -> None:
    right = OrganisationCorrected(
        id=ORG,
        version=3,
        title="Institute of Alloys",
        name="Institute of Alloys",
        kind="institute",
        sector=Sector.DEFENCE,
        region="Chongqing",
        standing="admitted",
        valid_until=datetime(2090, 1, 1, tzinfo=UTC),
        changed=("name", "region", "sector"),
        reason="Entered wrongly.",
    )
    facts = (FACTS[0], FACTS[1], right)
    await projects.hear(*(facts[position] for position in order), times=2)
    (row,) = await projects.rows("SELECT name, sector, region, state, admitted_until FROM organisations")
    assert row == {
        "name": "Institute of Alloys",
        "sector": "defence",
        "region": "Chongqing",
        "state": "admitted",
        "admitted_until": datetime(2090, 1, 1, tzinfo=UTC),
    }


async def test_an_admission_keeps_its_end(projects: Running) -> None:
    await projects.hear(FACTS[1], FACTS[0])
    (row,) = await projects.rows("SELECT state, admitted_until, kind FROM organisations")
    assert row == {"state": "admitted", "admitted_until": datetime(2090, 1, 1, tzinfo=UTC), "kind": "institute"}


async def test_an_office_that_never_applies_can_be_named_to_approve(projects: Running) -> None:
    ids = {kind: new_id() for kind in ("office", "department", "company")}
    for kind, id in ids.items():
        fact = OrganisationRegistered(
            id=id, version=1, title=kind, name=kind, kind=kind, sector=Sector.CIVIL, region="Chengdu"
        )
        await projects.hear(fact)
    async with projects.work(system_actor("projects")) as work:
        found = {row["id"] for row in await offices(work)}
        also = {row["id"] for row in await offices(work, [str(ids["company"])])}
    assert {ids["office"], ids["department"]} <= found
    assert ids["company"] not in found
    assert ids["company"] in also
