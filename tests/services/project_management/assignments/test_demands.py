"""One application is reviewed by more experts than the others."""

from typing import Any

import pytest

from services.project_management.assignments import rules
from shared.contracts.projects import TaskAssigned, TaskDone
from tests.kit.platform import Running
from tests.services.project_management.assignments.test_by_hand import changed, pair
from tests.services.project_management.assignments.test_rules import application, expert, inputs
from tests.services.project_management.world import API, World


def test_one_application_gets_three_reviewers_and_the_other_one() -> None:
    applications = [application("a1"), application("a2")]
    experts = [expert("e1"), expert("e2"), expert("e3")]
    trace = rules.assign(inputs(applications, experts, demand=1, demands={"a1": 3}))
    met = [one["application_id"] for one in trace.result["assignments"]]
    assert (met.count("a1"), met.count("a2")) == (3, 1)
    assert "“Application a1” has 3 of 3 reviewers" in trace.clauses[0].reason
    assert trace.repeats(rules.assign)
    short = rules.assign(inputs(applications, experts[:2], demand=1, demands={"a1": 3}))
    assert short.result["certificate"]["applications"][0]["needs"] == 3


@pytest.mark.parametrize(("demands", "feasible"), [({}, False), ({"a1": 3}, True)])
def test_by_hand_no_more_are_given_than_are_asked_for(demands: dict[str, int], feasible: bool) -> None:
    trace = changed([pair("a1", "e3")], [], demands=demands)
    assert trace.result["feasible"] is feasible
    assert ("Ask for more first." in str(trace.clauses)) is not feasible


async def test_the_decision_waits_for_a_review_that_is_asked_for_after_all_were_in(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    first = await world.apply(world.institute)
    await world.expert("Ma")
    await world.assign()
    await world.review(world.experts[0])

    async def to_decide() -> tuple[int, int]:
        kinds = [[str(one["data"]["title"]) for one in await projects.said(kind)] for kind in (TaskAssigned, TaskDone)]
        said, done = (sum("Decide the call" in title for title in titles) for titles in kinds)
        return said, done

    for _ in range(2):
        await world.tick()
    assert await to_decide() == (1, 0)
    await world.expert("Guo")
    async with projects.client(world.officer) as http:
        asked = {"application_id": str(first), "number": 2, "reason": "One alone is not enough."}
        assert (await http.post(f"{API}/calls/{world.call_id}/demands", json=asked)).status_code == 201
    assert await to_decide() == (1, 1)
    await world.tick()
    assert (await world.assign()).status_code == 201
    await world.tick()
    assert await to_decide() == (1, 1), "it is refused until the review is in"
    await world.review(world.experts[1])
    for _ in range(2):
        await world.tick()
    assert await to_decide() == (2, 1)
    async with projects.client(world.officer) as http:
        decided = await http.post(f"{API}/calls/{world.call_id}/decision", json={"reason": "As ranked."})
        assert decided.status_code == 201, decided.text
    await world.tick()
    assert await to_decide() == (2, 2)


async def test_an_officer_asks_for_more_and_the_office_is_told_of_the_gap(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    first = await world.apply(world.institute)
    await world.apply(world.university, title="Other")
    for name in ("Ma", "Guo", "Tan"):
        await world.expert(name)
    await world.assign()
    here = f"{API}/calls/{world.call_id}"
    asked: dict[str, Any] = {"application_id": str(first), "number": 2, "reason": "The reviews are far apart."}

    async def gaps(kind: type[TaskAssigned | TaskDone]) -> int:
        return sum("Assign another reviewer" in str(one["data"]["title"]) for one in await projects.said(kind))

    async with projects.client(world.institute) as http:
        assert (await http.post(f"{here}/demands", json=asked)).status_code == 403
    async with projects.client(world.officer) as http:
        answer = await http.post(f"{here}/demands", json=asked)
        assert answer.status_code == 201, answer.text
        again = await http.post(f"{here}/demands", json=asked)
        assert (again.status_code, again.json()["detail"]) == (409, "It is to have so many reviewers already.")
        strange = await http.post(f"{here}/demands", json=asked | {"application_id": str(world.call_id)})
        assert strange.json()["errors"][0]["pointer"] == "/application_id"
        await world.tick()
        assert (await gaps(TaskAssigned), await gaps(TaskDone)) == (1, 0)
        page = await http.get(f"/projects/calls/{world.call_id}/assignment")
        assert "1 / 2" in page.text
        assert "The reviews are far apart." in page.text
        (there,) = (await http.get(f"{here}/assignment")).json()["demands"]
        assert (there["number"], there["asked_by"]) == (2, world.officer.subject)
        plan = (await world.assign()).json()
        assert sum(one["application_id"] == str(first) for one in plan["assignments"]) == 2
        back = await http.post(
            f"/projects/calls/{world.call_id}/demands", data={"application_id": str(first), "reason": "Taken back"}
        )
        assert back.status_code == 303, back.text
        assert (await http.get(f"{here}/assignment")).json()["demands"] == []
    await world.tick()
    assert await gaps(TaskDone) == 1
