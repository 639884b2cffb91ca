"""An expert who turns out to be an applicant, or goes to work for one, after the assignment."""

from typing import Any

import pytest

from services.project_management.assignments import queries
from services.project_management.assignments.clock import follow_reviews
from services.project_management.assignments.model import ConflictDecision
from services.project_management.late_conflicts.actions import set_aside_conflicted
from shared.contracts.catalog import PersonRegistered
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import OrgRef
from tests.kit.platform import Running
from tests.services.project_management.objections.test_api import CHEN, STEP, terms
from tests.services.project_management.world import ANY, API, World


async def tick(projects: Running) -> None:
    async with projects.work(system_actor("projects")) as work:
        await set_aside_conflicted(work)


async def now_known(world: World, n: int, *, subject: str | None = None, employer: OrgRef | None = None) -> None:
    """The catalogue tells of the expert anew: another sign-in, or another employer."""
    await world.projects.hear(
        PersonRegistered(
            id=world.people[n],
            version=2,
            title="Ma",
            name="Ma",
            subject=subject or world.experts[n].subject,
            organisation=employer,
            fields=("Materials",),
            expert=True,
            review_cap=5,
        )
    )


async def test_an_expert_merged_with_an_applicant_has_the_review_set_aside_and_named(projects: Running) -> None:
    world = await World(projects).open()
    await terms(world, approvals=[STEP])
    for person in (CHEN, world.institute):  # whom nobody knows is cleared for nothing
        await projects.know(person)
    await world.decided()
    await tick(projects)
    assert await projects.rows("SELECT 1 FROM reviews WHERE state = 'set_aside'") == []
    await now_known(world, 0, subject=world.institute.subject)
    await tick(projects)
    aside = await projects.rows("SELECT application_id, reason, total FROM reviews WHERE state = 'set_aside'")
    assert [one["application_id"] for one in aside] == [world.applications[0]], "the other application is not concerned"
    assert aside[0]["reason"] == (
        "A conflict of interest came to light after the assignment: "
        "Holds a role for Institute, the lead of this application."
    )
    assert aside[0]["total"] is not None, "what was written stays as a record"
    here = f"{API}/calls/{world.call_id}"
    async with world.browser(world.officer) as http:
        decision = (await http.get(f"{here}/decision")).json()
        assert (decision["state"], "set aside" in decision["state_reason"]) == ("returned", True)
        board = (await http.get(f"/projects/calls/{world.call_id}/assignment")).text
        assert "Set aside" in board
        assert "Holds a role for Institute, the lead of this application." in board
        refused = await http.post(f"{here}/decision", json={"reason": "Again."})
        assert refused.json()["code"] == "reviews-outstanding"
        assert (await http.get(f"{here}/ranking")).json()["complete"] is False
    await tick(projects)
    assert len(await projects.rows("SELECT 1 FROM reviews WHERE state = 'set_aside'")) == 1


