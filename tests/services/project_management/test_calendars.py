"""Deadlines that a calendar program follows, and the secret address of a person's own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from shared.contracts.project_calendars import CalendarAddressMade, CalendarAddressRevoked
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from tests.kit.platform import Running, Someone, running
from tests.services.project_management.ready import (
    SUN,
    ZHAO,
    draft_application,
    know_everybody,
    released_call,
)
from tests.services.project_management.world import API, World

PATH = f"{API}/calendar-address"


@dataclass
class Scene:
    projects: Running
    world: World
    call_id: UUID


@pytest.fixture(scope="module")
async def scene(settings: Settings) -> AsyncIterator[Scene]:
    async with running(settings, "projects") as projects:
        await projects.clear()
        await know_everybody(projects)
        world = await World(projects).open()
        await world.project()
        call = await released_call(projects, title="Alloy sheet", title_zh="合金板材")
        await released_call(projects, title="Inside", label="internal")
        yield Scene(projects, world, call.id)


async def entries(scene: Scene, path: str, person: Someone | None = None) -> dict[str, Any]:
    """By uid."""
    async with scene.projects.client(person) as http:
        answer = await http.get(path.removeprefix(scene.projects.settings.address))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    return {str(one["uid"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}


async def own(scene: Scene, person: Someone) -> str:
    async with scene.projects.client(person) as http:
        assert (await http.post(f"{PATH}/renewal")).status_code == 204
        return str((await http.get(PATH)).json()["url"])


async def test_a_call_that_closes_later_moves_under_the_same_uid(scene: Scene) -> None:
    feed, uid = f"{API}/calendars/calls.ics", f"call-{scene.call_id}@hechuan"
    before = await entries(scene, feed)
    assert "Inside" not in str(before)
    assert "合金板材" in str(before[uid]["description"])
    async with scene.projects.work(ZHAO) as work:
        await work.execute(
            "UPDATE calls SET closes_at = closes_at + interval '3 days', version = version + 1 WHERE id = %(id)s",
            {"id": scene.call_id},
        )
    after = await entries(scene, feed)
    assert after.keys() == before.keys()
    assert after[uid].decoded("dtstart") - before[uid].decoded("dtstart") == timedelta(days=3)
    assert int(after[uid]["sequence"]) > int(before[uid]["sequence"])
    async with scene.projects.work(ZHAO) as work:
        await work.execute("UPDATE calls SET state = 'cancelled' WHERE title = 'Alloy sheet'")
    assert str((await entries(scene, feed))[uid]["status"]) == "CANCELLED"
    async with scene.projects.work(ZHAO) as work:
        await work.execute("UPDATE calls SET state = 'released' WHERE title = 'Alloy sheet'")


async def test_my_calendar_holds_what_waits_for_me_and_nobody_elses(scene: Scene) -> None:
    mine = await draft_application(scene.projects, scene.call_id, ZHAO, partner_ids=[str(SUN.organisation_id)])
    zhao, sun = await own(scene, ZHAO), await own(scene, SUN)
    assert f"draft-{mine.id}@hechuan" in await entries(scene, zhao)
    asked = await entries(scene, sun)
    assert f"consent-{mine.id}@hechuan" in asked
    assert f"draft-{mine.id}@hechuan" not in asked
    institute = await entries(scene, await own(scene, scene.world.institute))
    days = {one.decoded("dtstart") for uid, one in institute.items() if uid.startswith("milestone-")}
    assert days == {date(2027, 6, 30), date(2028, 6, 30)}
    (project,) = await scene.projects.rows("SELECT id FROM projects")
    async with scene.projects.work(ZHAO) as work:
        await work.execute(
            """INSERT INTO follow_ups (id, version, created_at, project_id, years, due_on, state, said, reminded,
                                           task_title)
               VALUES (%(id)s, 1, now(), %(project)s, 1, '2030-01-02', 'waiting', '', false, '')""",
            {"id": new_id(), "project": project["id"]},
        )
    after = await entries(scene, await own(scene, scene.world.institute))
    (report,) = [one for uid, one in after.items() if uid.startswith("follow_up-")]
    assert report.decoded("dtstart") == date(2030, 1, 2)
    assert str(report["url"]).endswith(f"/projects/projects/{project['id']}/evaluations")
    async with scene.projects.work(ZHAO) as work:
        await work.execute("UPDATE applications SET label = 'confidential' WHERE id = %(id)s", {"id": mine.id})
    assert f"draft-{mine.id}@hechuan" not in await entries(scene, zhao), "above the clearance"


async def test_a_review_is_due_without_saying_of_what(scene: Scene) -> None:
    await scene.projects.rows("SELECT 1")
    reviewer = scene.world.experts[0]
    async with scene.projects.work(reviewer) as work:
        await work.execute("UPDATE reviews SET state = 'accepted', total = NULL, completed_at = NULL")
    found = await entries(scene, await own(scene, reviewer))
    reviews = [one for uid, one in found.items() if uid.startswith("review-")]
    assert reviews
    assert {str(one["summary"]) for one in reviews} == {"Review due"}
    async with scene.projects.work(reviewer) as work:
        await work.execute("UPDATE applications SET title = 'Secret plan' WHERE title = 'First'")
    assert "Secret plan" not in str(await entries(scene, await own(scene, reviewer)))


async def test_an_address_is_one_persons_secret_and_can_be_revoked(scene: Scene) -> None:
    first = await own(scene, ZHAO)
    second = await own(scene, ZHAO)
    assert first != second
    async with scene.projects.client(None) as http:
        path = scene.projects.settings.address
        assert (await http.get(first.removeprefix(path))).status_code == 404
        assert (await http.get(second.removeprefix(path))).status_code == 200
        assert (await http.get(f"{API}/calendars/{'x' * 43}/deadlines.ics")).status_code == 404
        assert (await http.get(PATH)).status_code == 401
    kept = await scene.projects.rows("SELECT * FROM calendar_addresses")
    said = [*await scene.projects.said(CalendarAddressMade), *await scene.projects.said(CalendarAddressRevoked)]
    stored = await scene.projects.rows("SELECT encode(body, 'escape') AS body FROM idempotency_keys")
    secret = second.split("/")[-2]
    assert secret not in str(kept) + str(said) + str(stored)
    async with scene.projects.client(ZHAO) as http:
        assert (await http.post(f"{PATH}/revocation")).status_code == 204
        assert (await http.post(f"{PATH}/revocation")).status_code == 204
        assert (await http.get(PATH)).json()["url"] is None
        assert (await http.get(second.removeprefix(scene.projects.settings.address))).status_code == 404


async def test_the_page_makes_shows_and_revokes_it(scene: Scene) -> None:
    async with scene.projects.client(ZHAO) as http:
        http.headers["Origin"] = "http://test"
        here = "/projects/calendars"
        assert here in (await http.get("/projects/calls")).text
        assert "You have no address yet" in (await http.get(here)).text
        made = await http.post("/projects/calendar-address/renewal", data={}, headers={"Accept-Language": "zh-CN"})
        assert made.status_code == 303
        shown = (await http.get(here)).text
        assert "deadlines.ics" in shown
        address = shown.split("<code>")[-1].split("</code>")[0]
        chinese = (await http.get(address.removeprefix(scene.projects.settings.address))).content.decode()
        assert "我的" in chinese
        assert (await http.post("/projects/calendar-address/revocation", data={})).status_code == 303
        assert "deadlines.ics" not in (await http.get(here)).text
    async with scene.projects.client(None) as http:
        page = (await http.get(here)).text
        assert "calls.ics" in page
        assert "You have no address yet" not in page
