"""Requirements on a real database: facts, tasks, what is kept, what is refused."""

import hashlib
import json

import pytest

from shared.contracts.project_requirements import (
    RequirementDeclined,
    RequirementMerged,
    RequirementPutForward,
    RequirementReturned,
    RequirementWidened,
    RequirementWithdrawn,
)
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.project_management.requirements.scene import (
    LI,
    SUN,
    ZHAO,
    Scene,
    admitted,
    requirement_fields,
)

pytestmark = pytest.mark.anyio


async def test_writing_a_requirement_is_no_fact(scene: Scene) -> None:
    id = await scene.drafted()
    await scene.done(ZHAO, "PATCH", f"/{id}", {"urgency": "immediate"})
    await scene.done(ZHAO, "POST", f"/{id}/withdrawal", {})
    assert await scene.state(id) == "discarded"
    assert await scene.projects.said() == []
    assert (await scene.ask(ZHAO, "GET", f"/{id}")).status_code == 404


async def test_putting_it_forward_fixes_the_content_with_its_hash(scene: Scene) -> None:
    id = await scene.put_forward()
    (version,) = await scene.projects.rows("SELECT * FROM requirement_versions")
    (fact,) = await scene.projects.said(RequirementPutForward)
    assert hashlib.sha256(version["content"].encode()).hexdigest() == version["sha256"] == fact["data"]["sha256"]
    assert json.loads(version["content"])["indicators"] == requirement_fields()["indicators"]
    assert fact["data"]["by"] == {"id": str(ZHAO.organisation_id), "name": "Institute of Light Alloys"}
    (task,) = await scene.projects.said(TaskAssigned)
    assert (task["data"]["role"], task["data"]["kind"]) == ("programme_officer", "requirement.consult")
    text = await scene.ask(LI, "GET", f"/{id}/versions/1")
    assert hashlib.sha256(text.content).hexdigest() == version["sha256"]


async def test_an_incomplete_one_is_not_put_forward(scene: Scene) -> None:
    id = await scene.drafted(problem="", indicators=[])
    refused = await scene.ask(ZHAO, "POST", f"/{id}/submission")
    assert refused.status_code == 409
    assert "at least one indicator" in refused.json()["detail"]
    assert await scene.state(id) == "draft"


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.REPRESENTATIVE, Role.FACILITY_OWNER, Role.REVIEWER])
async def test_any_member_of_an_admitted_organisation_asks(scene: Scene, role: Role) -> None:
    member = someone(role, organisation_name="Small Works")
    refused = await scene.ask(member, "POST", "", requirement_fields())
    assert (refused.status_code, refused.json()["title"]) == (409, "Your organisation is not admitted")
    await scene.projects.hear(admitted(member.organisation_id, "Small Works", kind="company"))
    await scene.put_forward(member)


async def test_overseers_do_not_write(scene: Scene) -> None:
    for role in (Role.COORDINATOR, Role.AUDITOR, Role.ADMINISTRATOR):
        assert (await scene.ask(someone(role), "POST", "", requirement_fields())).status_code == 403


async def test_a_returned_one_is_its_organisations_alone_until_it_comes_again(scene: Scene) -> None:
    id = await scene.put_forward()
    await scene.done(LI, "POST", f"/{id}/return", {"reason": "Which load?"})
    (fact,) = await scene.projects.said(RequirementReturned)
    assert fact["data"]["reason"] == "Which load?"
    task = (await scene.projects.said(TaskAssigned))[-1]
    assert (task["data"]["subject"], task["data"]["kind"]) == (ZHAO.subject, "requirement.complete")
    assert (await scene.ask(LI, "GET", f"/{id}")).status_code == 404
    await scene.done(ZHAO, "PATCH", f"/{id}", {"problem": "Cages seize at 5 kN."})
    await scene.done(ZHAO, "POST", f"/{id}/submission")
    shown = await scene.done(LI, "GET", f"/{id}")
    assert (shown["problem"], shown["put_forward_version"]) == ("Cages seize at 5 kN.", 2)
    first = json.loads((await scene.ask(LI, "GET", f"/{id}/versions/1")).content)
    assert first["problem"] == requirement_fields()["problem"]


async def test_every_task_that_is_opened_is_closed(scene: Scene) -> None:
    returned = await scene.put_forward()
    await scene.done(LI, "POST", f"/{returned}/return", {"reason": "Which load?"})
    await scene.done(ZHAO, "POST", f"/{returned}/withdrawal", {})
    declined = await scene.prioritised()
    await scene.done(LI, "POST", f"/{declined}/decline", {"reason": "Done elsewhere."})
    asked = await scene.put_forward()
    await scene.consulted(asked, await scene.expert("Guo Feng"))
    await scene.done(ZHAO, "POST", f"/{asked}/withdrawal", {"reason": "We have found a supplier."})
    opened = {fact["subject"] for fact in await scene.projects.said(TaskAssigned)}
    assert opened == {fact["subject"] for fact in await scene.projects.said(TaskDone)}


async def test_a_decline_needs_a_reason_that_its_author_reads(scene: Scene) -> None:
    id = await scene.put_forward()
    assert (await scene.ask(LI, "POST", f"/{id}/decline", {"reason": ""})).status_code == 422
    await scene.done(LI, "POST", f"/{id}/decline", {"reason": "A call on it was decided in May."})
    (fact,) = await scene.projects.said(RequirementDeclined)
    assert fact["data"]["reason"] == "A call on it was decided in May."
    assert (await scene.done(ZHAO, "GET", f"/{id}"))["state_reason"] == "A call on it was decided in May."
    assert (await scene.ask(LI, "POST", f"/{id}/decline", {"reason": "again"})).status_code == 409


