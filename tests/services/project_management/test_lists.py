"""Lists are sorted on the server, follow on without gap or repeat, and are narrowed by what people look for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, running, someone
from tests.services.project_management.dashboards.crowd import crowd

pytestmark = pytest.mark.anyio
API = "/projects/api/v1"


@dataclass
class Lists:
    projects: Running
    li: Someone

    async def get(self, path: str, person: Someone | None = None, **asked: Any) -> dict[str, Any]:
        async with self.projects.client(person or self.li) as http:
            answer = await http.get(f"{API}{path}", params=asked)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

    async def all(self, path: str, **asked: Any) -> list[dict[str, Any]]:
        found, cursor = [], None
        while True:
            page = await self.get(path, limit=7, **asked, **({"cursor": cursor} if cursor else {}))
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found


@pytest.fixture(scope="module")
async def lists(settings: Settings) -> AsyncIterator[Lists]:
    """Four calls in four phases, sixty applications, their projects."""
    async with running(settings, "projects") as projects:
        await projects.clear()
        li = someone(Role.PROGRAMME_OFFICER, organisation_name="Office")
        await crowd(projects, li.organisation_id, calls=4, applications=60)
        async with projects.work(li) as work:
            for title, opens, closes, more in (
                ("Call 1", -9, 3, "state = 'released', field = 'Optics', regions = '[\"Chengdu\"]'"),
                ("Call 2", -9, 30, "state = 'released', summary = 'Of magnesium', ceiling_amount = 200000"),
                ("Call 3", 5, 60, "state = 'released', kinds = '[\"university\"]'"),
            ):
                await work.execute(
                    f"""UPDATE calls SET {more}, opens_at = now() + make_interval(days => %(o)s),
                            closes_at = now() + make_interval(days => %(c)s) WHERE title = %(t)s""",
                    {"o": opens, "c": closes, "t": title},
                )
            await work.execute(
                """INSERT INTO agreements (id, version, created_at, application_id, call_title, title, office_id,
                          office_name, lead_id, lead_name, partners, label, inventor_floor, state, state_reason,
                          terms, number, sha256, tasks)
                   SELECT gen_random_uuid(), 1, now() - make_interval(days => n::int), of.id, 'Call', title, office,
                          'Office', lead_id, lead_name, '[]', 'internal', '1/2',
                          CASE WHEN n % 2 = 0 THEN 'draft' ELSE 'proposed' END, '',
                          jsonb_build_object('parties', jsonb_build_array(jsonb_build_object('organisation_id',
                              CASE WHEN n % 3 = 0 THEN office ELSE lead_id END))), n % 2, '', '{}'
                   FROM (SELECT a.*, c.organisation_id AS office, row_number() OVER (ORDER BY a.id) AS n
                         FROM applications a JOIN calls c ON c.id = a.call_id) of"""
            )
        yield Lists(projects, li)


async def test_the_call_that_closes_first_stands_first_and_what_is_over_last(lists: Lists) -> None:
    assert [one["title"] for one in await lists.all("/calls")] == ["Call 1", "Call 2", "Call 3", "Call 4"]
    closing = [one["title"] for one in await lists.all("/calls", sort="-closes_at")]
    assert closing == ["Call 3", "Call 2", "Call 1", "Call 4"]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"search": "magnes"}, {"Call 2"}),
        ({"search": "optic"}, {"Call 1"}),
        ({"field": "Optics"}, {"Call 1"}),
        ({"region": "Chongqing"}, {"Call 2", "Call 3", "Call 4"}),
        ({"kind": "company"}, {"Call 1", "Call 2", "Call 4"}),
        ({"ceiling_to": "300000"}, {"Call 2"}),
        ({"soon": "closing"}, {"Call 1"}),
        ({"soon": ["closing", "opening"]}, {"Call 1", "Call 3"}),
    ],
)
async def test_calls_are_found_by_what_people_look_for(lists: Lists, asked: dict[str, Any], titles: set[str]) -> None:
    assert {one["title"] for one in await lists.all("/calls", **asked)} == titles
    async with lists.projects.client(lists.li) as http:
        page = await http.get("/projects/calls", params={"soon": "closing", "ceiling": "small"})
        assert "Call 1" in page.text
        assert "Call 2" not in page.text


@pytest.mark.parametrize(
    ("path", "sorts"),
    [
        ("/applications", ["title", "-title", "lead_name", "requested", "-created_at"]),
        ("/projects", ["title", "-amount", "next_due", "-next_due", "ends_on"]),
        ("/requirements", ["title", "-organisation_name"]),
        ("/agreements", ["-waits", "waits", "title", "-title", "created_at"]),
    ],
)
async def test_every_order_goes_through_all_rows_once(lists: Lists, path: str, sorts: list[str]) -> None:
    ids = None
    for sort in sorts:
        found = await lists.all(path, sort=sort)
        assert len({one["id"] for one in found}) == len(found)
        assert ids is None or ids == {one["id"] for one in found}
        ids = {one["id"] for one in found}
        if sort == "-waits":
            waits = [bool(one["waits"]) for one in found]
            assert waits == sorted(waits, reverse=True)
            assert set(waits) == {True, False}
        if sort.removeprefix("-") == "title":
            titles = [one["title"] for one in found]
            assert titles == sorted(titles, reverse=sort.startswith("-"))


async def test_a_cursor_of_another_order_is_refused(lists: Lists) -> None:
    cursor = (await lists.get("/applications", sort="title", limit=2))["next_cursor"]
    async with lists.projects.client(lists.li) as http:
        for wrong in ({"sort": "lead_name", "cursor": cursor}, {"sort": "title", "cursor": "bm90aGluZw"}):
            answer = await http.get(f"{API}/applications", params=wrong)
            assert answer.status_code == 422, answer.text
        assert (await http.get(f"{API}/applications", params={"sort": "sha256"})).status_code == 422
        assert (await http.get("/projects/applications", params={"sort": "sha256"})).status_code == 200


async def test_projects_are_listed_by_what_waits(lists: Lists) -> None:
    [project] = (await lists.get("/projects", limit=1))["items"]
    assert set(project["waits"]) == {"late", "milestones", "tranches"} - (
        set() if project["next_due"] < datetime.now(UTC).date().isoformat() else {"late"}
    )
    late = await lists.get("/projects", waits="late")
    assert all(one["next_due"] < datetime.now(UTC).date().isoformat() for one in late["items"])
    assert (await lists.get("/projects", waits="claims"))["items"] == []
    async with lists.projects.client(lists.li) as http:
        page = await http.get("/projects/projects", params={"waits": "milestones", "sort": "next_due"})
        assert project["title"] in page.text
        assert "Milestones to judge" in page.text


async def test_a_call_leads_to_its_applications_and_several_are_checked_at_once(lists: Lists) -> None:
    [call] = [one for one in await lists.all("/calls") if one["title"] == "Call 1"]
    waiting = (await lists.get("/applications", call_id=call["id"], checked="false"))["items"]
    other = [one["id"] for one in (await lists.get("/applications", checked="false"))["items"]]
    assert len(waiting) < len(other)
    async with lists.projects.client(lists.li) as http:
        assert f"/projects/applications?call={call['id']}" in (await http.get(f"/projects/calls/{call['id']}")).text
        listed = (await http.get("/projects/applications", params={"call": call["id"], "checked": "no"})).text
        assert listed.count('name="application_ids"') == len(waiting)
        stranger = someone(Role.PROGRAMME_OFFICER, organisation_name="Other office")
        answer = await http.post(f"{API}/applications/checks", json={"application_ids": other, "note": "Complete."})
        assert answer.json() == {"checked": len(other), "already": 0}
        again = await http.post(f"{API}/applications/checks", json={"application_ids": other})
        assert again.json() == {"checked": 0, "already": len(other)}
        unknown = await http.post(f"{API}/applications/checks", json={"application_ids": [str(new_id())]})
        assert unknown.status_code == 404
    async with lists.projects.client(stranger) as http:
        assert (await http.post(f"{API}/applications/checks", json={"application_ids": other})).status_code == 404
    rows = await lists.projects.rows(
        "SELECT checked_at FROM applications WHERE id = ANY(%(ids)s)", ids=[UUID(one) for one in other]
    )
    assert all(row["checked_at"] > datetime.now(UTC) - timedelta(minutes=5) for row in rows)
