"""More than one list of one decision: who had a hand in which, what an old objection does to a newer list."""

from datetime import datetime
from typing import Any

import httpx

from services.project_management.objections.actions import tell_of_notices
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from tests.kit.platform import Running, Someone
from tests.services.project_management.objections.test_api import ANYBODY, CHEN, HE, noticed_world
from tests.services.project_management.world import ANY, API, World

UPHOLD = {"decision": "uphold", "answer": "It has to change."}
BODY: dict[str, Any] = {"reason": "Published before.", "evidence": "Proceedings 2024, page 7."}


async def post(world: World, person: Someone, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    async with world.projects.client(person) as http:
        return await http.post(f"{API}{path}", json=body if body is not None else {}, headers=ANY)


async def two_objections(projects: Running) -> tuple[World, str, str, str]:
    """The world, the call's path, and two objections to its first list, which CHEN approved."""
    world = await noticed_world(projects)
    here = f"/calls/{world.call_id}"
    assert (await post(world, CHEN, f"{here}/decision/approval")).status_code == 200
    lodged = [
        await post(world, ANYBODY, f"{here}/objections", BODY | {"application_id": about})
        for about in (None, str(world.applications[0]))
    ]
    first, second = (one.headers["location"].removeprefix(API) for one in lodged)
    return world, here, first, second


async def test_an_objection_that_is_upheld_late_sends_the_newer_list_back_too(projects: Running) -> None:
    world, here, first, second = await two_objections(projects)
    assert (await post(world, HE, f"{first}/answer", UPHOLD)).status_code == 200
    again = await post(world, world.officer, f"{here}/decision", {"reason": "Without the first."})
    assert (again.json()["number"], again.json()["state"]) == (2, "in_approval")
    refused = await post(world, CHEN, f"{second}/answer", UPHOLD)
    assert (refused.status_code, refused.json()["code"]) == (409, "concerned"), (
        "who signed list 1 does not answer to it"
    )
    assert (await post(world, HE, f"{second}/answer", UPHOLD)).status_code == 200
    (row,) = await projects.rows("SELECT state, number FROM decisions")
    assert (row["state"], row["number"]) == ("returned", 2)
    lists = await projects.rows("SELECT number, approvals FROM decision_lists ORDER BY number")
    assert [[one["subject"] for one in row["approvals"]] for row in lists] == [[CHEN.subject], []]


async def test_who_had_a_hand_in_a_list_is_not_asked_to_answer_objections_to_it(projects: Running) -> None:
    world, here, _first, _second = await two_objections(projects)
    asked = [one["data"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "objection.answer"]
    hands = sorted((CHEN.subject, world.officer.subject))
    assert {(one["role"], tuple(one["except_for"])) for one in asked} == {("coordinator", tuple(hands))}
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE access_grants SET revoked_at = now() WHERE subject = %(he)s", {"he": HE.subject})
    assert (await post(world, world.institute, f"{here}/objections", BODY)).status_code == 201
    tasks = [one["data"] for one in await projects.said(TaskAssigned)]
    last = [one for one in tasks if one["kind"] == "objection.answer"][-1]
    assert last["role"] == "programme_officer", "no coordinator is left who may answer"


async def test_who_applied_is_told_of_each_public_notice_until_it_is_read_or_over(projects: Running) -> None:
    world, here, first, _second = await two_objections(projects)
    for _again in range(2):
        async with projects.work(system_actor("projects")) as work:
            await tell_of_notices(work)
    told = {one["data"]["organisation_id"]: one["data"] for one in await projects.said(TaskAssigned)
            if one["data"]["kind"] == "decision.notice"}  # fmt: skip
    institute, university = (str(one.organisation_id) for one in (world.institute, world.university))
    (shown,) = await projects.rows("SELECT notice_until FROM decisions")
    assert told.keys() == {institute, university}, "once each, though the clock came twice"
    for id, one in told.items():
        assert (one["role"], one["owners"], one["url"]) == ("applicant", [id], f"/projects{here}/notice")
        assert datetime.fromisoformat(one["due_at"]) == shown["notice_until"]
        assert "First" not in one["title"], "nor what became of it"
    async with world.browser(world.institute) as page:
        at = f"/projects{here}/notice"
        assert "I have read it" in (await page.get(at)).text
        assert (await page.post(f"{at}/reading", follow_redirects=True)).status_code == 200
        assert "I have read it" not in (await page.get(at)).text
    read = [one["data"] for one in await projects.said(TaskDone) if one["data"]["id"] == told[institute]["id"]]
    assert [one["outcome"] for one in read] == ["read"]
    assert (await post(world, HE, f"{first}/answer", UPHOLD)).status_code == 200
    async with projects.work(system_actor("projects")) as work:
        await tell_of_notices(work)
    over = [one["data"] for one in await projects.said(TaskDone) if one["data"]["id"] == told[university]["id"]]
    assert [one["outcome"] for one in over] == ["over"]
    assert (await post(world, world.institute, f"{here}/notice/reading")).status_code == 204, "twice is no fault"


async def test_deciding_again_leaves_no_task_open(projects: Running) -> None:
    world, here, first, second = await two_objections(projects)
    for one in (first, second):
        assert (await post(world, HE, f"{one}/answer", UPHOLD)).status_code == 200
    assert (await post(world, world.officer, f"{here}/decision", {"reason": "Again."})).status_code == 201
    asked = {one["data"]["id"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "call.decide"}
    done = {one["data"]["id"] for one in await projects.said(TaskDone)}
    assert asked
    assert asked <= done


async def test_reviewers_do_not_change_while_the_list_is_approved_or_shown(projects: Running) -> None:
    world = await noticed_world(projects)
    for state in ("in_approval", "in_notice"):
        refused = await world.assign()
        assert (refused.status_code, refused.json()["code"]) == (409, "call-not-ready"), state
        assert "approved or shown" in refused.json()["detail"]
        if state == "in_approval":
            assert (await post(world, CHEN, f"/calls/{world.call_id}/decision/approval")).status_code == 200


async def test_one_objection_to_one_thing_at_a_time(projects: Running) -> None:
    world, here, first, _second = await two_objections(projects)
    again = await post(world, ANYBODY, f"{here}/objections", BODY)
    assert (again.status_code, again.json()["code"]) == (409, "lodged-already")
    assert (await post(world, ANYBODY, f"{first}/withdrawal")).status_code == 200
    assert (await post(world, ANYBODY, f"{here}/objections", BODY)).status_code == 201


async def test_who_answers_sees_the_task_though_cleared_for_no_more_than_the_call(projects: Running) -> None:
    await two_objections(projects)
    labels = [one["data"]["label"] for one in await projects.said(TaskAssigned)
              if one["data"]["kind"] == "objection.answer"]  # fmt: skip
    assert labels == ["internal", "internal"]


async def test_what_somebody_writes_while_the_list_goes_back_is_shown_to_them(projects: Running) -> None:
    world, here, first, _second = await two_objections(projects)
    async with world.browser(world.officer) as http:
        assert "in public notice until" in (await http.get(f"/projects{here}")).text
    assert (await post(world, HE, f"{first}/answer", UPHOLD)).status_code == 200
    assert (await post(world, world.officer, f"{here}/decision", {"reason": "Again."})).status_code == 201
    async with world.browser(ANYBODY) as http:
        gone = await http.post(f"/projects{here}/objections", data={**BODY, "application_id": ""})
    assert gone.status_code == 409
    assert "Proceedings 2024, page 7." in gone.text
    assert "Nothing was lodged" in gone.text
