"""People keep calls and searches, are told what is new, and nobody else learns of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.project_management.amendments.actions import tell_of_changes
from services.project_management.bookmarks import actions, rules
from services.project_management.bookmarks.rules import SOON, TooMany
from services.project_management.calls import actions as calls
from services.project_management.calls.rules import State
from services.project_management.closings.actions import close_due_calls
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.project_management.amendments.test_amendments import amended
from tests.services.project_management.closings.test_actions import tick
from tests.services.project_management.ready import LI, SUN, ZHAO, at, draft_call, released_call

pytestmark = pytest.mark.anyio
API = "/projects/api/v1"
DAY = timedelta(days=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CLEARED = someone(Role.APPLICANT, subject="cleared", clearance=SecurityLabel.CONTROLLED)


async def waiting(projects: Running) -> list[dict[str, Any]]:
    over = {str(task["subject"]) for task in await projects.said(TaskDone)}
    kinds = ("call.changed", "call.closing", "call.cancelled", "call.match")
    found = [task for task in await projects.said(TaskAssigned) if str(task["subject"]) not in over]
    return [task["data"] for task in found if task["data"]["kind"] in kinds]


async def test_a_saved_call_tells_of_changes_of_its_closing_and_of_its_end(projects: Running) -> None:
    now = datetime.now(UTC)
    call = await released_call(projects, closes_at=(now + 30 * DAY).isoformat())
    async with projects.client(ZHAO) as zhao, projects.client(LI) as li:
        assert "Save this call" in (await zhao.get(f"/projects/calls/{call.id}")).text
        for _ in range(2):
            assert (await zhao.post(f"{API}/calls/{call.id}/saving")).status_code == 200
        await tick(projects, actions.tell_of_saved)
        assert await waiting(projects) == [], "nothing is new yet"
        await amended(projects, call.id, summary="Another text.")
        for _ in range(2):
            await tick(projects, actions.tell_of_saved)
        (task,) = await waiting(projects)
        assert (task["kind"], task["subject"], task["label"]) == ("call.changed", "zhao.institute", "confidential")
        assert task["url"] == f"/projects/calls/{call.id}/versions"
        assert "It has changed" in (await zhao.get("/projects/saved")).text
        # Nobody else learns of it: not the office, not by a count, not in the call's history.
        assert (await li.get(f"{API}/saved")).json() == {"calls": [], "searches": []}
        assert "zhao.institute" not in (await li.get(f"/projects/calls/{call.id}")).text
        noted = await zhao.post(f"{API}/calls/{call.id}/noting")
        assert noted.json()["calls"][0]["news"] == ""
        assert await waiting(projects) == []
        at(projects, call.closes_at - SOON + DAY)
        for _ in range(2):
            await tick(projects, actions.tell_of_saved)
        (task,) = await waiting(projects)
        assert (task["kind"], datetime.fromisoformat(task["due_at"])) == ("call.closing", call.closes_at)
        # Lengthened, it is told once that it changed, and again when the new time is near.
        later = call.closes_at + 30 * DAY
        await amended(projects, call.id, closes_at=later.isoformat())
        await tick(projects, actions.tell_of_saved)
        assert [one["kind"] for one in await waiting(projects)] == ["call.changed"]
        at(projects, later - DAY)
        await tick(projects, actions.tell_of_saved)
        assert [one["kind"] for one in await waiting(projects)] == ["call.closing"]
        at(projects, later + DAY)
        await tick(projects, close_due_calls)
        await tick(projects, actions.tell_of_saved)
        assert await waiting(projects) == []
        assert (await zhao.post(f"{API}/calls/{call.id}/unsaving")).json()["calls"] == []


async def test_a_cancelled_call_is_told_and_a_draft_cannot_be_saved(projects: Running) -> None:
    call, draft = await released_call(projects), await draft_call(projects)
    async with projects.client(SUN) as sun, projects.client(LI) as li, projects.client() as visitor:
        sun.headers["Origin"] = "http://test"
        assert (await sun.post(f"{API}/calls/{draft.id}/saving")).status_code == 404
        assert (await li.post(f"{API}/calls/{draft.id}/saving")).status_code == 404
        assert (await visitor.post(f"{API}/calls/{call.id}/saving")).status_code == 401
        assert "Save this call" not in (await visitor.get(f"/projects/calls/{call.id}")).text
        saved = await sun.post(f"/projects/calls/{call.id}/saving")
        assert saved.status_code == 303
        assert "Save this call" not in (await sun.get(f"/projects/calls/{call.id}")).text
        async with projects.work(LI) as work:
            await calls.cancel_call(work, call.id, "no money", None)
        for _ in range(2):
            await tick(projects, actions.tell_of_saved)
        assert [one["kind"] for one in await waiting(projects)] == ["call.cancelled"]
        assert "It is cancelled" in (await sun.get("/projects/saved")).text
        assert (await sun.post(f"/projects/calls/{call.id}/noting")).status_code == 303
        assert (await sun.post(f"/projects/calls/{call.id}/unsaving")).status_code == 303
        assert "No call is saved" in (await sun.get("/projects/saved")).text
    assert await waiting(projects) == []
    await tick(projects, tell_of_changes)


async def test_a_saved_search_tells_of_new_calls_and_of_none_above_the_clearance(projects: Running) -> None:
    await released_call(projects, title="Alloys of old")
    body = {"name": "Alloys", "search": "alloy", "phase": ["open"], "alert": True}
    async with projects.client(ZHAO) as zhao, projects.client(CLEARED) as cleared:
        for person in (zhao, cleared):
            assert (await person.post(f"{API}/saved-searches", json=body)).status_code == 201
        quiet = await zhao.post(f"{API}/saved-searches", json={**body, "name": "Quiet", "alert": False})
        assert [one["name"] for one in quiet.json()["searches"]] == ["Alloys", "Quiet"]
        narrow = {"name": "Narrow", "search": "alloy", "ceiling_to": "1000000", "alert": True}
        wide = {"name": "Wide", "ceiling_from": "1000000", "field": ["Materials"], "region": ["Chengdu"],
                "kind": ["institute"], "search": "new", "alert": True}  # fmt: skip
        for search in (narrow, wide):
            assert (await cleared.post(f"{API}/saved-searches", json=search)).status_code == 201
        await tick(projects, actions.tell_of_matches)
        assert await waiting(projects) == [], "what was there is not new"
        await released_call(projects, title="Ceramics")
        new = await released_call(projects, title="100 % new Alloys_")
        secret = await released_call(projects, title="Secret alloys")
        async with projects.work(LI) as work:
            await work.execute("UPDATE calls SET label = 'controlled' WHERE id = %(id)s", {"id": secret.id})
        for _ in range(2):
            await tick(projects, actions.tell_of_matches)
        everyone = await waiting(projects)
        told = {one["subject"]: one for one in everyone}
        assert set(told) == {"zhao.institute", "cleared"}
        news = {one["name"]: one["news"] for one in (await cleared.get(f"{API}/saved")).json()["searches"]}
        assert news == {"Alloys": "match", "Narrow": "", "Wide": "match"}
        assert (await cleared.post(f"{API}/saved-searches", json=wide | {"alert": False})).status_code == 201
        assert told["zhao.institute"]["url"] == f"/projects/calls/{new.id}"
        assert "/projects/calls?q=alloy&phase=open" in {one["url"] for one in everyone}, "two of them"
        page = (await zhao.get("/projects/saved")).text
        assert "A new call matches" in page
        (mine,) = [one for one in (await zhao.get(f"{API}/saved")).json()["searches"] if one["name"] == "Alloys"]
        assert (await cleared.post(f"{API}/saved-searches/{mine['id']}/removal")).status_code == 404
        assert (await zhao.post(f"{API}/saved-searches/{mine['id']}/noting")).json()["searches"][0]["news"] == ""
        assert {one["subject"] for one in await waiting(projects)} == {"cleared"}
        assert (await zhao.post(f"{API}/saved-searches/{mine['id']}/removal")).status_code == 200
        assert (await zhao.post(f"{API}/saved-searches/{mine['id']}/removal")).status_code == 404


async def test_searches_are_saved_from_the_list_on_a_page(projects: Running) -> None:
    await released_call(projects)
    async with projects.client(ZHAO) as zhao:
        zhao.headers["Origin"] = "http://test"
        listed = (await zhao.get("/projects/calls", params={"q": "alloy", "phase": "open"})).text
        assert "/projects/saved?q=alloy&amp;phase=open" in listed
        whole = {"kind": "institute", "soon": "closing", "ceiling": "middle", "field": "Materials"}
        form = (await zhao.get("/projects/saved", params={"q": "alloy", "phase": "open", **whole})).text
        assert all(f'value="{value}" checked' in form for value in whole.values())
        assert 'value="alloy"' in form
        assert (await zhao.post("/projects/saved-searches/new", data={"name": ""})).status_code == 422
        typed = {"name": "Alloys", "search": "alloy", "phase": "open", "alert": "true"}
        assert (await zhao.post("/projects/saved-searches/new", data=typed)).status_code == 303
        assert (await zhao.post("/projects/saved-searches/new", data=typed | {"search": "steel"})).status_code == 303
        (kept,) = (await zhao.get(f"{API}/saved")).json()["searches"]
        assert (kept["search"], kept["phases"], kept["alert"]) == ("steel", ["open"], True)
        asked = {"name": "All", **whole, "ceiling": ["middle", "large"], "alert": "true"}
        assert (await zhao.post("/projects/saved-searches/new", data=asked)).status_code == 303
        every = (await zhao.get(f"{API}/saved")).json()["searches"][0]
        assert (every["kinds"], every["fields"], every["soon"]) == (["institute"], ["Materials"], ["closing"])
        assert (Decimal(every["ceiling_from"]), every["ceiling_to"]) == (Decimal(1_000_000), None)
        assert "filters" not in every
        shown = (await zhao.get("/projects/saved")).text
        assert "ceiling=middle&amp;ceiling=large" in shown
        assert "Closes within two weeks" in shown
        root = f"/projects/saved-searches/{kept['id']}"
        assert (await zhao.post(f"{root}/noting")).status_code == 303
        assert (await zhao.post(f"{root}/removal")).status_code == 303


@pytest.mark.parametrize(
    ("changed", "news"),
    [
        ({}, ""),
        ({"released_version": 2}, "changed"),
        ({"closes_at": NOW + SOON}, "closing"),
        ({"closes_at": NOW + SOON, "told_closing": NOW + SOON}, ""),
        ({"closes_at": NOW + SOON, "told_closing": NOW}, "closing"),
        ({"closes_at": NOW, "released_version": 2}, ""),
        ({"state": State.CLOSED, "released_version": 2}, ""),
        ({"state": State.CANCELLED}, "cancelled"),
        ({"state": State.CANCELLED, "told_state": State.CANCELLED}, ""),
    ],
)
def test_what_is_told_when(changed: dict[str, Any], news: str) -> None:
    given: dict[str, Any] = {"state": State.RELEASED, "closes_at": NOW + 30 * DAY, "released_version": 1}
    told: dict[str, Any] = {"told_version": 1, "told_state": State.RELEASED, "told_closing": None}
    assert rules.news_of(**(given | told | changed), now=NOW) == news


def test_nobody_keeps_too_many() -> None:
    rules.room_for(1, 2)
    with pytest.raises(TooMany):
        rules.room_for(2, 2)