async def test_the_call_that_was_to_be_decided_waits_for_another_reviewer(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    await world.expert("Guo")
    assert (await world.assign()).status_code == 201
    (row,) = await projects.rows("SELECT expert_id FROM reviews")
    n = world.people.index(row["expert_id"])
    await world.review(world.experts[n], 8)

    async def asked() -> set[str]:
        async with projects.work(system_actor("projects")) as work:
            await follow_reviews(work)
        over = {one["subject"] for one in await projects.said(TaskDone)}
        told = [one for one in await projects.said(TaskAssigned) if one["subject"] not in over]
        return {one["data"]["kind"] for one in told if one["data"]["kind"].startswith("call.")}

    assert await asked() == {"call.decide"}
    await now_known(world, n, subject=world.institute.subject)
    await tick(projects)
    assert await asked() == {"call.assign"}


async def test_an_open_review_of_an_expert_who_joins_an_applicant_is_set_aside_unless_waived(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    assert (await world.assign()).status_code == 201
    ours = OrgRef(id=str(world.institute.organisation_id), name="Institute")
    await now_known(world, 0, employer=ours)
    async with projects.work(system_actor("projects")) as work:
        work.add(
            ConflictDecision(
                call_id=world.call_id,
                application_id=world.applications[0],
                expert_id=world.people[0],
                expert="Ma",
                decision="waive",
                reason="x",
                decided_by="li",
                decided_at=work.now,
            )
        )
    await tick(projects)
    (row,) = await projects.rows("SELECT state, reason FROM reviews")
    assert row["state"] == "set_aside", "an employer is no kind of conflict that a person can waive"
    assert "Works for Institute" in row["reason"]
    assert [one["data"]["outcome"] for one in await projects.said(TaskDone)][-1] == "set aside"
    async with projects.client(world.experts[0]) as http:
        (mine,) = (await http.get(f"{API}/reviews")).json()["items"]
        assert mine["state"] == "set_aside"
        assert (await http.post(f"{API}/reviews/{mine['id']}/acceptance", headers=ANY)).status_code == 409
        page = (await http.get(f"/projects/reviews/{mine['id']}")).text
        assert "Your review was set aside" in page
        assert "Works for Institute" in page
        assert "Accept" not in page.partition("<main")[2], "nothing is offered that cannot be done"
        async with projects.work(system_actor("projects")) as work:
            await work.execute("UPDATE calls SET blindness = 'double'")
        told = (await http.get(f"{API}/reviews/{mine['id']}")).json()["reason"]
        assert "Institute" not in told, "the reason would tell who applies"


async def test_what_is_learnt_while_an_assignment_is_computed_counts(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    read = queries.assignment_inputs

    async def slow(*given: Any) -> Any:
        inputs = await read(*given)
        await now_known(world, 0, employer=OrgRef(id=str(world.institute.organisation_id), name="Institute"))
        await tick(projects)
        assert await projects.rows("SELECT 1 FROM touched_people") == []
        return inputs

    monkeypatch.setattr(queries, "assignment_inputs", slow)
    assert (await world.assign()).status_code == 201
    assert [one["state"] for one in await projects.rows("SELECT state FROM reviews")] == ["invited"]
    await tick(projects)
    assert [one["state"] for one in await projects.rows("SELECT state FROM reviews")] == ["set_aside"]


async def test_what_applicants_declare_of_a_reviewer_waits_for_a_named_officer(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await world.apply(world.institute)
    await world.expert("Ma")
    orcid = "0000-0001-5109-3700"
    await projects.hear(
        PersonRegistered(
            id=world.people[0], version=2, title="Ma", name="Ma", subject=world.experts[0].subject, orcid=orcid,
            fields=("Materials",), expert=True, review_cap=5,
        )
    )  # fmt: skip
    assert (await world.assign()).status_code == 201
    await tick(projects)
    assert await projects.rows("SELECT 1 FROM touched_people") == [], "only what is declared makes the clock look"
    async with projects.client(world.institute) as http:
        for kind in ("close", "supervised"):
            said = {"kind": kind, "name": "Ma", "orcid": orcid}
            assert (await http.post(f"{API}/relations", json=said)).status_code == 201

    async def asked() -> list[str]:
        await tick(projects)
        over = {one["subject"] for one in await projects.said(TaskDone)}
        told = [one for one in await projects.said(TaskAssigned) if one["subject"] not in over]
        return [one["data"]["title"] for one in told if "possible conflicts" in one["data"]["title"]]

    async def state() -> str:
        return str((await projects.rows("SELECT state FROM reviews"))[0]["state"])

    assert len(await asked()) == 1
    assert len(await asked()) == 1, "one task for both, and none anew"
    assert await state() == "invited", "nobody is rid of a reviewer by their own word"
    here = f"{API}/calls/{world.call_id}"
    decision = {"application_id": str(world.applications[0]), "expert_id": str(world.people[0]), "reason": "Looked at."}
    async with world.browser(world.officer) as http:
        shown = (await http.get(f"{here}/assignment")).json()["potential"]
        assert [one["kind"] for one in shown] == ["close", "supervision"]
        assert "declared on the applicants' side on 20" in shown[1]["reason"]
        page = (await http.get(f"/projects/calls/{world.call_id}/assignment")).text
        assert "Possible conflicts since the assignment" in page
        for kind in ("close", "supervision"):
            waived = await http.post(f"{here}/conflicts", json={**decision, "decision": "waive", "kind": kind})
            assert waived.status_code == 201, waived.text
        assert await asked() == []
        assert await state() == "invited"
        for verb in ("lift", "confirm"):
            answer = await http.post(f"{here}/conflicts", json={**decision, "decision": verb, "kind": "close"})
            assert answer.status_code == 201, answer.text
    assert await asked() == []
    assert await state() == "set_aside"
    (mine,) = await projects.rows("SELECT id, reason, conflict_kind FROM reviews")
    assert ("Is close to" in mine["reason"], mine["conflict_kind"]) == (True, "close")
    async with projects.client(world.experts[0]) as http:
        told = (await http.get(f"{API}/reviews/{mine['id']}")).json()["reason"]
        assert told == "A conflict of interest came to light. The programme office has the reason."
