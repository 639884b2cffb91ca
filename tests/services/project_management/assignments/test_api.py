"""Assigning reviewers on a real database, over the routes."""

from services.project_management.assignments import rules
from shared.contracts.projects import CallDecisionStarted, ReviewCompleted, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.world import ANY, API, World


async def test_reviewers_are_assigned_and_the_one_in_conflict_is_excluded_with_the_reason(projects: Running) -> None:
    world = await World(projects).open()
    first = await world.apply(world.institute, world.university)
    second = await world.apply(world.university, title="Other")
    await world.expert("Ma")
    await world.expert("Guo")
    await world.expert("Tan", employer=world.institute)
    answer = await world.assign(expert_ids=[str(one) for one in world.people], seed=7, cap=3)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert len(body["assignments"]) == 4
    (conflict,) = body["conflicts"]
    assert conflict["application_id"] == str(first)
    assert conflict["expert_id"] == str(world.people[2])
    assert conflict["reason"] == "Works for Institute, the lead of this application."
    assert not any(one["application_id"] == str(first) and one["expert"] == "Tan" for one in body["assignments"])
    assert {one["application_id"] for one in body["assignments"]} == {str(first), str(second)}
    assert DecisionTrace.model_validate(body["trace"]).repeats(rules.assign)
    (call,) = await projects.rows("SELECT state FROM calls")
    assert call["state"] == "deciding"
    assert len(await projects.said(CallDecisionStarted)) == 1


