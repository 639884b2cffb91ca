import asyncio

from shared.contracts.catalog import OrganisationRegistered
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.resource_catalog.scene import Scene, ok

ROWS = [
    {"number": "C-1", "name": "Acme Optics", "kind": "company", "region": "Dayton"},
    {"name": "Sichuan Alloy", "name_zh": "四川合金", "region": "Chengdu"},
    {"number": "C-2", "name": "", "region": "Dayton"},
    {"number": "C-3", "name": "Wrong code", "region": "Dayton", "credit_code": "123"},
    {"number": "C-4", "name": "Wrong kind", "kind": "castle", "region": "Dayton"},
]


async def test_good_rows_enter_and_are_said_bad_ones_are_named(scene: Scene) -> None:
    batch = {"source": "sbir", "rows": ROWS}
    first = ok(await scene.call(scene.coordinator, "POST", "/organisations/batches", json=batch))
    assert (first["accepted"], first["unchanged"], first["refused"]) == (2, 0, 3)
    assert [(fault["row"], fault["field"]) for fault in first["errors"]] == [
        (2, "name"),
        (3, "credit_code"),
        (4, "kind"),
    ]
    said = await scene.catalog.said(OrganisationRegistered)
    assert {fact["data"]["name"] for fact in said} == {"Acme Optics", "Sichuan Alloy"}


async def test_a_repeated_batch_changes_nothing(scene: Scene) -> None:
    batch = {"source": "sbir", "rows": ROWS}
    ok(await scene.call(scene.coordinator, "POST", "/organisations/batches", json=batch))
    changed = [row | {"region": "Dayton"} for row in ROWS[:1]] + ROWS[1:]
    again = ok(await scene.call(scene.coordinator, "POST", "/organisations/batches", json=batch | {"rows": changed}))
    assert (again["accepted"], again["unchanged"], again["refused"]) == (0, 2, 3)
    assert len(await scene.catalog.said(OrganisationRegistered)) == 2


async def test_what_is_registered_by_hand_is_not_entered_again_under_its_name(scene: Scene) -> None:
    await scene.organisation("Institute of Light Alloys")
    rows = [{"name": "INSTITUTE OF LIGHT ALLOYS", "region": "Chengdu"}]
    result = ok(
        await scene.call(scene.coordinator, "POST", "/organisations/batches", json={"source": "a", "rows": rows})
    )
    assert (result["accepted"], result["unchanged"]) == (0, 1)


async def test_two_imports_at_once_double_nothing(scene: Scene) -> None:
    rows = [{"number": str(number), "name": f"Company {number}", "region": "Dayton"} for number in range(100)]
    batch = {"source": "sbir", "rows": rows}
    results = await asyncio.gather(
        *(scene.call(scene.coordinator, "POST", "/organisations/batches", json=batch) for _ in range(4))
    )
    assert sum(ok(result)["accepted"] for result in results) == 100
    assert len(await scene.catalog.said(OrganisationRegistered)) == 100


async def test_a_batch_is_bounded_and_only_for_the_coordination_office(scene: Scene) -> None:
    rows = [{"number": str(number), "name": "X", "region": "Y"} for number in range(501)]
    ok(await scene.call(scene.coordinator, "POST", "/organisations/batches", json={"source": "a", "rows": rows}), 422)
    ok(await scene.call(scene.coordinator, "POST", "/organisations/batches", json={"source": "a", "rows": []}), 422)
    other = someone(Role.REPRESENTATIVE)
    ok(await scene.call(other, "POST", "/organisations/batches", json={"source": "a", "rows": rows[:1]}), 403)
