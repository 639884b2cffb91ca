"""Adoptions on a real database: a call is drafted, both sides know of each other."""

import pytest

from services.project_management.calls import actions as calls
from shared.contracts.project_requirements import RequirementAdopted
from shared.contracts.projects import (
    CallDrafted,
    TaskAssigned,
    TaskDone,
)
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.project_management.ready import draft_call
from tests.services.project_management.requirements.scene import (
    CHEN,
    LI,
    SUN,
    ZHAO,
    Scene,
    adoption_fields,
    requirement_fields,
)

pytestmark = pytest.mark.anyio
CALLS = "/projects/api/v1/calls"


async def test_adopting_drafts_a_call_and_links_both_sides(scene: Scene) -> None:
    first, second = await scene.prioritised(), await scene.prioritised(SUN, title="Quiet bearings")
    made = await scene.done(LI, "POST", "/adoptions", adoption_fields(first, second))
    call = made["call"]
    assert (call["state"], call["title"], call["label"]) == ("draft", "Bearing cages that run without oil", "public")
    assert "Quiet bearings" in call["summary"]
    assert set(made["requirement_ids"]) == {first, second}
    facts = await scene.projects.said(RequirementAdopted)
    assert {fact["data"]["call_id"] for fact in facts} == {call["id"]}
    (drafted,) = await scene.projects.said(CallDrafted)
    assert {origin["id"] for origin in drafted["data"]["arises_from"]} == {first, second}
    shown = await scene.done(LI, "GET", f"/{first}")
    assert (shown["state"], [one["id"] for one in shown["calls"]]) == ("adopted", [call["id"]])
    opened = {fact["subject"] for fact in await scene.projects.said(TaskAssigned)}
    assert opened == {fact["subject"] for fact in await scene.projects.said(TaskDone)}


async def test_authors_see_the_call_when_it_is_released(scene: Scene) -> None:
    id = await scene.prioritised()
    call = (await scene.done(LI, "POST", "/adoptions", adoption_fields(id)))["call"]
    author = await scene.done(ZHAO, "GET", f"/{id}")
    assert (author["state"], author["state_reason"], author["calls"]) == ("adopted", "First in the joint plan.", [])
    async with scene.projects.client(LI) as http:
        await http.post(f"{CALLS}/{call['id']}/signoff-request", headers={"If-Match": "*"})
    async with scene.projects.client(CHEN) as http:
        body = {"decision": "approve", "reason": ""}
        await http.post(f"{CALLS}/{call['id']}/signoff", json=body, headers={"If-Match": "*"})
    async with scene.projects.client(LI) as http:
        done = await http.post(f"{CALLS}/{call['id']}/release", headers={"If-Match": "*"})
        assert done.status_code == 200, done.text
    assert [one["phase"] for one in (await scene.done(ZHAO, "GET", f"/{id}"))["calls"]] == ["open"]


async def test_what_the_office_writes_goes_before_what_is_taken_over(scene: Scene) -> None:
    id = await scene.prioritised()
    fields = adoption_fields(id, title="A call", stage="production", criteria=[{"name": "Price", "weight": "100"}])
    call = (await scene.done(LI, "POST", "/adoptions", fields))["call"]
    assert (call["title"], call["stage"], len(call["criteria"])) == ("A call", "production", 1)


async def test_only_what_has_a_priority_is_adopted(scene: Scene) -> None:
    id, draft = await scene.put_forward(), await scene.drafted()
    refused = await scene.ask(LI, "POST", "/adoptions", adoption_fields(id))
    assert refused.status_code == 409
    unknown = await scene.ask(LI, "POST", "/adoptions", adoption_fields(draft))
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/requirement_ids/0")
    assert (await scene.ask(CHEN, "POST", "/adoptions", adoption_fields(id))).status_code == 403
    assert await scene.projects.said(CallDrafted) == []


async def test_a_faulty_call_adopts_nothing(scene: Scene) -> None:
    id = await scene.prioritised()
    fields = adoption_fields(id, ceiling={"amount": "9000000.00", "currency": "CNY"})
    refused = await scene.ask(LI, "POST", "/adoptions", fields)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/ceiling")
    assert await scene.state(id) == "prioritised"


async def test_a_requirement_is_adopted_again_when_its_call_is_cancelled(scene: Scene) -> None:
    id = await scene.prioritised()
    call = (await scene.done(LI, "POST", "/adoptions", adoption_fields(id)))["call"]
    refused = await scene.ask(LI, "POST", "/adoptions", adoption_fields(id))
    assert (refused.status_code, refused.json()["code"]) == (409, "already-adopted")
    async with scene.projects.work(LI) as work:
        await calls.cancel_call(work, call["id"], "no budget", None)
    again = await scene.done(LI, "POST", "/adoptions", adoption_fields(id))
    assert again["call"]["id"] != call["id"]
    assert len((await scene.done(LI, "GET", f"/{id}"))["calls"]) == 2


async def test_a_call_is_not_read_by_more_than_what_it_answers(scene: Scene) -> None:
    author = someone(Role.APPLICANT, organisation_id=ZHAO.organisation_id, clearance=SecurityLabel.CONTROLLED)
    officer = someone(Role.PROGRAMME_OFFICER, organisation_name="Office", clearance=SecurityLabel.CONTROLLED)
    expert = await scene.expert("Ma Lan", clearance=SecurityLabel.CONTROLLED)
    id = (await scene.done(author, "POST", "", requirement_fields(label="controlled")))["id"]
    await scene.done(author, "POST", f"/{id}/submission")
    await scene.done(officer, "POST", f"/{id}/consultation", {"expert_ids": [str(expert)]})
    await scene.done(officer, "POST", f"/{id}/priority", {})
    refused = await scene.ask(officer, "POST", "/adoptions", adoption_fields(id, label="internal"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/label")
    made = await scene.done(officer, "POST", "/adoptions", adoption_fields(id))
    assert made["call"]["label"] == "controlled"


async def test_a_call_without_requirements_says_that_it_arose_from_nothing(scene: Scene) -> None:
    await draft_call(scene.projects)
    (drafted,) = await scene.projects.said(CallDrafted)
    assert drafted["data"]["arises_from"] == []
