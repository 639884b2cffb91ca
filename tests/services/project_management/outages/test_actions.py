"""The service was away: every open call that it hit closes later, and everybody is told."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.host import build
from services.project_management.amendments.actions import tell_of_changes
from services.project_management.app import make_good_an_outage
from services.project_management.applications import actions as applications
from services.project_management.closings.actions import close_due_calls, take_back_notices
from services.project_management.outages.actions import beat
from shared.contracts.projects import CallClosed, CallExtended, OutageRecorded, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from tests.kit.platform import Running
from tests.services.project_management.closings.test_actions import tick
from tests.services.project_management.ready import (
    OTHER,
    SUN,
    ZHAO,
    at,
    draft_application,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
HOURS = timedelta(hours=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + HOURS


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def away(projects: Running, start: datetime, end: datetime) -> None:
    """The last beat at one time, the next at the other; what lies between nobody lived through."""
    at(projects, start)
    await tick(projects, beat)
    at(projects, end)
    await make_good_an_outage(projects.service)


async def closes(projects: Running) -> dict[str, Any]:
    return {
        str(row["id"]): row for row in await projects.rows("SELECT id, closes_at, released_version, sha256 FROM calls")
    }


async def test_two_hours_before_closing_lengthen_every_open_call_alike(ready: Running) -> None:
    soon, also = [await released_call(ready, closes_at=(NOW + n * HOURS).isoformat()) for n in (3, 4)]
    far = await released_call(ready, closes_at=(NOW + 200 * HOURS).isoformat())
    drafts = [await draft_application(ready, soon.id, ZHAO), await draft_application(ready, soon.id, SUN)]
    await submitted_application(ready, also.id, OTHER)
    await away(ready, NOW + HOURS, NOW + 3.5 * HOURS)

    now = await closes(ready)
    assert now[str(soon.id)]["closes_at"] == NOW + 28 * HOURS
    assert now[str(also.id)]["closes_at"] == NOW + 28 * HOURS
    assert now[str(far.id)]["closes_at"] == NOW + 200 * HOURS
    facts = await ready.said(CallExtended)
    assert {str(fact["subject"]) for fact in facts} == {str(soon.id), str(also.id)}
    data = next(fact["data"] for fact in facts if fact["subject"] == soon.id)
    assert datetime.fromisoformat(data["closed_at"]) == NOW + 3 * HOURS
    assert data["call_version"] == 2
    assert data["reason"].startswith("The platform was not available for 150 minutes")
    (outage,) = await ready.said(OutageRecorded)
    assert outage["data"]["calls"] == 2
    assert data["arises_from"] == [{"kind": "outage", "id": str(outage["subject"])}]

    versions = await ready.rows(
        "SELECT number, content, sha256 FROM call_versions WHERE call_id = %(id)s ORDER BY number", id=soon.id
    )
    assert [row["number"] for row in versions] == [1, 2]
    assert hashlib.sha256(versions[1]["content"].encode()).hexdigest() == versions[1]["sha256"]
    assert now[str(soon.id)]["sha256"] == versions[1]["sha256"]
    assert datetime.fromisoformat(json.loads(versions[1]["content"])["closes_at"]) == NOW + 28 * HOURS

    for _ in range(2):
        await tick(ready, tell_of_changes)
    told = [
        task["data"] for task in await ready.said(TaskAssigned) if task["data"]["kind"] == "application.call_changes"
    ]
    assert len(told) == 3
    assert {task["about"]["id"] for task in told} >= {str(draft.id) for draft in drafts}
    assert {task["organisation_id"] for task in told} == {str(one.organisation_id) for one in (ZHAO, SUN, OTHER)}


async def test_nothing_closes_between_an_outage_and_its_making_good(ready: Running) -> None:
    call = await released_call(ready, closes_at=(NOW + 3 * HOURS).isoformat())
    at(ready, NOW + 2 * HOURS)
    await tick(ready, beat)
    at(ready, NOW + 4 * HOURS)
    await tick(ready, close_due_calls)
    assert await ready.said(CallClosed) == []
    await tick(ready, beat)
    await tick(ready, close_due_calls)
    assert await ready.said(CallClosed) == []
    assert (await closes(ready))[str(call.id)]["closes_at"] == NOW + 28 * HOURS
    at(ready, NOW + 28 * HOURS + timedelta(seconds=3))
    async with ready.work(system_actor("projects")) as work:
        await work.execute("UPDATE uptimes SET until = %(now)s", {"now": work.now})
    await tick(ready, close_due_calls)
    assert len(await ready.said(CallClosed)) == 1


async def test_a_pulse_without_gaps_is_one_row_and_no_fact(ready: Running) -> None:
    await released_call(ready, closes_at=(NOW + 3 * HOURS).isoformat())
    for seconds in (0, 5, 10, 65, 60):  # the clock of a second machine may lag
        at(ready, NOW + timedelta(seconds=seconds))
        await tick(ready, beat)
    (row,) = await ready.rows("SELECT since, until FROM uptimes")
    assert (row["since"], row["until"]) == (NOW, NOW + timedelta(seconds=65))
    assert await ready.said(OutageRecorded) == []


async def test_two_processes_that_start_after_an_outage_record_it_once(ready: Running) -> None:
    import asyncio

    await released_call(ready, closes_at=(NOW + 3 * HOURS).isoformat())
    at(ready, NOW)
    await tick(ready, beat)
    at(ready, NOW + 2 * HOURS)
    await asyncio.gather(*[make_good_an_outage(ready.service) for _ in range(4)])
    assert len(await ready.said(OutageRecorded)) == 1
    assert len(await ready.said(CallExtended)) == 1


async def test_a_second_outage_counts_from_the_lengthened_time(ready: Running) -> None:
    call = await released_call(ready, closes_at=(NOW + 10 * HOURS).isoformat())
    await away(ready, NOW, NOW + 2 * HOURS)
    first = (await closes(ready))[str(call.id)]["closes_at"]
    await away(ready, NOW + 2 * HOURS, NOW + 6 * HOURS)
    second = (await closes(ready))[str(call.id)]
    assert (first, second["closes_at"]) == (NOW + 26 * HOURS, NOW + 30 * HOURS)
    assert second["released_version"] == 3


async def test_the_notice_ends_when_it_was_read_or_the_call_is_over(ready: Running) -> None:
    call = await released_call(ready, closes_at=(NOW + 3 * HOURS).isoformat())
    mine = await draft_application(ready, call.id, ZHAO)
    await draft_application(ready, call.id, SUN)
    await away(ready, NOW, NOW + 2 * HOURS)
    await tick(ready, tell_of_changes)
    async with ready.work(ZHAO) as work:
        await applications.acknowledge_call(work, mine.id, 2)
    assert [task["data"]["outcome"] for task in await ready.said(TaskDone)][-1:] == ["read"]
    await tick(ready, tell_of_changes)
    at(ready, NOW + 60 * HOURS)
    async with ready.work(system_actor("projects")) as work:
        await work.execute("UPDATE uptimes SET until = %(now)s", {"now": work.now})
    for _ in range(2):
        await tick(ready, close_due_calls)
        await tick(ready, take_back_notices)
    assert [task["data"]["outcome"] for task in await ready.said(TaskDone)][-2:] == ["read", "call closed"]


async def test_the_page_and_the_api_tell_of_outages_without_sign_in(ready: Running) -> None:
    call = await released_call(ready, closes_at=(NOW + 3 * HOURS).isoformat())
    await away(ready, NOW, NOW + 2 * HOURS)
    async with ready.client() as visitor:
        (item,) = (await visitor.get("/projects/api/v1/outages")).json()["items"]
        assert (item["seconds"], item["calls"]) == (7200, 1)
        page = await visitor.get("/projects/outages")
        assert "2 hours" in page.text
        assert (
            "The platform was not available for 120 minutes" in (await visitor.get(f"/projects/calls/{call.id}")).text
        )
        chinese = await visitor.get(f"/projects/calls/{call.id}", headers={"Accept-Language": "zh-CN"})
        assert "平台" in chinese.text
        assert "was not available" not in chinese.text


async def test_the_service_looks_for_an_outage_before_its_first_request(ready: Running) -> None:
    (service,) = build(ready.settings, ["projects"])
    assert make_good_an_outage in service._on_start
