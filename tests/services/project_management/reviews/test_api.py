"""Reviewing over the routes: what the reviewer may do and see, and what nobody else learns."""

from typing import Any

from services.project_management.reviews.queries import may_read_application
from shared.contracts.projects import TaskDone
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.world import ANY, API, World


async def invited(projects: Running) -> tuple[World, Someone, str]:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, world.university)
    person = await world.expert("Ma")
    await world.assign()
    (review,) = await projects.rows("SELECT id FROM reviews")
    return world, person, f"{API}/reviews/{review['id']}"


def sheet(**changed: Any) -> dict[str, Any]:
    return {
        "scores": [{"criterion": "Novelty", "score": 5}, {"criterion": "Feasibility", "score": 7.5}],
        "to_applicant": "Clear aim.",
        "to_panel": "Fund.",
    } | changed


async def test_before_accepting_a_reviewer_sees_only_what_shows_a_conflict(projects: Running) -> None:
    _, person, here = await invited(projects)
    async with projects.client(person) as http:
        body = (await http.get(here)).json()
        assert body["application"] is None
        assert [one["name"] for one in body["organisations"]] == ["Institute", "University"]
        assert body["application_title"] == "Fatigue of alloys"
        accepted = (await http.post(f"{here}/acceptance", headers=ANY)).json()
    assert accepted["application"]["abstract"].startswith("How light alloys tire")
    assert accepted["application"]["requested"] == {"amount": "600000.00", "currency": "CNY"}


async def test_a_review_goes_from_invitation_to_completion(projects: Running) -> None:
    _, person, here = await invited(projects)
    async with projects.client(person) as http:
        assert (await http.put(f"{here}/scores", json=sheet(), headers=ANY)).status_code == 409
        first = await http.post(f"{here}/acceptance", headers={"If-Match": '"1"'})
        assert first.headers["ETag"] == '"2"'
        saved = (await http.put(f"{here}/scores", json=sheet(scores=[]), headers={"If-Match": '"2"'})).json()
        assert saved["state"] == "scored"
        early = await http.post(f"{here}/completion", headers=ANY)
        assert early.status_code == 409
        assert "Give a score for “Novelty”" in early.json()["detail"]
        await http.put(f"{here}/scores", json=sheet(), headers=ANY)
        done = (await http.post(f"{here}/completion", headers=ANY)).json()
        assert (done["state"], done["total"]) == ("completed", 6.5)
        assert (await http.put(f"{here}/scores", json=sheet(), headers=ANY)).status_code == 409
    outcomes = [one["data"]["outcome"] for one in await projects.said(TaskDone)]
    assert outcomes == ["accepted", "completed"]


async def test_a_stale_score_sheet_is_refused_and_a_missing_version_asked_for(projects: Running) -> None:
    _, person, here = await invited(projects)
    async with projects.client(person) as http:
        assert (await http.post(f"{here}/acceptance")).status_code == 428
        assert (await http.post(f"{here}/acceptance", headers={"If-Match": '"7"'})).status_code == 412


async def test_unknown_and_doubled_criteria_are_named(projects: Running) -> None:
    _, person, here = await invited(projects)
    twice = [{"criterion": "Novelty", "score": 1}, {"criterion": "Novelty", "score": 2}, {"criterion": "X", "score": 1}]
    async with projects.client(person) as http:
        await http.post(f"{here}/acceptance", headers=ANY)
        answer = await http.put(f"{here}/scores", json=sheet(scores=twice), headers=ANY)
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/scores/2/criterion", "/scores"]
        off = [{"criterion": "Novelty", "score": 10.5}]
        assert (await http.put(f"{here}/scores", json=sheet(scores=off), headers=ANY)).status_code == 422


async def test_nobody_else_learns_that_a_review_exists(projects: Running) -> None:
    world, _, here = await invited(projects)
    nowhere = f"{API}/reviews/{world.call_id}"
    other = await world.expert("Guo")
    both = someone(Role.REVIEWER, Role.APPLICANT, organisation_id=world.institute.organisation_id)
    for person in (world.institute, world.university, other, both):
        async with projects.client(person) as http:
            for method, path in (("GET", ""), ("POST", "/acceptance"), ("POST", "/completion")):
                headers = ANY if method == "POST" else {}
                real = await http.request(method, here + path, headers=headers)
                unreal = await http.request(method, nowhere + path, headers=headers)
                assert real.status_code == unreal.status_code
                assert real.status_code in (403, 404)
                assert real.json()["detail"] == unreal.json()["detail"]
            mine = await http.get(f"{API}/reviews")
            assert mine.status_code == 403 or mine.json()["items"] == []


