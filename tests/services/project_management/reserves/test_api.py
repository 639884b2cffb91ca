"""An award is turned down, the next is asked; and appeals, over HTTP and on pages."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.traces import repeat_all
from services.project_management.awards.clock import remind_of_books
from services.project_management.reserves.actions import offer_reserves
from shared.contracts.project_awards import AppealDecided, AwardOfferAnswered, AwardOffered
from shared.contracts.projects import ApplicationWithdrawn, AwardDecided, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.world import ANY, API, World

BOTH = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
"""Grants of one organisation; a test adds those of another."""
CHEN = someone(Role.COORDINATOR, organisation_name="Coordination Office")


async def tick(projects: Running) -> None:
    async with projects.work(system_actor("projects")) as work:
        await offer_reserves(work)


async def award_of(world: World, n: int) -> str:
    (row,) = await world.projects.rows("SELECT id FROM awards WHERE application_id = %(id)s", id=world.applications[n])
    return f"/awards/{row['id']}"


async def post(
    world: World, person: Someone, path: str, body: dict[str, str] | None = None
) -> tuple[int, dict[str, str]]:
    async with world.projects.client(person) as http:
        answer = await http.post(f"{API}{path}", json=body, headers=ANY)
        return answer.status_code, answer.json()


async def test_an_award_that_is_turned_down_is_offered_to_the_next_who_takes_it(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    first, second = await award_of(world, 0), await award_of(world, 1)
    assert (await post(world, world.university, f"{second}/acceptance"))[1]["code"] == "offer-not-ready"
    assert (await post(world, world.university, f"{second}/refusal", {"reason": "x"}))[0] == 409
    assert (await post(world, world.officer, f"{first}/refusal", {"reason": "x"}))[0] == 403
    status, body = await post(world, world.institute, f"{first}/refusal", {"reason": "Funded elsewhere."})
    assert (status, body["outcome"]) == (200, "turned_down")
    assert [one["data"]["reason"] for one in await projects.said(ApplicationWithdrawn)] == ["Funded elsewhere."]
    await tick(projects)
    (offered,) = await projects.said(AwardOffered)
    assert offered["data"]["application_id"] == str(world.applications[1])
    await tick(projects)
    assert len(await projects.said(AwardOffered)) == 1
    async with world.browser(world.university) as http:
        page = await http.get(f"/projects{second}/offer")
        assert "Take the award" in page.text
        assert "the next whom the money reaches" in page.text
        trace = (await http.get(f"{API}{second}/offer")).json()["offer"]["trace"]
        assert (trace["inputs"], trace["result"]) == ({"currency": "CNY"}, {}), "what others ask for is their business"
    async with projects.client(replace(BOTH, grants=BOTH.grants + world.university.grants)) as http:
        assert (await http.get(f"{API}{second}/offer")).json()["offer"]["trace"] == trace, "an officer elsewhere too"
    async with projects.client(world.officer) as http:
        trace = (await http.get(f"{API}{second}/offer")).json()["offer"]["trace"]
        assert trace["result"]["application_id"] == str(world.applications[1])
    status, body = await post(world, world.university, f"{second}/acceptance")
    assert (status, body["outcome"], body["offer"]["state"]) == (200, "funded", "accepted")  # type: ignore[index]
    assert [one["data"]["outcome"] for one in await projects.said(AwardDecided)] == ["funded", "reserve", "funded"]
    letters = await projects.rows("SELECT content FROM letters WHERE award_id = %(id)s", id=second.split("/")[-1])
    assert {json.loads(one["content"])["outcome"] for one in letters} == {"reserve", "funded"}
    books = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "project.draft"]
    assert len(books) == 4, "each of two awards, for its lead and the office"
    traced = {one.what: one for one in repeat_all(projects.settings)}["projects.award_offers.trace"]
    assert (traced.decisions, traced.same) == (1, 1)


async def test_an_offer_that_nobody_answers_lapses(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    await post(world, world.institute, f"{await award_of(world, 0)}/refusal", {"reason": "No."})
    await tick(projects)
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE award_offers SET until = until - %(by)s", {"by": timedelta(days=15)})
    assert (await post(world, world.university, f"{await award_of(world, 1)}/acceptance"))[0] == 409
    await tick(projects)
    assert [one["data"]["answer"] for one in await projects.said(AwardOfferAnswered)] == ["lapsed"]
    states = await projects.rows("SELECT outcome FROM awards")
    assert [one["outcome"] for one in states] == ["turned_down", "turned_down"]


async def test_lead_and_office_are_asked_to_draw_up_the_task_book_and_reminded(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()

    async def books() -> list[dict[str, Any]]:
        done = {str(one["subject"]): one["data"]["outcome"] for one in await projects.said(TaskDone)}
        told = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "project.draft"]
        return [one["data"] | {"outcome": done.get(str(one["subject"]))} for one in told]

    async def remind(moment: datetime | None = None) -> None:
        before = projects.service.database.clock
        if moment:
            projects.service.database.clock = lambda: moment
        async with projects.work(system_actor("projects")) as work:
            await remind_of_books(work)
        projects.service.database.clock = before

    first = await books()
    assert {(one["role"], one["organisation_id"]) for one in first} == {
        ("programme_officer", str(world.officer.organisation_id)),
        ("applicant", str(world.institute.organisation_id)),
    }
    (due,) = {datetime.fromisoformat(one["due_at"]) for one in first}
    assert timedelta(days=19) < due - datetime.now(UTC) < timedelta(days=21)
    await remind()
    assert await books() == first, "a week before at the earliest"
    for _ in range(2):
        await remind(due - timedelta(days=6))
    reminded = await books()
    assert [one["outcome"] for one in reminded] == ["reminded", "reminded", None, None]
    assert {datetime.fromisoformat(one["due_at"]) for one in reminded} == {due}
    # An award of before: its lead was never asked.
    await projects.rows(
        """UPDATE awards SET lead_task_id = NULL, book_due_at = NULL, book_remind_at = now()
           WHERE draft_task_id IS NOT NULL RETURNING id"""
    )
    await remind()
    assert [one["outcome"] for one in await books()][-2:] == [None, None]
    async with world.browser(world.institute) as http:
        assert "Task book to be drawn up by" in (await http.get(f"/projects{await award_of(world, 0)}")).text
    await post(world, world.institute, f"{await award_of(world, 0)}/refusal", {"reason": "Funded elsewhere."})
    assert [one["outcome"] for one in await books()][-2:] == ["turned down", "turned down"]
    await remind(due + timedelta(days=30))
    assert len(await books()) == 6


async def test_no_award_is_turned_down_behind_its_task_book(projects: Running) -> None:
    world = await World(projects).open()
    await world.project()
    status, body = await post(world, world.institute, f"{await award_of(world, 0)}/refusal", {"reason": "No."})
    assert (status, body["code"]) == (409, "project-begun")


async def test_an_appeal_is_decided_by_another_person_and_has_its_consequence(projects: Running) -> None:
    world = await World(projects).open()
    await projects.know(CHEN)
    await world.decided()
    first, second = await award_of(world, 0), await award_of(world, 1)
    grounds = {"grounds": "One review speaks of another application."}
    assert (await post(world, world.institute, f"{first}/appeal", grounds))[1]["code"] == "no-appeal"
    assert (await post(world, world.institute, f"{second}/appeal", grounds))[0] == 404
    async with world.browser(world.university) as http:
        assert "Lodge the appeal" in (await http.get(f"/projects{second}/appeal")).text
        assert "Lodge the appeal" not in (await http.get(f"/projects{first}/appeal")).text
    status, appeal = await post(world, world.university, f"{second}/appeal", grounds)
    assert status == 201
    assert (await post(world, world.university, f"{second}/appeal", grounds))[1]["code"] == "no-appeal"
    at, grant = f"/appeals/{appeal['id']}/decision", {"decision": "grant", "reason": "It does."}
    assert (await post(world, world.officer, at, grant))[1]["code"] == "own-decision"
    assert (await post(world, world.institute, at, grant))[0] == 403
    async with world.browser(CHEN) as http:
        page = await http.get(f"/projects/appeals/{appeal['id']}")
        assert "Decide the appeal" in page.text
        zh = await http.get(f"/projects/appeals/{appeal['id']}?lang=zh", follow_redirects=True)
        assert "裁决申诉" in zh.text
    status, decided = await post(world, CHEN, at, grant)
    assert (status, decided["state"]) == (200, "granted")
    assert decided["trace"]["inputs"]["held"], "whole for the offices"  # type: ignore[index]
    async with world.browser(replace(BOTH, subject="both", grants=BOTH.grants + world.university.grants)) as http:
        trace = (await http.get(f"{API}/appeals/{appeal['id']}")).json()["trace"]
        assert (trace["inputs"], trace["result"]) == ({"currency": "CNY"}, {})
        assert "/ranking" not in (await http.get(f"/projects/appeals/{appeal['id']}")).text
    assert (await post(world, CHEN, at, grant))[1]["code"] == "appeal-not-ready"
    assert [one["data"]["granted"] for one in await projects.said(AppealDecided)] == [True]
    (row,) = await projects.rows("SELECT outcome, ahead, reason FROM awards WHERE rank = 2")
    assert (row["outcome"], row["ahead"]) == ("reserve", True)
    assert "the money does not reach it now" in row["reason"]
    assert len(await projects.rows("SELECT 1 FROM letters")) == 3


async def test_an_appeal_that_is_dismissed_or_too_late_changes_nothing(projects: Running) -> None:
    world = await World(projects).open()
    await projects.know(CHEN)
    await world.decided()
    second = await award_of(world, 1)
    status, appeal = await post(world, world.university, f"{second}/appeal", {"grounds": "Unfair."})
    decision = {"decision": "dismiss", "reason": "All reviews speak of it."}
    status, decided = await post(world, CHEN, f"/appeals/{appeal['id']}/decision", decision)
    assert (status, decided["state"]) == (200, "dismissed")
    (row,) = await projects.rows("SELECT outcome, reason FROM awards WHERE rank = 2")
    assert row["outcome"] == "reserve"
    assert "the decision stands" in row["reason"]
