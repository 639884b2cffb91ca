"""The lists that people take home: the same filter, the same eyes, the reader's language."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import running, someone
from tests.services.project_management.claims.test_api import claim, item, spending
from tests.services.project_management.world import World

EVIL = '=HYPERLINK("http://x","Fatigue")'


@pytest.fixture(scope="module")
async def world(settings: Settings) -> AsyncIterator[tuple[World, str]]:
    async with running(settings, "projects") as projects:
        await projects.clear()
        made, here = await spending(projects)
        async with projects.client(made.institute) as http:
            await claim(http, here, item("5000.00"))
        async with projects.work(made.officer) as work:
            await work.execute("UPDATE applications SET title = %(t)s WHERE title = 'Second'", {"t": EVIL})
            await work.execute("UPDATE expenditure_claims SET organisation_name = '@Institute'")
        yield made, here


def table(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_each_list_leaves_as_a_file_with_its_filter(world: tuple[World, str]) -> None:
    made, here = world
    project = here.rsplit("/", 1)[1]
    lists = {
        "/projects/calls": ("Light alloys", {"phase": "open"}),
        "/projects/applications": ("First", {"q": "nothing like it"}),
        "/projects/projects": ("First", {"state": "completed"}),
    }
    async with made.projects.client(made.officer) as http:
        for path, (title, narrowed) in lists.items():
            assert f"{path}?format=xlsx" in (await http.get(path)).text
            heads, *rows = table(await http.get(path, params={"format": "csv"}))
            assert title in [row[0] for row in rows], path
            assert len(heads) == len(rows[0])
            assert table(await http.get(path, params={"format": "csv"} | narrowed)) == [heads], path
            book = await http.get(path, params={"format": "xlsx"})
            with zipfile.ZipFile(io.BytesIO(book.content)) as read:
                assert title in read.read("xl/worksheets/sheet1.xml").decode()
        for path in (f"/projects/calls/{made.call_id}/ranking", f"/projects/projects/{project}/budget"):
            assert "format=csv" in (await http.get(path)).text.replace("&amp;", "&")
        _, *ranked = table(await http.get(f"/projects/calls/{made.call_id}/ranking", params={"format": "csv"}))
        assert [row[0] for row in ranked] == ["1", "2"]
        assert float(ranked[0][6]) > float(ranked[1][6])
        (_, claimed) = table(await http.get(f"/projects/projects/{project}/budget", params={"format": "csv"}))
        assert claimed[2] == "'@Institute"


async def test_a_title_that_is_a_formula_leaves_as_text(world: tuple[World, str]) -> None:
    made, _ = world
    async with made.projects.client(made.university) as http:
        rows = table(await http.get("/projects/applications", params={"format": "csv"}))
    assert f"'{EVIL}" in [row[0] for row in rows]


async def test_a_file_holds_what_its_reader_may_see_and_no_more(world: tuple[World, str]) -> None:
    made, _ = world
    async with made.projects.client(made.institute) as http:
        own = table(await http.get("/projects/applications", params={"format": "csv"}))
        assert [row[0] for row in own[1:]] == ["First"]
        ranking = f"/projects/calls/{made.call_id}/ranking"
        assert (await http.get(ranking, params={"format": "csv"})).status_code == 403
    stranger = someone(Role.APPLICANT)
    async with made.projects.client(stranger) as http:
        assert len(table(await http.get("/projects/projects", params={"format": "csv"}))) == 1
    async with made.projects.client(None) as http:
        assert (await http.get("/projects/applications", params={"format": "csv"})).status_code in (303, 401)


async def test_headings_and_words_are_the_readers(world: tuple[World, str]) -> None:
    made, _ = world
    async with made.projects.client(made.officer) as http:
        answer = await http.get("/projects/calls", params={"format": "csv"}, headers={"Accept-Language": "zh-CN"})
    heads, first = table(answer)
    assert "密级" in "".join(heads) or "安全" in "".join(heads)
    assert "已立项" in first or any("\u4e00" <= one <= "\u9fff" for one in "".join(first))
