"""Patent records: batches and search."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ip_registry.patents.rules import date_order_fault, ipc_symbol
from shared.contracts.ip import PatentsImported
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.ip_registry.scene import Scene, ok


def record(number: str, **changed: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": f"Pulsed cooling {number}",
        "office": "CN",
        "kind": "B",
        "filed_on": "2020-01-02",
        "published_on": "2021-07-01",
        "applicants": ["Institute of Light Alloys"],
        "inventors": ["Zhao Min"],
        "ipc": ["b22d 27/04"],
    } | changed


async def imported(scene: Scene, *rows: Any, source: str = "list") -> tuple[int, int, int, list[dict[str, Any]]]:
    told = ok(await scene.call(scene.officer, "POST", "/patents/batches", {"source": source, "rows": list(rows)}))
    return told["accepted"], told["unchanged"], told["refused"], told["errors"]


async def found(scene: Scene, query: str = "") -> list[str]:
    items = ok(await scene.call(scene.officer, "GET", f"/patents?{query}"))["items"]
    return sorted(one["number"] for one in items)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (record("2", title=""), "title"),
        (record("2", filed_on="2020-02-30"), "filed_on"),
        (record("2", filed_on="1700-01-01"), "filed_on"),
        (record("2", published_on="2019-01-01"), ""),
        (record("2", granted_on="2019-01-01"), ""),
        (record("2", ipc=["nonsense"]), "ipc.0"),
        (record("2", applicants=["a\x00b"]), "applicants.0"),
        (record("2", colour="red"), "colour"),
        (record("2", **{"\ud800": 1}), ""),
        ({"title": "Without a number"}, "number"),
        (record("1"), "number"),
        (record("abc!!"), "number"),
        (record("none"), "number"),
        (record("2", application_number="abc!!"), "application_number"),
        ("no record", ""),
        (None, ""),
    ],
)
async def test_a_broken_row_is_named_with_its_reason_and_the_rest_is_taken_in(
    scene: Scene, row: Any, field: str
) -> None:
    accepted, unchanged, refused, errors = await imported(scene, record("1"), row, record("3"))
    assert (accepted, unchanged, refused) == (2, 0, 1)
    assert {(fault["row"], fault["field"]) for fault in errors} == {(1, field)}
    assert all(fault["reason"] for fault in errors)
    assert await found(scene) == ["1", "3"]


async def test_a_repeated_batch_changes_nothing_and_says_nothing(scene: Scene) -> None:
    assert (await imported(scene, record("1"), record("2")))[:3] == (2, 0, 0)
    before = await scene.ip.rows("SELECT * FROM patents ORDER BY number")
    assert (await imported(scene, record("1"), record("2")))[:3] == (0, 2, 0)
    assert await scene.ip.rows("SELECT * FROM patents ORDER BY number") == before
    (fact,) = await scene.ip.said(PatentsImported)
    assert (fact["data"]["accepted"], fact["data"]["unchanged"]) == (2, 0)


async def test_a_changed_record_is_taken_over_under_its_id_with_a_higher_version(scene: Scene) -> None:
    await imported(scene, record("1"), record("2"))
    (before,) = await scene.ip.rows("SELECT id FROM patents WHERE number = '1'")
    assert (await imported(scene, record("1", granted_on="2022-02-02"), record("2")))[:3] == (1, 1, 0)
    (after,) = await scene.ip.rows("SELECT id, version, granted_on::text FROM patents WHERE number = '1'")
    assert after == {"id": before["id"], "version": 2, "granted_on": "2022-02-02"}


async def test_the_same_number_of_two_sources_is_two_records(scene: Scene) -> None:
    await imported(scene, record("1"))
    assert (await imported(scene, record("1"), source="other"))[0] == 1
    assert await found(scene, "source=other") == ["1"]


async def test_a_full_batch_goes_in_at_once_and_one_more_row_is_refused(scene: Scene) -> None:
    rows = [record(str(number)) for number in range(501)]
    assert (await imported(scene, *rows[:500]))[:3] == (500, 0, 0)
    assert (await imported(scene, *rows[:500]))[:3] == (0, 500, 0)
    ok(await scene.call(scene.officer, "POST", "/patents/batches", {"source": "list", "rows": rows}), 422)


async def test_two_imports_at_once_double_nothing(scene: Scene) -> None:
    rows = [record(str(number)) for number in range(100)]
    results = await asyncio.gather(imported(scene, *rows), imported(scene, *reversed(rows)))
    assert sorted(result[0] for result in results) == [0, 100]


async def test_records_are_found_by_a_part_of_the_title_or_the_exact_number(scene: Scene) -> None:
    await imported(scene, record("CN1A"), record("CN1B", title="100% recycling_of scrap"), record("CN12A"))
    assert await found(scene, "search=COOLING%20cn1A") == ["CN1A"]
    assert await found(scene, "search=CN1B") == ["CN1B"]
    assert await found(scene, "search=100%25") == ["CN1B"]
    assert await found(scene, "search=%25") == ["CN1B"]
    assert await found(scene, "search=_") == ["CN1B"]
    assert await found(scene, "search=nothing") == []
    first = ok(await scene.call(scene.officer, "GET", "/patents?limit=2"))
    rest = ok(await scene.call(scene.officer, "GET", f"/patents?limit=2&cursor={first['next_cursor']}"))
    assert len({one["number"] for one in first["items"] + rest["items"]}) == 3


async def test_everybody_signed_in_reads_and_only_the_office_imports(scene: Scene) -> None:
    await imported(scene, record("1"))
    reader = someone(Role.FINANCE_PARTNER)
    (one,) = ok(await scene.call(reader, "GET", "/patents"))["items"]
    assert one["ipc"] == ["B22D27/04"]
    assert ok(await scene.call(reader, "GET", f"/patents/{one['id']}"))["number"] == "1"
    ok(await scene.call(reader, "GET", f"/patents/{new_id()}"), 404)
    ok(await scene.call(reader, "POST", "/patents/batches", {"source": "a", "rows": [record("2")]}), 403)
    ok(await scene.call(None, "GET", "/patents"), 401)
    page = await scene.page(reader, "/patents?q=cooling")
    assert "<strong>1</strong>" in page.text


@given(st.sampled_from("ABCDEFGHY"), st.integers(1, 99), st.sampled_from("ABKZ"), st.integers(1, 9999))
def test_a_symbol_reads_the_same_however_it_is_spaced(section: str, klass: int, sub: str, group: int) -> None:
    symbol = f"{section}{klass:02}{sub}{group}/02"
    assert ipc_symbol(f"{section}{klass:02}{sub} {group} / 02".lower()) == symbol
    assert ipc_symbol(symbol) == symbol


@given(st.dates(), st.dates())
def test_nothing_is_published_or_granted_before_it_is_filed(one: Any, other: Any) -> None:
    early, late = sorted((one, other))
    assert date_order_fault(early, late, late) == ""
    assert (date_order_fault(late, early, None) == "") is (early == late)
    assert (date_order_fault(late, None, early) == "") is (early == late)
