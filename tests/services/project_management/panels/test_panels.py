"""A panel over a ranking: recusals are enforced, minutes are fixed, and the decision answers to them."""

import importlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.project_management.awards.actions import decide_call
from services.project_management.awards.schemas import DecisionCreate
from services.project_management.panels import queries
from services.project_management.panels.rules import Recommendation, agenda, fault, quorum
from services.project_management.snapshots import sha256_of
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, running, someone
from tests.services.project_management.checked import checked
from tests.services.project_management.world import ANY, API, World

OF_MINUTES = importlib.import_module("services.project_management.migrations.versions.0064_recusals").OF_MINUTES
SYSTEM = system_actor("projects")
HOW = {
    "recommendation": Recommendation.FUND, "proposed": "funded", "votes": (2, 1, 0), "eligible": 3, "reason": "",
    "conditions": "",
}  # fmt: skip
BID = """INSERT INTO bids (application_id, expert_id, call_id, bid, reason, placed_at)
VALUES (%(application)s, %(expert)s, %(call)s, 'conflict', 'We publish together.', now())"""


def test_the_agenda_begins_at_the_funding_line_after_what_the_office_puts_first() -> None:
    outcomes = ["funded", "funded", "reserve", "declined"]
    items = [{"id": str(n), "rank": n, "outcome": outcome} for n, outcome in enumerate(outcomes, 1)]
    assert [one["id"] for one in agenda(items)] == ["2", "3", "1", "4"]
    assert [one["id"] for one in agenda(items, ["4"])] == ["4", "2", "3", "1"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, None),
        ({"eligible": 1, "votes": (1, 0, 0)}, "recommendation"),
        ({"votes": (3, 1, 0)}, "in_favour"),
        ({"votes": (1, 0, 0)}, "in_favour"),
        ({"votes": (1, 1, 1)}, "in_favour"),
        ({"recommendation": Recommendation.CONDITIONS}, "conditions"),
        ({"recommendation": Recommendation.DECLINE}, "reason"),
        ({"recommendation": Recommendation.DECLINE, "reason": "No plan."}, None),
    ],
)
def test_a_recommendation_needs_a_quorum_a_majority_and_a_reason_against_the_ranking(
    changed: dict[str, Any], field: str | None
) -> None:
    how = HOW | changed
    found = fault(how.pop("recommendation"), how.pop("proposed"), **how)  # type: ignore[arg-type]
    assert (found[0] if found else None) == field


def test_more_than_half_of_who_may_vote_is_the_quorum() -> None:
    assert [quorum(n) for n in (2, 3, 4, 5, 15)] == [2, 2, 3, 3, 8]


@pytest.fixture(scope="module")
async def projects(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings, "projects") as found:
        yield found


@pytest.fixture(scope="module")
async def reviewed(projects: Running) -> World:
    """Two applications reviewed once each, the first better; a fourth expert works for the university."""
    await projects.clear()
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, title="First")
    await world.apply(world.university, title="Second")
    for name in ("Ma", "Guo", "Lin"):
        await world.expert(name)
    assert (await world.assign()).status_code == 201
    for person in world.experts:
        await world.review(person, 8)
    await world.expert("Near", employer=world.university)
    return world


@pytest.fixture
async def world(reviewed: World) -> World:
    """No meeting yet."""
    async with reviewed.projects.work(SYSTEM) as work:
        await work.execute("UPDATE panels SET state = 'cancelled', sha256 = NULL")
    return reviewed


async def ask(world: World, who: Someone, path: str, status: int, **body: Any) -> Any:
    async with world.projects.client(who) as http:
        answer = await http.post(f"{API}{path}", json=body, headers=ANY)
    assert answer.status_code == status, answer.text
    return answer.json()