async def test_a_draft_of_a_review_is_read_by_its_reviewer_alone(projects: Running) -> None:
    world, person, here = await invited(projects)
    coordinator, auditor = someone(Role.COORDINATOR), someone(Role.AUDITOR)
    async with projects.client(person) as http:
        await http.post(f"{here}/acceptance", headers=ANY)
        await http.put(f"{here}/scores", json=sheet(), headers=ANY)
        mine = (await http.get(here)).json()
        assert (mine["state"], mine["to_panel"]) == ("scored", "Fund.")
        assert (await http.get(f"{API}/reviews")).json()["items"][0]["state"] == "scored"
    for overseer in (world.officer, coordinator, auditor):
        async with projects.client(overseer) as http:
            draft = (await http.get(here)).json()
            assert (draft["state"], draft["scores"], draft["to_applicant"], draft["to_panel"]) == ("scored", [], "", "")
            assert draft["total"] is None
    async with projects.client(person) as http:
        await http.post(f"{here}/completion", headers=ANY)
    for overseer in (world.officer, coordinator, auditor):
        async with projects.client(overseer) as http:
            read = (await http.get(here)).json()
            assert (len(read["scores"]), read["to_panel"], read["total"]) == (2, "Fund.", 6.5)


async def test_an_officer_whose_organisation_applied_reads_no_review_of_a_rival(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute, title="Ours")
    rival = await world.apply(world.university, title="Theirs")
    await world.expert("Ma")
    await world.assign()
    inside = someone(Role.PROGRAMME_OFFICER, organisation_id=world.institute.organisation_id)
    reviews = await projects.rows("SELECT id FROM reviews ORDER BY application_id = %(rival)s", rival=rival)
    nowhere = f"{API}/reviews/{world.call_id}"
    async with projects.client(inside) as http:
        for review in reviews:
            answer = await http.get(f"{API}/reviews/{review['id']}")
            assert (answer.status_code, answer.json()["detail"]) == (404, (await http.get(nowhere)).json()["detail"])
    async with projects.client(world.institute) as http:
        ours = f"{API}/applications/{world.applications[0]}/withdrawal"
        assert (await http.post(ours, json={"reason": "No staff."}, headers=ANY)).status_code == 200
    async with projects.client(inside) as http:  # who gave up may still not learn who reviews
        assert (await http.get(f"{API}/reviews/{reviews[1]['id']}")).status_code == 404
        assert (await http.get(f"{API}/calls/{world.call_id}/assignment")).status_code == 409


async def test_what_an_applicant_reads_is_the_same_before_and_while_it_is_reviewed(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    application = await world.apply(world.institute)
    await world.apply(world.university, title="Other")
    one = await world.expert("Ma", cap=1)
    await world.expert("Guo", cap=1)
    async with projects.client(world.institute) as http:
        before = await http.get(f"{API}/applications/{application}")
        await world.assign()
        await world.review(one)
        await world.tick()
        after = await http.get(f"{API}/applications/{application}")
    assert before.status_code == 200
    assert (before.json(), before.headers["ETag"]) == (after.json(), after.headers["ETag"])


async def test_the_application_can_be_read_after_accepting_and_no_longer_after_declining(projects: Running) -> None:
    world, person, here = await invited(projects)
    application = world.applications[0]

    async def may() -> bool:
        async with projects.work(person) as work:
            return await may_read_application(work, application, person.actor)

    assert not await may()
    async with projects.client(person) as http:
        await http.post(f"{here}/acceptance", headers=ANY)
        assert await may()
        lowered = Someone(person.subject, (), SecurityLabel.PUBLIC)
        async with projects.work(lowered) as work:
            assert not await may_read_application(work, application, lowered.actor)
        await http.post(f"{here}/decline", json={"reason": "Fell ill."}, headers=ANY)
    assert not await may()


async def test_an_expert_below_the_label_is_not_assigned(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    person = await world.expert("Ma")
    await projects.know(Someone(person.subject, (), SecurityLabel.PUBLIC))
    answer = await world.assign()
    assert answer.status_code == 409
    assert answer.json()["conflicts"][0]["reason"] == "Is cleared up to public; the application is internal."
