"""Consultations on a real database: who is asked, who reads what, what follows."""

import pytest

from services.project_management.consultations.rules import prioritise
from shared.contracts.project_requirements import RequirementConsulted, RequirementPrioritised
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.project_management.requirements.scene import CHEN, LI, SUN, ZHAO, Scene, requirement_fields

pytestmark = pytest.mark.anyio


async def test_an_expert_of_the_organisation_is_not_asked_and_the_reason_is_shown(scene: Scene) -> None:
    id = await scene.put_forward()
    near, far = await scene.expert("Tan Hua", employer=ZHAO), await scene.expert("Ma Lan", employer=SUN)
    shown = {one["name"]: one for one in (await scene.done(LI, "GET", f"/{id}/experts"))["items"]}
    assert shown["Tan Hua"]["barred"] == "Works for Institute of Light Alloys, which asks for this."
    assert shown["Ma Lan"]["barred"] == ""
    refused = await scene.ask(LI, "POST", f"/{id}/consultation", {"expert_ids": [str(far), str(near)]})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error == {"pointer": "/expert_ids/1", "detail": shown["Tan Hua"]["barred"]}
    assert await scene.state(id) == "put_forward"


async def test_experts_of_every_organisation_that_asks_are_left_out(scene: Scene) -> None:
    into, other = await scene.put_forward(), await scene.put_forward(SUN)
    await scene.done(LI, "POST", f"/{into}/mergers", {"requirement_ids": [other], "reason": "The same."})
    await scene.expert("Wu Bin", employer=SUN)
    (one,) = (await scene.done(LI, "GET", f"/{into}/experts"))["items"]
    assert "Jialing University" in one["barred"]


async def test_those_of_the_field_stand_first(scene: Scene) -> None:
    id = await scene.put_forward()
    await scene.expert("A Stranger", fields=("law",))
    await scene.expert("Z Metallurgist", fields=("materials",))
    listed = [one["name"] for one in (await scene.done(LI, "GET", f"/{id}/experts"))["items"]]
    assert listed == ["Z Metallurgist", "A Stranger"]


async def test_an_invited_expert_reads_that_requirement_and_no_other(scene: Scene) -> None:
    asked, other = await scene.put_forward(), await scene.put_forward(SUN)
    ma = await scene.expert("Ma Lan")
    person = scene.experts[ma]
    assert (await scene.ask(person, "GET", f"/{asked}")).status_code == 404
    await scene.consulted(asked, ma)
    assert (await scene.done(person, "GET", f"/{asked}"))["problem"]
    assert (await scene.ask(person, "GET", f"/{other}")).status_code == 404
    assert [one["id"] for one in (await scene.done(person, "GET", ""))["items"]] == [asked]
    (fact,) = await scene.projects.said(RequirementConsulted)
    assert fact["actor"] == LI.subject
    task = (await scene.projects.said(TaskAssigned))[-1]
    assert (task["data"]["subject"], task["data"]["label"], task["data"]["owners"]) == (
        person.subject,
        "confidential",
        [],
    )


async def test_the_office_reads_who_says_what_and_the_organisation_what_is_said(scene: Scene) -> None:
    id = await scene.put_forward()
    ma, guo = await scene.expert("Ma Lan"), await scene.expert("Guo Feng")
    await scene.consulted(id, ma, guo)
    await scene.opinion(id, ma, 5, 2, "Wanted everywhere.")
    assert (await scene.done(ZHAO, "GET", f"/{id}"))["opinions"] == []
    assert [one["expert"] for one in (await scene.done(LI, "GET", f"/{id}"))["opinions"]] == ["Ma Lan"]
    assert (await scene.done(scene.experts[guo], "GET", f"/{id}"))["opinions"] == []
    await scene.done(LI, "POST", f"/{id}/priority", {})
    told = (await scene.done(ZHAO, "GET", f"/{id}"))["opinions"]
    assert told == [{"expert": None, "importance": 5, "feasibility": 2, "comment": "Wanted everywhere."}]
    assert (await scene.done(CHEN, "GET", f"/{id}"))["opinions"][0]["expert"] == "Ma Lan"
    both = someone(Role.COORDINATOR)
    both = type(both)(both.subject, (*both.grants, ZHAO.grants[0]), both.clearance)
    assert (await scene.done(both, "GET", f"/{id}"))["opinions"][0]["expert"] is None


async def test_no_fact_tells_who_was_asked_or_who_answered(scene: Scene) -> None:
    id = await scene.put_forward()
    ma = await scene.expert("Ma Lan")
    await scene.consulted(id, ma)
    await scene.opinion(id, ma)
    await scene.done(LI, "POST", f"/{id}/priority", {})
    subject = scene.experts[ma].subject
    for fact in await scene.projects.said():
        if subject in (fact["actor"], fact["data"].get("subject")) or "Ma Lan" in str(fact["data"]):
            assert fact["data"]["label"] == "confidential"
            assert fact["data"]["owners"] == []
    answered = [fact["subject"] for fact in await scene.projects.said(TaskDone) if fact["actor"] == subject]
    assert len(answered) == 1


async def test_an_opinion_can_be_changed_while_the_consultation_lasts(scene: Scene) -> None:
    id = await scene.put_forward()
    ma = await scene.expert("Ma Lan")
    await scene.consulted(id, ma)
    await scene.opinion(id, ma, 2)
    own = await scene.ask(scene.experts[ma], "GET", f"/{id}/opinion")
    assert (own.json()["state"], own.headers["etag"]) == ("given", '"2"')
    said = {"importance": 5, "feasibility": 5, "comment": ""}
    stale = await scene.ask(scene.experts[ma], "PUT", f"/{id}/opinion", said, version=1)
    assert stale.status_code == 412
    await scene.opinion(id, ma, 5)
    await scene.done(LI, "POST", f"/{id}/priority", {})
    assert (await scene.ask(scene.experts[ma], "PUT", f"/{id}/opinion", said)).status_code == 409
    (kept,) = await scene.projects.rows("SELECT importance FROM requirement_opinions")
    assert kept["importance"] == 5