async def test_withdrawing_needs_a_reason_once_others_know_of_it(scene: Scene) -> None:
    id = await scene.put_forward()
    assert (await scene.ask(ZHAO, "POST", f"/{id}/withdrawal", {})).status_code == 422
    await scene.done(ZHAO, "POST", f"/{id}/withdrawal", {"reason": "We have found a supplier."})
    (fact,) = await scene.projects.said(RequirementWithdrawn)
    assert fact["data"]["reason"] == "We have found a supplier."
    assert (await scene.done(LI, "GET", f"/{id}"))["state"] == "withdrawn"


async def test_merging_keeps_provenance_both_ways(scene: Scene) -> None:
    into, other = await scene.put_forward(), await scene.put_forward(SUN, title="Cages without lubricant")
    merged = await scene.done(LI, "POST", f"/{into}/mergers", {"requirement_ids": [other], "reason": "The same."})
    assert [one["title"] for one in merged["merged_from"]] == ["Cages without lubricant"]
    assert merged["asked_by"] == 2
    (fact,) = await scene.projects.said(RequirementMerged)
    assert (str(fact["subject"]), fact["data"]["into_id"]) == (other, into)
    (widened,) = await scene.projects.said(RequirementWidened)
    assert widened["data"]["arises_from"] == [{"kind": "requirement", "id": other}]
    author = await scene.done(SUN, "GET", f"/{other}")
    assert author["state"] == "merged"
    assert author["merged_into"] == {
        "id": None,
        "title": "Bearing cages that run without oil",
        "state": "put_forward",
        "state_reason": "",
    }
    assert (await scene.ask(SUN, "GET", f"/{into}")).status_code == 404
    owner = await scene.done(ZHAO, "GET", f"/{into}")
    assert (owner["merged_from"], owner["asked_by"]) == ([], 2)
    refused = await scene.ask(ZHAO, "POST", f"/{into}/withdrawal", {"reason": "no"})
    assert (refused.status_code, refused.json()["title"]) == (409, "Others were merged into this requirement")


async def test_several_are_merged_into_a_new_one_of_the_office(scene: Scene) -> None:
    secret = someone(Role.APPLICANT, organisation_id=ZHAO.organisation_id, clearance=SecurityLabel.CONTROLLED)
    officer = someone(Role.PROGRAMME_OFFICER, organisation_name="Office", clearance=SecurityLabel.CONTROLLED)
    first, second = await scene.put_forward(secret, label="controlled"), await scene.put_forward(SUN)
    fields = {name: value for name, value in requirement_fields(title="Dry bearings").items() if name != "label"}
    body = {**fields, "requirement_ids": [first, second], "reason": "Two sides of one problem."}
    made = await scene.done(officer, "POST", "/mergers", body)
    assert (made["state"], made["label"], made["asked_by"]) == ("put_forward", "controlled", 2)
    assert len(made["merged_from"]) == 2
    (fact,) = (one for one in await scene.projects.said(RequirementPutForward) if str(one["subject"]) == made["id"])
    assert {origin["id"] for origin in fact["data"]["arises_from"]} == {first, second}
    # Sun is cleared for internal things only: that it was merged, and why, but not into what.
    assert (await scene.done(SUN, "GET", f"/{second}"))["merged_into"] is None
    assert (await scene.done(secret, "GET", f"/{first}"))["merged_into"]["title"] == "Dry bearings"


async def test_a_merger_names_what_it_cannot_take(scene: Scene) -> None:
    into, over, draft = await scene.put_forward(), await scene.put_forward(SUN), await scene.drafted(SUN)
    await scene.done(LI, "POST", f"/{over}/decline", {"reason": "no"})
    path = f"/{into}/mergers"
    itself = await scene.ask(LI, "POST", path, {"requirement_ids": [into], "reason": "x"})
    hidden = await scene.ask(LI, "POST", path, {"requirement_ids": [draft], "reason": "x"})
    for refused, pointer in ((itself, "/requirement_ids"), (hidden, "/requirement_ids/0")):
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await scene.ask(LI, "POST", path, {"requirement_ids": [over], "reason": "x"})).status_code == 409
    assert await scene.projects.said(RequirementMerged) == []


async def test_nobody_answers_what_an_organisation_of_theirs_asks_for(scene: Scene) -> None:
    id, other = await scene.put_forward(), await scene.put_forward(SUN)
    both = someone(Role.PROGRAMME_OFFICER)
    both = type(both)(both.subject, (*both.grants, ZHAO.grants[0]), both.clearance)
    for path, body in (
        ("return", {"reason": "x"}),
        ("decline", {"reason": "x"}),
        ("mergers", {"requirement_ids": [other], "reason": "x"}),
    ):
        refused = await scene.ask(both, "POST", f"/{id}/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "own-requirement"), refused.text
    # What was merged in counts as well.
    await scene.done(LI, "POST", f"/{other}/mergers", {"requirement_ids": [id], "reason": "The same."})
    assert (await scene.ask(both, "POST", f"/{other}/decline", {"reason": "x"})).status_code == 409


async def test_versions_of_the_facts_rise(scene: Scene) -> None:
    id = await scene.prioritised()
    await scene.done(LI, "POST", f"/{id}/decline", {"reason": "no"})
    facts = await scene.projects.rows("SELECT version FROM outbox WHERE subject = %(id)s ORDER BY seq", id=id)
    versions = [fact["version"] for fact in facts]
    assert versions == sorted(set(versions))
    assert len(versions) == 4
