"""An officer changes an assignment: rules, undo, decided conflicts and reminders."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.project_management.assignments import by_hand, rules
from services.project_management.calls.terms import USUAL
from services.project_management.reviews.actions import remind_reviewers
from services.project_management.reviews.rules import State, next_reminder
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.trace import DecisionTrace
from tests.kit.platform import Running
from tests.services.project_management.assignments.test_rules import INSTITUTE, application, expert, job
from tests.services.project_management.world import ANY, API, World


def pair(a: str, e: str) -> dict[str, str]:
    return {"application_id": a, "expert_id": e}


def changed(give: list[dict[str, str]], take: list[dict[str, str]], **more: Any) -> DecisionTrace:
    given: dict[str, Any] = {
        "as_of": "2026-11-22",
        "demand": 2,
        "applications": [application("a1"), application("a2")],
        "experts": [expert("e1", cap=1), expert("e2"), expert("e3"), expert("e4", employers=[job(INSTITUTE)])],
        "affinities": [[[0, 900], [2, 300]], [[1, 500]]],
        "declared": [],
        "before": [
            pair("a1", "e1") | {"expert": "Expert e1", "open": True},
            pair("a1", "e2") | {"expert": "Expert e2", "open": False},
        ],
        "give": give,
        "take": take,
        "reason": "Knows it.",
    }
    return by_hand.adjust(given | more)


def test_what_is_given_and_taken_back_moves_the_total_and_repeats() -> None:
    trace = changed([pair("a1", "e3")], [pair("a1", "e1")])
    assert trace.result["feasible"]
    assert (trace.result["total_before"], trace.result["total"]) == (900, 300)
    assert [one["expert_id"] for one in trace.result["assignments"]] == ["e2", "e3"]
    assert trace.repeats(rules.assign)
    (gap,) = [one for one in trace.clauses if one.outcome == "unknown"]
    assert gap.reason == "“Application a2” lacks 2 of 2 reviewers."


@pytest.mark.parametrize(
    ("give", "take", "told"),
    [
        ([pair("a1", "e4")], [pair("a1", "e1")], "may not review “Application a1”. Works for Institute"),
        ([pair("a2", "e1")], [], "would have 2 reviews in this call and takes at most 1"),
        ([pair("a1", "e3")], [], "would have 3 reviewers and is to have 2"),
        ([pair("a1", "e2")], [], "already reviews"),
        ([], [pair("a1", "e2")], "has handed in the review"),
        ([], [pair("a2", "e2")], "does not review"),
        ([pair("a2", "e3"), pair("a2", "e3")], [], "already reviews"),
    ],
)
def test_no_limit_is_broken_by_hand(give: list[dict[str, str]], take: list[dict[str, str]], told: str) -> None:
    trace = changed(give, take)
    assert not trace.result["feasible"]
    assert any(told in one.reason for one in trace.clauses if one.outcome == "no")


def test_reminders_fall_due_once_for_each_moment() -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    due = start + timedelta(days=21)

    def asked(state: State, day: float, reminded: float | None = None) -> bool:
        last = None if reminded is None else start + timedelta(days=reminded)
        following = next_reminder(state, start, due, last)
        return following is not None and following <= start + timedelta(days=day)

    assert not asked(State.INVITED, 4.9)
    assert asked(State.INVITED, 5)
    assert not asked(State.INVITED, 9, reminded=5)
    assert not asked(State.ACCEPTED, 17, reminded=5)
    assert asked(State.ACCEPTED, 18, reminded=5)
    assert not asked(State.SCORED, 20, reminded=18)
    assert asked(State.SCORED, 21, reminded=18)
    assert not asked(State.SCORED, 40, reminded=21)
    assert not any(asked(state, 30) for state in (State.COMPLETED, State.DECLINED, State.WITHDRAWN))


async def test_an_officer_gives_takes_back_and_undoes_and_applicants_hear_nothing(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    application_id = await world.apply(world.institute)
    ma, guo = await world.expert("Ma"), await world.expert("Guo")
    await world.assign(expert_ids=[str(world.people[0])])
    before = len(await projects.said())
    here = f"{API}/calls/{world.call_id}"
    body = {
        "give": [pair(str(application_id), str(world.people[1]))],
        "take": [pair(str(application_id), str(world.people[0]))],
        "reason": "Guo knows the method.",
        "number": 1,
    }
    async with projects.client(world.officer) as http:
        answer = await http.post(f"{here}/adjustments", json=body)
        assert answer.status_code == 201, answer.text
        plan = answer.json()
        assert [(one["expert"], one["state"]) for one in plan["assignments"]] == [("Guo", "invited")]
        assert plan["number"] == 2
        assert DecisionTrace.model_validate(plan["trace"]).repeats(rules.assign)
        again = await http.post(f"{here}/adjustments", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "assignment-moved-on")
        body["number"] = 2
        refused = await http.post(f"{here}/adjustments", json=body)
        assert refused.json()["code"] == "adjustment-refused"
        assert "Guo already reviews" in refused.json()["detail"]
        unknown = body | {"give": [pair(str(world.call_id), str(world.people[1]))]}
        assert (await http.post(f"{here}/adjustments", json=unknown)).status_code == 422
        undone = await http.post(f"{here}/adjustments/undo", json={"reason": "A slip.", "number": 2})
        assert [one["expert"] for one in undone.json()["assignments"]] == ["Ma"]
    said = (await projects.said())[before:]
    assert {one["type"].split(".")[2] for one in said} == {"task"}
    assert {one["data"]["label"] for one in said} == {"confidential"}
    told = [one["data"]["subject"] for one in said if "subject" in one["data"]]
    assert sorted(told) == sorted([guo.subject, ma.subject])
    async with projects.client(guo) as http:
        assert [one["state"] for one in (await http.get(f"{API}/reviews")).json()["items"]] == ["withdrawn"]


async def test_undoing_the_first_assignment_takes_it_back_but_not_what_is_handed_in(projects: Running) -> None:
    world = await World(projects).open(demand=2)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    await world.expert("Guo")
    await world.assign()
    await world.review(ma)
    async with projects.client(world.officer) as http:
        answer = await http.post(f"{API}/calls/{world.call_id}/adjustments/undo", json={"reason": "Wrong experts."})
        assert answer.status_code == 201, answer.text
    assert [(one["expert"], one["state"]) for one in answer.json()["assignments"]] == [("Ma", "completed")]
    await world.tick()
    assert len([one for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "call.assign"]) == 1


async def test_a_conflict_is_set_aside_recorded_and_taken_back_by_a_named_person(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    application_id = await world.apply(world.institute)
    await world.expert("Ma")
    await world.expert("Tan", employer=world.institute)
    tan = pair(str(application_id), str(world.people[1]))
    here = f"{API}/calls/{world.call_id}/conflicts"
    async with projects.client(world.officer) as http:
        fact = await http.post(here, json=tan | {"decision": "waive", "reason": "Small part only."})
        assert (fact.status_code, fact.json()["errors"][0]["pointer"]) == (422, "/decision")
        assert (await world.assign()).status_code == 201
        ma = pair(str(application_id), str(world.people[0]))
        kept = await http.post(here, json=ma | {"decision": "enter", "reason": "Married to the lead."})
        assert kept.status_code == 201, kept.text
        assert kept.json()["decided_by"] == world.officer.subject
        assert (await projects.rows("SELECT state FROM reviews"))[0]["state"] == "withdrawn"
        refused = await world.assign()
        assert refused.json()["conflicts"][0]["reason"] == "Recorded by the office: Married to the lead."
        assert (await http.post(here, json=ma | {"decision": "lift", "reason": "A mistake."})).status_code == 201
    assert [one["expert"] for one in (await world.assign()).json()["assignments"]] == ["Ma"]
    assert len(await projects.rows("SELECT 1 FROM conflict_decisions")) == 2


async def test_a_second_record_of_the_author_is_a_conflict_until_somebody_sets_it_aside(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    application_id = await world.apply(world.institute)
    await world.expert("Wang Xiaoming", subject=world.institute.subject, expert=False, review_cap=0)
    await world.expert("X. Wang", name_zh="王晓明")
    refused = await world.assign()
    assert refused.status_code == 409
    assert "May be “Wang Xiaoming”, who takes part" in refused.json()["conflicts"][0]["reason"]
    async with projects.client(world.officer) as http:
        decision = pair(str(application_id), str(world.people[1])) | {"decision": "waive", "reason": "Another Wang."}
        assert (await http.post(f"{API}/calls/{world.call_id}/conflicts", json=decision)).status_code == 201
    plan = (await world.assign()).json()
    assert [one["expert"] for one in plan["assignments"]] == ["X. Wang"]
    assert [one["decision"] for one in plan["decisions"]] == ["waive"]


async def test_whom_a_decliner_names_is_asked_next(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    await world.assign()
    for name in ("Guo Feng", "Hu Lan", "Liu Yi"):
        await world.expert(name)
    async with projects.client(ma) as http:
        (mine,) = (await http.get(f"{API}/reviews")).json()["items"]
        told = {"reason": "No time.", "named": "Lan Hu"}
        answer = await http.post(f"{API}/reviews/{mine['id']}/decline", json=told, headers=ANY)
        assert answer.json()["named"] == "Lan Hu"
    for seed in range(1, 4):
        plan = (await world.assign(seed=seed)).json()["assignments"]
        assert [(one["expert"], one["named"]) for one in plan] == [("Hu Lan", ""), ("Ma", "Lan Hu")]


async def test_reviewers_are_reminded_once_with_a_task_of_their_own(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    await world.assign()

    async def reminders() -> list[dict[str, Any]]:
        async with projects.work(system_actor("projects")) as work:
            await remind_reviewers(work)
        said = [one["data"] for one in await projects.said(TaskAssigned)]
        return [one for one in said if one["title"].startswith("Reminder")]

    assert await reminders() == []
    clock, now = projects.service.database.clock, datetime.now(UTC)
    try:
        projects.service.database.clock = lambda: now + USUAL.answer_time - timedelta(days=1)
        (told,) = await reminders()
        assert len(await reminders()) == 1
        assert (told["subject"], told["label"], told["kind"]) == (ma.subject, "confidential", "review.answer")
        done = [one["data"]["outcome"] for one in await projects.said(TaskDone)]
        assert done == ["reminded"]
    finally:
        projects.service.database.clock = clock


async def test_nobody_loses_by_undoing_what_they_have_accepted(projects: Running) -> None:
    world = await World(projects).open(demand=2)
    await world.apply(world.institute)
    ma = await world.expert("Ma")
    await world.expert("Guo")
    await world.assign()
    async with projects.client(ma) as http:
        (mine,) = (await http.get(f"{API}/reviews")).json()["items"]
        assert (await http.post(f"{API}/reviews/{mine['id']}/acceptance", headers=ANY)).status_code == 200
        async with projects.client(world.officer) as office:
            undone = await office.post(f"{API}/calls/{world.call_id}/adjustments/undo", json={"reason": "Wrong."})
        assert (undone.status_code, undone.json()["code"]) == (409, "adjustment-refused")
        assert "accepted already: Ma." in undone.json()["detail"]
        assert (await http.get(f"{API}/reviews/{mine['id']}")).json()["state"] == "accepted"