async def test_who_steps_aside_reads_it_no_more_and_is_not_asked_again(scene: Scene) -> None:
    id = await scene.put_forward()
    ma, guo = await scene.expert("Ma Lan"), await scene.expert("Guo Feng")
    await scene.consulted(id, ma)
    await scene.opinion(id, ma, comment="Before I saw who asks.")
    await scene.done(scene.experts[ma], "POST", f"/{id}/recusal", {"reason": "I advise them."})
    assert (await scene.ask(scene.experts[ma], "GET", f"/{id}")).status_code == 404
    assert (await scene.ask(scene.experts[ma], "GET", f"/{id}/opinion")).status_code == 404
    again = await scene.ask(LI, "POST", f"/{id}/consultation", {"expert_ids": [str(ma)]})
    assert again.json()["errors"][0]["detail"] == "Stepped aside: I advise them."
    await scene.consulted(id, guo)
    assert (await scene.done(LI, "GET", f"/{id}"))["opinions"] == []
    assert len(await scene.projects.said(RequirementConsulted)) == 1


async def test_who_never_answered_is_asked_no_longer(scene: Scene) -> None:
    id = await scene.put_forward()
    ma = await scene.expert("Ma Lan")
    await scene.consulted(id, ma)
    await scene.done(LI, "POST", f"/{id}/priority", {})
    (opinion,) = await scene.projects.rows("SELECT state, task_id FROM requirement_opinions")
    assert opinion == {"state": "lapsed", "task_id": None}
    assert (await scene.ask(scene.experts[ma], "GET", f"/{id}")).status_code == 404


async def test_a_priority_is_decided_with_a_trace_that_repeats(scene: Scene) -> None:
    id = await scene.put_forward()
    ma, guo = await scene.expert("Ma Lan"), await scene.expert("Guo Feng")
    await scene.consulted(id, ma, guo)
    await scene.opinion(id, ma, 5, 4)
    await scene.opinion(id, guo, 4, 3)
    before = await scene.done(LI, "GET", f"/{id}/priority")
    await scene.done(LI, "POST", f"/{id}/priority", {})
    (row,) = await scene.projects.rows("SELECT priority, priority_trace FROM requirements")
    trace = DecisionTrace.model_validate(row["priority_trace"])
    assert trace.repeats(prioritise)
    assert before["trace"] == row["priority_trace"]
    assert trace.inputs["ratings"] == [{"importance": 4, "feasibility": 3}, {"importance": 5, "feasibility": 4}]
    (fact,) = await scene.projects.said(RequirementPrioritised)
    assert fact["data"]["priority"] == row["priority"] == trace.result["computed"]


async def test_an_officer_sets_another_priority_only_with_a_reason(scene: Scene) -> None:
    id = await scene.put_forward()
    await scene.consulted(id, await scene.expert("Ma Lan"))
    refused = await scene.ask(LI, "POST", f"/{id}/priority", {"priority": "high"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")
    await scene.done(LI, "POST", f"/{id}/priority", {"priority": "high", "reason": "Named in the joint plan."})
    shown = await scene.done(ZHAO, "GET", f"/{id}")
    assert (shown["priority"], shown["priority_trace"]["result"]["computed"]) == ("high", "medium")
    again = await scene.done(LI, "POST", f"/{id}/priority", {})
    assert again["trace"]["result"]["priority"] == "medium"


async def test_an_officer_of_the_organisation_asks_nobody(scene: Scene) -> None:
    id = await scene.put_forward()
    ma = await scene.expert("Ma Lan")
    both = someone(Role.PROGRAMME_OFFICER)
    both = type(both)(both.subject, (*both.grants, ZHAO.grants[0]), both.clearance)
    refused = await scene.ask(both, "POST", f"/{id}/consultation", {"expert_ids": [str(ma)]})
    assert (refused.status_code, refused.json()["code"]) == (409, "own-requirement")
    for path in ("experts", "priority"):
        read = await scene.ask(both, "GET", f"/{id}/{path}")
        assert (read.status_code, read.json()["code"]) == (409, "own-requirement")
    page = await scene.page(both, f"/{id}/consultation")
    assert page.status_code == 409
    assert "Somebody else of the office" in page.text


async def test_an_expert_below_the_label_is_not_asked(scene: Scene) -> None:
    author = someone(Role.APPLICANT, organisation_id=ZHAO.organisation_id, clearance=SecurityLabel.CONTROLLED)
    officer = someone(Role.PROGRAMME_OFFICER, clearance=SecurityLabel.CONTROLLED)
    id = (await scene.done(author, "POST", "", requirement_fields(label="controlled")))["id"]
    await scene.done(author, "POST", f"/{id}/submission")
    low, high = await scene.expert("Low"), await scene.expert("High", clearance=SecurityLabel.CONTROLLED)
    refused = await scene.ask(officer, "POST", f"/{id}/consultation", {"expert_ids": [str(low)]})
    assert "Is cleared up to internal" in refused.json()["errors"][0]["detail"]
    await scene.done(officer, "POST", f"/{id}/consultation", {"expert_ids": [str(high)]})
    assert (await scene.ask(LI, "GET", f"/{id}")).status_code == 404