async def test_every_invitation_is_confidential_and_names_the_reviewer_alone(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    application = await world.apply(world.institute)
    person = await world.expert("Ma")
    await world.assign()
    (task,) = [one["data"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "review.answer"]
    assert (task["label"], task["subject"], task["owners"]) == ("confidential", person.subject, [])
    assert str(application) not in str({**task, "title": ""})


async def test_without_enough_experts_the_answer_is_a_certificate_and_nothing_is_kept(projects: Running) -> None:
    world = await World(projects).open()
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.expert("Tan", employer=world.institute)
    answer = await world.assign()
    assert answer.status_code == 409
    body = answer.json()
    assert body["code"] == "no-assignment"
    assert body["certificate"]["applications"][0]["lacks"] == 1
    assert body["certificate"]["applications"][0]["excluded"][0]["expert"] == "Tan"
    assert await projects.rows("SELECT 1 FROM reviews") == []
    assert (await projects.rows("SELECT state FROM calls"))[0]["state"] == "closed"


async def test_running_again_replaces_unanswered_invitations_and_leaves_accepted_ones(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    guo = await world.expert("Guo")
    await world.assign(expert_ids=[str(world.people[0])])
    assert (await world.assign(expert_ids=[str(world.people[1])])).json()["number"] == 2
    rows = await projects.rows("SELECT expert_subject, state FROM reviews ORDER BY id")
    assert [(one["expert_subject"], one["state"]) for one in rows] == [
        (ma.subject, "withdrawn"),
        (guo.subject, "invited"),
    ]
    async with projects.client(ma) as http:
        (gone,) = (await http.get(f"{API}/reviews")).json()["items"]
        here = f"/projects/reviews/{gone['id']}"
        page = (await http.get(here)).text
        assert "The programme office has taken this review back" in page
        assert "Another reviewer was assigned." in page
        refused = await http.post(f"{API}/reviews/{gone['id']}/acceptance", headers=ANY)
        assert (refused.status_code, refused.json()["code"]) == (409, "review-not-possible")
    await world.review(guo, complete=False)
    plan = (await world.assign(expert_ids=[str(world.people[0])])).json()["assignments"]
    assert [(one["expert"], one["state"]) for one in plan] == [("Guo", "scored")]


async def test_the_office_is_told_of_a_gap_and_a_declared_conflict_is_never_assigned_again(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    await world.assign()
    async with projects.client(ma) as http:
        (mine,) = (await http.get(f"{API}/reviews")).json()["items"]
        told = {"reason": "I advise the lead.", "conflict": True}
        assert (await http.post(f"{API}/reviews/{mine['id']}/decline", json=told, headers=ANY)).status_code == 200
    await world.tick()
    await world.tick()
    gaps = [one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "call.assign"]
    assert len(gaps) == 1
    refused = await world.assign()
    assert refused.status_code == 409
    assert refused.json()["conflicts"][0]["reason"] == "Declared a conflict: I advise the lead."
    await world.expert("Guo")
    assert (await world.assign()).status_code == 201
    done = [one["subject"] for one in await projects.said(TaskDone)]
    assert gaps[0]["subject"] in done


async def test_reviews_of_a_withdrawn_application_are_withdrawn(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.assign()
    async with projects.client(world.institute) as http:
        answer = await http.post(
            f"{API}/applications/{world.applications[0]}/withdrawal", json={"reason": "No staff."}, headers=ANY
        )
        assert answer.status_code == 200, answer.text
    await world.tick()
    assert (await projects.rows("SELECT state FROM reviews"))[0]["state"] == "withdrawn"


async def test_completion_is_announced_for_all_applications_at_once_by_the_platform(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.apply(world.university, title="Other")
    ma = await world.expert("Ma", cap=1)
    guo = await world.expert("Guo", cap=1)
    await world.assign()
    await world.review(ma)
    await world.tick()
    assert await projects.said(ReviewCompleted) == []
    await world.review(guo)
    await world.tick()
    await world.tick()
    said = await projects.said(ReviewCompleted)
    assert [one["subject"] for one in said] == world.applications
    for one in said:
        assert one["actor"] == "system:projects"
        assert ma.subject not in str(one)
        assert guo.subject not in str(one)
    of_reviewers = {one["correlation_id"] for one in await projects.said() if one["actor"] in (ma.subject, guo.subject)}
    assert of_reviewers.isdisjoint({one["correlation_id"] for one in said})
    assert len([one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "call.decide"]) == 1


async def test_an_officer_of_an_applying_organisation_learns_nothing(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.assign()
    inside = someone(Role.PROGRAMME_OFFICER, organisation_id=world.institute.organisation_id)
    async with projects.client(inside) as http:
        assert (await http.get(f"{API}/calls/{world.call_id}/assignment")).status_code == 409
        assert (await http.get(f"{API}/calls/{world.call_id}/ranking")).status_code == 409
        (review,) = await projects.rows("SELECT id FROM reviews")
        assert (await http.get(f"{API}/reviews/{review['id']}")).status_code == 404


async def test_only_the_calls_own_office_assigns(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    here = f"{API}/calls/{world.call_id}/assignment"
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    async with projects.client(elsewhere) as http:
        assert (await http.post(here, json={})).status_code == 404
        assert "Assign" not in (await http.get(here.replace("/api/v1", ""))).text.split("<main")[1].split("<form")[-1]
    assert await projects.rows("SELECT 1 FROM assignments") == []
    assert (await world.assign()).status_code == 201


async def test_tasks_of_a_call_are_labelled_as_it_is_and_its_plan_takes_the_clearance_of_its_applications(
    projects: Running,
) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    low = someone(Role.PROGRAMME_OFFICER, clearance=SecurityLabel.PUBLIC)
    async with projects.client(low) as http:
        for page in ("assignment", "ranking"):
            assert (await http.get(f"{API}/calls/{world.call_id}/{page}")).status_code == 404
        assert str(world.call_id) not in (await http.get("/projects/reviews")).text
    world.officer = someone(
        Role.PROGRAMME_OFFICER, organisation_id=world.officer.organisation_id, clearance=SecurityLabel.CONTROLLED
    )
    await projects.know(Someone(ma.subject, (), SecurityLabel.CONTROLLED))
    async with projects.work(system_actor("projects")) as work:
        await work.execute("UPDATE calls SET label = 'controlled'")
        await work.execute("UPDATE applications SET label = 'controlled'")
    assert (await world.assign()).status_code == 201
    async with projects.client(ma) as http:
        (mine,) = (await http.get(f"{API}/reviews")).json()["items"]
        gone = {"reason": "Fell ill."}
        assert (await http.post(f"{API}/reviews/{mine['id']}/decline", json=gone, headers=ANY)).status_code == 200
    await world.tick()
    guo = await world.expert("Guo")
    await projects.know(Someone(guo.subject, (), SecurityLabel.CONTROLLED))
    assert (await world.assign()).status_code == 201
    await world.review(guo)
    await world.tick()
    async with projects.client(world.officer) as http:
        decided = await http.post(f"{API}/calls/{world.call_id}/decision", json={"reason": "As ranked."})
        assert decided.status_code == 201, decided.text
    told = [*await projects.said(TaskAssigned), *await projects.said(TaskDone)]
    titles = {one["data"]["title"]: one["data"]["label"] for one in told if "the call" in one["data"]["title"]}
    assert len(titles) == 2
    assert set(titles.values()) == {"controlled"}


async def test_people_who_are_no_experts_are_refused_by_name_of_their_place(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    answer = await world.assign(expert_ids=[str(world.people[0]), str(world.call_id)])
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/expert_ids/1"]


async def test_the_fair_way_and_a_lot_are_not_asked_for_at_once(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    answer = await world.assign(mode="fair", bound=50)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/bound"]
    assert "draws no lot" in answer.text