async def read(world: World, who: Someone, path: str, status: int = 200) -> Any:
    async with world.projects.client(who) as http:
        answer = await http.get(f"{API}{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


def convening(world: World, **changed: Any) -> dict[str, Any]:
    told = {"meets_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(), "place": "Room 3"}
    return told | {"expert_id": str(world.people[0]), "expert_ids": [str(one) for one in world.people]} | changed


async def convened(world: World) -> UUID:
    id: UUID = (await ask(world, world.officer, f"/calls/{world.call_id}/panel", 201, **convening(world)))["id"]
    return id


def says(world: World, n: int, **changed: Any) -> dict[str, Any]:
    told = {"application_id": str(world.applications[n]), "recommendation": "fund", "in_favour": 3}
    return told | changed


async def closed(world: World, **second: Any) -> UUID:
    id = await convened(world)
    chair = world.experts[0]
    await ask(world, chair, f"/panels/{id}/opening", 200)
    proposed = {one["title"]: one["proposed"] for one in (await read(world, chair, f"/panels/{id}"))["items"]}
    for n, title in enumerate(("First", "Second")):
        fits = {"funded": "conditions", "reserve": "reserve", "declined": "decline"}[proposed[title]]
        body = says(world, n, recommendation=fits, conditions="Report each spring.") | (second if n else {})
        await ask(world, chair, f"/panels/{id}/recommendations", 200, **body)
    await ask(world, chair, f"/panels/{id}/closing", 200)
    return id


async def test_only_the_office_convenes_and_only_experts_without_a_part(world: World) -> None:
    here = f"/calls/{world.call_id}/panel"
    for who in (world.institute, world.experts[0]):
        await ask(world, who, here, 403, **convening(world))
    few = await ask(world, world.officer, here, 422, **convening(world, expert_ids=[]))
    assert "3 to 15 members" in few["errors"][0]["detail"]
    await ask(world, world.officer, here, 422, **convening(world, meets_at="2020-01-01T00:00:00Z"))
    await ask(world, world.officer, here, 422, **convening(world, first=[str(world.call_id)]))
    id = await convened(world)
    await ask(world, world.officer, here, 409, **convening(world))
    for who in (world.institute, world.university):
        await read(world, who, f"/panels/{id}", 403)


async def test_nobody_is_asked_who_could_not_see_the_meeting_or_sit_in_it(world: World) -> None:
    """Who reviews for the university sees nothing of a call it applied to, and without the role nobody can vote."""
    for change in ("organisation_id = %(university)s", "ends_at = now()"):
        async with world.projects.work(SYSTEM) as work:
            who = {"subject": world.experts[2].subject, "university": world.university.organisation_id}
            former = await work.row(
                "SELECT organisation_id AS home FROM access_grants WHERE subject = %(subject)s", who
            )
            assert former
            await work.execute(f"UPDATE access_grants SET {change} WHERE subject = %(subject)s", who)
        refused = await ask(world, world.officer, f"/calls/{world.call_id}/panel", 422, **convening(world))
        assert [one["pointer"] for one in refused["errors"]] == ["/expert_ids"]
        async with world.projects.work(SYSTEM) as work:
            await work.execute(
                "UPDATE access_grants SET organisation_id = %(home)s, ends_at = NULL WHERE subject = %(subject)s",
                who | former,
            )


async def test_a_meeting_looks_for_recusals_when_it_opens_and_keeps_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was declared when bidding counts too; what is learnt or forgotten later changes nothing."""
    id, chair = await convened(world), world.experts[0]
    told = {"call": world.call_id, "application": world.applications[0], "expert": world.people[1]}
    async with world.projects.work(SYSTEM) as work:
        await work.execute(BID, told)

    async def of_first() -> Any:
        shown = {one["title"]: one for one in (await read(world, world.officer, f"/panels/{id}"))["items"]}
        return shown["First"]["recusals"]

    assert await of_first() == [], "as it was when the meeting was convened"
    await ask(world, chair, f"/panels/{id}/opening", 200)
    recused = [{"name": "Guo", "reason": "Declared a conflict: We publish together."}]
    assert await of_first() == recused
    async with world.projects.work(SYSTEM) as work:
        await work.execute("DELETE FROM bids")
    monkeypatch.setattr(queries, "found_recusals", None)  # nobody looks again
    for n in (0, 1):
        await ask(world, chair, f"/panels/{id}/recommendations", 200, **says(world, n, reason="So."))
    await ask(world, chair, f"/panels/{id}/closing", 200)
    assert await of_first() == recused
    statement = "SELECT name, recused FROM panel_members WHERE panel_id = %(id)s"
    before = {one["name"]: one["recused"] for one in await world.projects.rows(statement, id=id)}
    async with world.projects.work(SYSTEM) as work:
        await work.execute("UPDATE panel_members SET recused = NULL")
        await work.execute(OF_MINUTES, {})
    after = {one["name"]: one["recused"] for one in await world.projects.rows(statement, id=id)}
    first, second = (str(one) for one in world.applications[:2])
    assert after == {"Ma": {}, "Guo": {first: ""}, "Lin": {}, "Near": {second: ""}}, "what the minutes name"
    assert {name: set(one) for name, one in before.items()} == {name: set(one) for name, one in after.items()}


async def test_who_is_recused_reads_records_and_counts_nothing_of_it(world: World) -> None:
    id = await convened(world)
    near, chair = world.experts[3], world.experts[0]
    told = {one["title"]: one for one in (await read(world, near, f"/panels/{id}"))["items"]}
    second = told["Second"]
    assert second["recused"]
    assert [second[name] for name in ("number", "rank", "mean", "proposed", "requested", "eligible")] == [None] * 6
    assert (second["comments"], second["recusals"]) == ([], [])
    assert [one["to_panel"] for one in told["First"]["comments"]] == ["For the panel only."]
    for_chair = {one["title"]: one for one in (await read(world, chair, f"/panels/{id}"))["items"]}
    assert for_chair["Second"]["eligible"] == 3
    assert for_chair["Second"]["recusals"] == [{"name": "Near", "reason": ""}]
    for_office = {one["title"]: one for one in (await read(world, world.officer, f"/panels/{id}"))["items"]}
    assert "University" in for_office["Second"]["recusals"][0]["reason"]
    await ask(world, chair, f"/panels/{id}/opening", 200)
    refused = await ask(world, near, f"/panels/{id}/recommendations", 409, **says(world, 1))
    assert refused["title"] == "You are recused from this application"
    await ask(world, world.experts[1], f"/panels/{id}/recommendations", 409, **says(world, 0))
    await ask(world, chair, f"/panels/{id}/recommendations", 422, **says(world, 1, in_favour=4))


async def test_a_chair_that_steps_back_leaves_the_record_to_another(world: World) -> None:
    id = await convened(world)
    chair, other = world.experts[:2]
    await ask(world, chair, f"/panels/{id}/opening", 200)
    await ask(world, chair, f"/panels/{id}/recommendations", 200, **says(world, 0))
    declared = {"application_id": str(world.applications[0]), "reason": "I taught the author."}
    after = await ask(world, chair, f"/panels/{id}/recusals", 200, **declared)
    assert [one["recused"] for one in after["items"] if one["title"] == "First"] == [True]
    await ask(world, chair, f"/panels/{id}/recusals", 409, **declared)
    seen = {one["title"]: one for one in (await read(world, other, f"/panels/{id}"))["items"]}
    assert seen["First"]["recommendation"] is None, "what was said with the chair is said anew"
    await ask(world, other, f"/panels/{id}/recommendations", 200, **says(world, 0))


async def test_minutes_are_fixed_confirmed_and_drawn_in_both_languages(world: World) -> None:
    id = await convened(world)
    chair, other, near = world.experts[0], world.experts[1], world.experts[3]
    await ask(world, chair, f"/panels/{id}/opening", 200)
    early = await ask(world, chair, f"/panels/{id}/closing", 409)
    assert "number 1" in early["detail"]
    for n in (0, 1):
        await ask(world, chair, f"/panels/{id}/recommendations", 200, **says(world, n, reason="So."))
    await ask(world, other, f"/panels/{id}/closing", 409)
    done = await ask(world, chair, f"/panels/{id}/closing", 200)
    row = (await world.projects.rows("SELECT content, sha256 FROM panels WHERE state = 'closed'"))[0]
    assert done["sha256"] == row["sha256"] == sha256_of(row["content"].encode())
    items = json.loads(row["content"])["items"]
    assert {one["title"]: one["recused"] for one in items} == {"First": [], "Second": ["Near"]}
    await ask(world, chair, f"/panels/{id}/recommendations", 409, **says(world, 0))
    over = {str(one["subject"]) for one in await world.projects.said(TaskDone)}
    asked = [one["data"] for one in await world.projects.said(TaskAssigned) if str(one["subject"]) not in over]
    assert {one["label"] for one in asked if one["kind"] == "panel.confirm"} == {"confidential"}
    await ask(world, other, f"/panels/{id}/confirmation", 200)
    await ask(world, other, f"/panels/{id}/confirmation", 409)
    for who in (near, world.officer):
        async with world.projects.client(who) as http:
            paper = await http.get(f"{API}/panels/{id}/minutes")
        assert paper.content.startswith(b"%PDF")
    told = await checked(world.projects, paper.content, "minutes", ("First", "Second"))
    assert told["sha256"] == row["sha256"]


async def test_the_decision_waits_for_the_minutes_and_answers_to_them(world: World) -> None:
    here = f"/calls/{world.call_id}/decision"
    async with world.projects.work(SYSTEM) as work:
        await work.execute("""UPDATE calls SET award_terms = award_terms || '{"panel_required": true}'""")
    refused = await ask(world, world.officer, here, 409, reason="As ranked.")
    assert "asks for a panel meeting" in refused["detail"]
    id = await convened(world)
    assert "closed the minutes" in (await ask(world, world.officer, here, 409, reason="As ranked."))["detail"]
    await ask(world, world.officer, f"/panels/{id}/cancellation", 200, reason="Two are ill.")
    await closed(world, recommendation="conditions", reason="Sound.", conditions="Hire a chemist.")
    again = await convened(world)
    assert "closed the minutes" in (await ask(world, world.officer, here, 409, reason="As ranked."))["detail"]
    await ask(world, world.officer, f"/panels/{again}/cancellation", 200, reason="One meeting was enough.")
    ranked = {
        one["title"]: one for one in (await read(world, world.officer, f"/calls/{world.call_id}/ranking"))["items"]
    }
    assert ranked["Second"]["panel"]["conditions"] == "Hire a chemist.", "the minutes that stand count again"
    await closed(world, recommendation="decline", reason="No plan.")
    ranked = {
        one["title"]: one for one in (await read(world, world.officer, f"/calls/{world.call_id}/ranking"))["items"]
    }
    assert ranked["Second"]["panel"]["recommendation"] == "decline"
    wrong = await ask(world, world.officer, here, 422, reason="As ranked.")
    assert wrong["errors"][0]["pointer"] == "/panel_reason"
    by_hand = {"application_id": str(world.applications[1]), "reason": "It waits."}
    placed = [by_hand | {"outcome": ranked["Second"]["outcome"], "place": 1}]
    assert ranked["Second"]["outcome"] == "reserve"
    wrong = await ask(world, world.officer, here, 422, reason="As ranked.", overrides=placed)
    assert wrong["errors"][0]["pointer"] == "/panel_reason", "a place on the reserve list is no reason"
    outcomes = {0: "declined", 1: "funded"}
    chosen = [by_hand | {"application_id": str(world.applications[n]), "outcome": one} for n, one in outcomes.items()]
    fields = DecisionCreate.model_validate({"reason": "Not as ranked.", "overrides": chosen})
    async with world.projects.work(world.officer) as work:  # tried, and taken back
        await decide_call(work, world.call_id, fields)
        panel = json.loads((await work.rows("SELECT content FROM decision_lists"))[0]["content"])["panel"]
        await work.rollback()
    assert panel["otherwise"] == panel["by_hand"] == ["First", "Second"], "what is decided by hand departs as well"
    told = {"reason": "As ranked.", "overrides": placed, "panel_reason": "The plan came later."}
    await ask(world, world.officer, here, 201, **told)
    content = json.loads((await world.projects.rows("SELECT content FROM decision_lists"))[0]["content"])
    assert (content["panel"]["otherwise"], content["panel"]["by_hand"]) == (["Second"], [])
    assert content["panel"]["reason"] == "The plan came later."
    async with world.projects.work(SYSTEM) as work:  # as lists were sealed that left out what was decided by hand
        await work.execute(
            """UPDATE decision_lists
               SET content = (content::jsonb #- '{panel,by_hand}' #- '{panel,otherwise,0}')::text"""
        )
    async with world.browser(world.officer) as http:
        page = (await http.get(f"/projects{here}")).text
        assert "None, beside what was decided by hand" in page
        assert "the list follows the panel" not in page
    (award,) = await world.projects.rows(
        "SELECT a.id FROM awards a JOIN applications p ON p.id = a.application_id WHERE p.title = 'First'"
    )
    told = await read(world, world.institute, f"/awards/{award['id']}")
    assert told["conditions"] == "Report each spring."
    async with world.browser(world.institute) as http:
        letter = (await http.get(f"/projects/awards/{award['id']}/letter")).text
        assert "Report each spring." in letter
        form = await http.get("/projects/projects/new", params={"application_id": str(world.applications[0])})
        assert "Report each spring." in form.text
    meetings = (await read(world, world.experts[1], "/panels"))["items"]
    assert [(one["state"], one["chair"]) for one in meetings if one["state"] == "closed"] == [("closed", False)] * 2
    assert (await read(world, world.institute, "/panels", 403))["status"] == 403
    assert (await read(world, someone(Role.REVIEWER), "/panels"))["items"] == []
