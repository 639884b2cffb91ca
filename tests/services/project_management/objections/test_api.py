"""A decision through its offices and public notice, with objections, over HTTP."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

from services.project_management.app import publish_receipt_key
from services.project_management.awards.actions import end_notices
from services.project_management.calls.model import Call
from services.project_management.snapshots import sha256_of
from shared.contracts.project_awards import DecisionFinal, DecisionPublished, ObjectionAnswered, ObjectionLodged
from shared.contracts.projects import AwardDecided, CallDecided, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.world import ANY, API, World

CHEN = someone(Role.COORDINATOR, organisation_name="Coordination Office")
HE = someone(Role.COORDINATOR, organisation_name="Coordination Office")
ANYBODY = someone(Role.FACILITY_OWNER, organisation_name="Somewhere")
STEP = {"office": "Coordination Office", "role": "coordinator", "organisation_id": None}


async def terms(world: World, **changed: Any) -> None:
    async with world.projects.work(system_actor("projects")) as work:
        call = await work.get(Call, world.call_id)
        call.award_terms = call.award_terms | changed


async def days_later(world: World, days: int) -> None:
    """The clock goes on: what is in notice began so many days earlier."""
    async with world.projects.work(system_actor("projects")) as work:
        await work.execute(
            """UPDATE decisions SET notice_from = notice_from - %(by)s, notice_until = notice_until - %(by)s
               WHERE call_id = %(call)s""",
            {"by": timedelta(days=days), "call": world.call_id},
        )
    async with world.projects.work(system_actor("projects")) as work:
        await end_notices(work)


async def noticed_world(projects: Running) -> World:
    world = await World(projects).open()
    await terms(world, approvals=[STEP], notice_days=5)
    for person in (CHEN, HE, ANYBODY):
        await projects.know(person)
    await world.decided()
    return world


async def test_a_decision_goes_through_its_offices_into_public_notice_and_is_final_after_it(projects: Running) -> None:
    world = await noticed_world(projects)
    here = f"{API}/calls/{world.call_id}"
    assert await projects.said(AwardDecided) == []
    (asked,) = [one["data"] for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "decision.approve"]
    assert (asked["role"], asked["label"]) == ("coordinator", "internal")
    async with projects.client(world.institute) as http:
        assert (await http.get(f"{API}/awards")).json()["items"] == []
        assert (await http.get(f"{here}/notice")).status_code == 404
        assert (await http.get(f"{here}/decision")).status_code == 403
    async with projects.client(world.officer) as http:
        body = (await http.get(f"{here}/decision")).json()
        assert (body["state"], body["steps"][0]["next"]) == ("in_approval", True)
        refused = await http.post(f"{here}/decision/approval", json={}, headers=ANY)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-your-signature")
        assert (await http.post(f"{here}/decision", json={"reason": "x"})).json()["code"] == "call-not-ready"
    async with projects.client(CHEN) as http:
        back = await http.post(f"{here}/decision/return", json={"reason": "Say why the first."}, headers=ANY)
        assert (back.status_code, back.json()["state"]) == (200, "returned")
        assert (await http.post(f"{here}/decision/approval", json={}, headers=ANY)).json()[
            "code"
        ] == "decision-not-ready"
    async with projects.client(world.officer) as http:
        assert (await http.get(f"{here}/ranking")).json()["returned"] == "Say why the first."
        again = await http.post(f"{here}/decision", json={"reason": "The first promises more."})
        assert (again.status_code, again.json()["number"], again.json()["state"]) == (201, 2, "in_approval")
        other = {"application_id": str(world.applications[1]), "outcome": "declined", "reason": "Out of scope."}
    async with projects.client(CHEN) as http:
        differing = (await http.get(f"{here}/decision/lists/2/differences")).json()["changes"]
        assert [(one["what"], one["after"]) for one in differing] == [("reason", "The first promises more.")]
        kept = (await http.get(f"{here}/decision/lists/1")).json()
        assert (kept["content"]["number"], kept["content"]["reason"] != differing[0]["after"]) == (1, True)
        assert (await http.get(f"{here}/decision/lists/3")).status_code == 404
        await http.post(f"{here}/decision/return", json={"reason": "Decline the second."}, headers=ANY)
    async with projects.client(world.officer) as http:
        third = await http.post(f"{here}/decision", json={"reason": "The first alone.", "overrides": [other]})
        assert third.status_code == 201, third.text
        page = (await http.get(f"{here}/decision".replace(API, "/projects"))).text
        assert "What version 3 changed" in page
        assert "Application › Second › Outcome" in page
        assert "<del>On the reserve list</del> <ins>Declined</ins>" in page
        earlier = (await http.get(f"{here}/decision".replace(API, "/projects"), params={"number": 2})).text
        assert "What version 2 changed" in earlier
    async with projects.client(world.institute) as http:
        assert (await http.get(f"{here}/decision/lists/1")).status_code == 403
    async with projects.client(CHEN) as http:
        signed = await http.post(f"{here}/decision/approval", json={"note": "Agreed."}, headers=ANY)
        assert (signed.status_code, signed.json()["state"]) == (200, "in_notice")
    (published,) = await projects.said(DecisionPublished)
    assert published["data"]["label"] == "public"
    async with projects.client() as http:  # nobody has signed in
        shown = (await http.get(f"{here}/notice")).json()
        assert [(one["title"], one["outcome"]) for one in shown["items"]] == [("First", "funded")]
        assert shown["open"]
        assert "mean" not in json.dumps(shown)
    await days_later(world, 1)
    assert await projects.said(AwardDecided) == []
    await days_later(world, 6)
    assert len(await projects.said(AwardDecided)) == 2
    assert [one["data"]["funded"] for one in await projects.said(CallDecided)] == [1]
    assert len(await projects.said(DecisionFinal)) == 1
    lists = await projects.rows("SELECT number, content, sha256 FROM decision_lists ORDER BY number")
    assert [one["number"] for one in lists] == [1, 2, 3]
    assert all(sha256_of(one["content"].encode()) == one["sha256"] for one in lists)
    done = [one["data"]["outcome"] for one in await projects.said(TaskDone)]
    assert {"returned", "proposed", "approved"} <= set(done)


async def test_an_objection_holds_the_decision_until_somebody_unconcerned_answers(projects: Running) -> None:
    world = await noticed_world(projects)
    here = f"{API}/calls/{world.call_id}"
    body = {
        "application_id": str(world.applications[0]),
        "reason": "Published before.",
        "evidence": "Proceedings 2024.",
    }
    async with projects.client(ANYBODY) as http:
        early = await http.post(f"{here}/objections", json=body)
        assert (early.status_code, early.json()["code"]) == (409, "no-notice")
    async with projects.client(CHEN) as http:
        assert (await http.post(f"{here}/decision/approval", json={}, headers=ANY)).status_code == 200
    async with projects.client() as http:
        assert (await http.post(f"{here}/objections", json=body)).status_code == 401
    async with projects.client(ANYBODY) as http:
        strange = await http.post(f"{here}/objections", json=body | {"application_id": str(world.call_id)})
        assert strange.status_code == 422
        lodged = await http.post(f"{here}/objections", json=body)
        assert lodged.status_code == 201, lodged.text
        at = lodged.headers["location"]
        second = await http.post(f"{here}/objections", json=body | {"application_id": None})
        assert (await http.post(f"{second.headers['location']}/withdrawal", headers=ANY)).status_code == 200
    facts = await projects.said(ObjectionLodged)
    assert {one["data"]["label"] for one in facts} == {"confidential"}
    assert not any(ANYBODY.subject in json.dumps(one["data"]) or "First" in json.dumps(one["data"]) for one in facts)
    told = await projects.rows(
        "SELECT DISTINCT actor FROM outbox WHERE data ->> 'title' LIKE '%%objection%%' OR type LIKE '%%.objection.%%'"
    )
    assert [one["actor"] for one in told] == ["system:projects"], "the trail names who acted to all its readers"
    answer = {"decision": "reject", "answer": "What was published is another alloy."}
    for person, status in ((world.institute, 403), (world.officer, 409), (CHEN, 409)):
        async with projects.client(person) as http:
            refused = await http.post(f"{at}/answer", json=answer, headers=ANY)
            assert refused.status_code == status, (person.subject, refused.text)
            assert (await http.get(at)).status_code == (404 if person is world.institute else 200)
    await days_later(world, 6)
    assert await projects.said(AwardDecided) == [], "an objection waits"
    async with projects.client(ANYBODY) as http:
        late = await http.post(f"{here}/objections", json=body)
        assert late.json()["code"] == "notice-over"
        assert "An applicant may still appeal within 15 days" in late.json()["detail"]
    async with projects.client(HE) as http:
        answered = await http.post(f"{at}/answer", json=answer, headers=ANY)
        assert (answered.status_code, answered.json()["state"]) == (200, "rejected")
        assert (await http.post(f"{at}/answer", json=answer, headers=ANY)).json()["code"] == "objection-not-ready"
    (said,) = await projects.rows("SELECT actor FROM outbox WHERE type LIKE '%%.objection.answered.%%'")
    assert said["actor"] == HE.subject, "who answers for the offices is told"
    await days_later(world, 0)
    assert len(await projects.said(AwardDecided)) == 2


async def test_an_upheld_objection_sends_the_list_back(projects: Running) -> None:
    world = await noticed_world(projects)
    here = f"{API}/calls/{world.call_id}"
    async with projects.client(CHEN) as http:
        await http.post(f"{here}/decision/approval", json={}, headers=ANY)
    async with projects.client(ANYBODY) as http:
        at = (await http.post(f"{here}/objections", json={"reason": "No.", "evidence": "See."})).headers["location"]
    async with projects.client(HE) as http:
        assert (
            await http.post(f"{at}/answer", json={"decision": "uphold", "answer": "True."}, headers=ANY)
        ).status_code == 200
        assert (await http.get(f"{here}/decision")).json()["state"] == "returned"
    assert [one["data"]["upheld"] for one in await projects.said(ObjectionAnswered)] == [True]
    await days_later(world, 9)
    assert await projects.said(AwardDecided) == []
    async with projects.client(world.officer) as http:
        choice = {"application_id": str(world.applications[0]), "outcome": "declined", "reason": "Published before."}
        again = await http.post(f"{here}/decision", json={"reason": "After the objection.", "overrides": [choice]})
        assert (again.status_code, again.json()["number"]) == (201, 2)


async def test_the_letter_tells_the_scores_that_the_call_allows_and_can_be_checked(projects: Running) -> None:
    world = await World(projects).open()
    await publish_receipt_key(projects.service)
    await terms(world, letter_scores="criteria")
    await world.decided()
    async with projects.client(world.institute) as http:
        (award,) = [one for one in (await http.get(f"{API}/awards")).json()["items"] if one["title"] == "First"]
        pdf = await http.get(f"{API}/awards/{award['id']}/letter")
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        page = await http.get(f"/projects/awards/{award['id']}/letter")
        assert "We are glad to tell you" in page.text
        assert "Feasibility" in page.text
        assert "Comment on First." in page.text
    async with projects.client(ANYBODY) as http:
        assert (await http.get(f"{API}/awards/{award['id']}/letter")).status_code in (403, 404)
    (letter,) = await projects.rows(
        "SELECT number, content, sha256 FROM letters WHERE award_id = %(id)s", id=award["id"]
    )
    assert json.loads(letter["content"])["criteria"] == [
        {"criterion": "Feasibility", "mean": "9.00"},
        {"criterion": "Novelty", "mean": "9.00"},
    ]
    async with projects.client() as http:
        checked = (await http.get(f"{API}/receipts/{letter['number']}")).json()
        assert (checked["kind"], checked["valid"], checked["sha256"]) == ("letter", True, letter["sha256"])
        file = {"file": ("letter.pdf", BytesIO(pdf.content), "application/pdf")}
        assert (await http.post(f"{API}/receipts/checks", files=file)).json()["genuine"]
        broken = {"file": ("letter.pdf", BytesIO(pdf.content.replace(b"%PDF-1.", b"%PDF-2.")), "application/pdf")}
        assert not (await http.post(f"{API}/receipts/checks", files=broken)).json()["genuine"]


async def test_no_letter_and_no_list_tells_a_score_where_the_call_says_none(projects: Running) -> None:
    world = await World(projects).open()
    await terms(world, letter_scores="none")
    await world.decided()
    async with projects.client(world.institute) as http:
        for award in (await http.get(f"{API}/awards")).json()["items"]:
            assert "mean" not in award["reason"]
    for row in await projects.rows("SELECT content FROM letters"):
        content = json.loads(row["content"])
        assert (content["mean"], content["criteria"]) == (None, [])
        assert "of 10" not in content["reason"]
