"""Importing and finding earlier projects on a real database."""

from typing import Any

import pytest

from services.project_management.earlier_projects import actions, queries
from services.project_management.earlier_projects.schemas import EarlierProjectBatch
from shared.contracts.projects import EarlierProjectsImported
from shared.kernel.batches import BatchResult
from shared.kernel.errors import Forbidden
from tests.kit.platform import Running, Someone
from tests.services.project_management.ready import LI, ZHAO

pytestmark = pytest.mark.anyio


def record(number: str, **changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "number": number,
        "title": f"Magnesium sheet rolling {number}",
        "abstract": "Corrosion of alloys is studied.",
        "institution": "Institute of Light Alloys",
        "people": ["Zhao Lin", "Sun Yi"],
        "amount": "800000.50",
        "currency": "CNY",
        "starts_on": "2020-01-01",
        "ends_on": "2022-12-31",
        "programme": "City plan",
        "grade": "good",
        "language": "en",
    }
    return fields | changed


async def imported(projects: Running, *rows: Any, person: Someone = LI, source: str = "City plan 2020") -> BatchResult:
    async with projects.work(person) as work:
        return await actions.import_batch(work, EarlierProjectBatch(source=source, rows=list(rows)))


async def found(projects: Running, search: str) -> list[str]:
    async with projects.work(ZHAO) as work:
        page = await queries.earlier_projects(work, search=search)
        assert await queries.count_earlier_projects(work, search=search) == len(page.items)
        return sorted(one["number"] for one in page.items)


async def test_a_batch_taken_in_twice_changes_nothing_the_second_time(projects: Running) -> None:
    first = await imported(projects, record("1"), record("2"))
    assert (first.accepted, first.unchanged, first.refused) == (2, 0, 0)
    before = await projects.rows("SELECT * FROM earlier_projects ORDER BY number")
    again = await imported(projects, record("1"), record("2"))
    assert (again.accepted, again.unchanged, again.refused) == (0, 2, 0)
    assert await projects.rows("SELECT * FROM earlier_projects ORDER BY number") == before
    assert len(await projects.said(EarlierProjectsImported)) == 1


async def test_a_changed_record_is_taken_over_and_keeps_its_id(projects: Running) -> None:
    await imported(projects, record("1"), record("2"))
    (before,) = await projects.rows("SELECT id FROM earlier_projects WHERE number = '1'")
    told = await imported(projects, record("1", grade="excellent"), record("2"))
    assert (told.accepted, told.unchanged) == (1, 1)
    (after,) = await projects.rows("SELECT id, grade FROM earlier_projects WHERE number = '1'")
    assert after == {"id": before["id"], "grade": "excellent"}


async def test_the_same_number_of_two_sources_is_two_records(projects: Running) -> None:
    await imported(projects, record("1"))
    assert (await imported(projects, record("1"), source="Other")).accepted == 1


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (record("2", title=""), "title"),
        (record("2", amount=12.5), "amount"),
        (record("2", amount="-1.00"), "amount"),
        (record("2", currency=None), ""),
        (record("2", currency="XYZ"), "currency"),
        (record("2", starts_on="2020-02-30"), "starts_on"),
        (record("2", starts_on="2023-01-01"), ""),
        (record("2", people=["A", ""]), "people.1"),
        (record("2", abstract="a\x00b"), ""),
        (record("2", colour="red"), "colour"),
        (record("1"), "number"),
        ("no record", ""),
        (None, ""),
        (["a"], ""),
    ],
)
async def test_a_broken_row_is_named_with_its_reason_and_the_rest_is_taken_in(
    projects: Running, row: Any, field: str
) -> None:
    told = await imported(projects, record("1"), row, record("3"))
    assert (told.accepted, told.refused) == (2, 1)
    assert {(error.row, error.field) for error in told.errors} == {(1, field)}
    assert all(error.reason for error in told.errors)
    assert await found(projects, "") == ["1", "3"]


async def test_a_batch_of_broken_rows_only_leaves_no_fact(projects: Running) -> None:
    told = await imported(projects, {"number": "1"})
    assert (told.accepted, told.refused) == (0, 1)
    assert not await projects.said(EarlierProjectsImported)


async def test_records_are_found_by_any_part_and_by_words_of_the_abstract(projects: Running) -> None:
    await imported(
        projects,
        record("A-17", title="Rolling of sheets", people=["Ma Li"]),
        record("B-18", title="镁合金轧制", abstract="研究轧制。", institution="重庆大学", people=[], language="zh"),
        record("C-19", title="100% recycling_of scrap", abstract="Nothing else.", people=[]),
    )
    assert await found(projects, "a-17") == ["A-17"]
    assert await found(projects, "ma li") == ["A-17"]
    assert await found(projects, "合金") == ["B-18"]
    assert await found(projects, "重庆") == ["B-18"]
    assert await found(projects, "study alloy") == ["A-17"]
    assert await found(projects, "100%") == ["C-19"]
    assert await found(projects, "%") == ["C-19"]
    assert await found(projects, "no such thing at all") == []


async def test_the_list_is_newest_first_and_its_pages_join(projects: Running) -> None:
    await imported(
        projects,
        record("old", starts_on="2001-01-01"),
        record("undated", starts_on=None, ends_on=None),
        record("new", starts_on="2021-01-01"),
        record("ended", starts_on=None, ends_on="2010-01-01"),
    )
    seen: list[str] = []
    cursor = None
    async with projects.work(ZHAO) as work:
        while True:
            page = await queries.earlier_projects(work, cursor=cursor, limit=1)
            seen += [one["number"] for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == ["new", "ended", "old", "undated"]


async def test_the_sources_are_listed_once_each(projects: Running) -> None:
    await imported(projects, record("1"), record("2"))
    await imported(projects, record("1"), source="Another")
    async with projects.work(ZHAO) as work:
        assert await queries.sources(work) == ["Another", "City plan 2020"]


async def test_an_applicant_brings_nothing_in(projects: Running) -> None:
    with pytest.raises(Forbidden):
        await imported(projects, record("1"), person=ZHAO)
