"""Changes of a signed task book, over the routes: asked for, answered, and what follows."""

from hashlib import sha256
from typing import Any

import httpx

from shared.contracts.project_delivery import ChangeApproved, ChangeRequested, RightsReopened, TaskBookAmended
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.checked import checked
from tests.services.project_management.claims.test_api import claim, item, spending
from tests.services.project_management.ready import admitted
from tests.services.project_management.risks.test_risks import RISK
from tests.services.project_management.world import ANY, API

LATER = {"kind": "time", "reason": "Furnace late.", "milestones": [{"number": 1, "due_on": "2027-09-30"}]}


async def ask(http: httpx.AsyncClient, here: str, body: dict[str, Any]) -> httpx.Response:
    return await http.post(f"{here}/changes", json=body)


async def test_an_approved_change_is_an_amendment_with_a_diff(projects: Running) -> None:
    world, here = await spending(projects)
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        before = (await lead.get(here)).json()
        asked = await ask(lead, here, LATER)
        assert asked.status_code == 201, asked.text
        wanted = [{"what": "milestones.1.due_on", "before": "2027-06-30", "after": "2027-09-30"}]
        assert asked.json()["differences"] == wanted
        assert (await lead.get(here)).json()["sha256"] == before["sha256"], "asked for is not agreed to"
        second = await ask(lead, here, LATER)
        assert (second.status_code, second.json()["code"]) == (409, "another-change-waits")
        at = f"{API}/changes/{asked.json()['id']}"
        assert (await lead.post(f"{at}/approval", json={}, headers=ANY)).status_code == 403
        approved = await office.post(f"{at}/approval", json={"note": "The supplier's fault."}, headers=ANY)
        assert (approved.json()["state"], approved.json()["amendment"]) == ("approved", 2)
        assert (await office.post(f"{at}/approval", json={}, headers=ANY)).status_code == 409
        after = (await lead.get(here)).json()
    assert after["milestones"][0]["due_on"] == "2027-09-30"
    assert after["sha256"] == approved.json()["sha256"] != before["sha256"]
    kept = await projects.rows("SELECT number, content, sha256 FROM task_book_versions ORDER BY number")
    assert [(one["number"], one["sha256"]) for one in kept] == [(1, before["sha256"]), (2, after["sha256"])]
    assert all(sha256(one["content"].encode()).hexdigest() == one["sha256"] for one in kept)
    books = f"{here}/task-books"
    async with projects.client(world.university) as partner, projects.client(someone(Role.APPLICANT)) as stranger:
        listed = (await partner.get(books)).json()["items"]
        assert [[one["side"] for one in row["signatures"]] for row in listed] == [["office", "lead"]] * 2
        assert {one["subject"] for one in listed[0]["signatures"]} == {world.officer.subject, world.institute.subject}
        differing = (await partner.get(f"{books}/2/differences")).json()
        (one,) = differing["changes"]
        assert {name: one[name] for name in wanted[0]} == wanted[0]
        assert [part["kind"] for part in one["parts"]][:3] == ["same", "removed", "added"], "word by word"
        assert (await partner.get(f"{books}/1/differences", params={"since": 2})).json()["changes"][0]["after"] == (
            "2027-06-30"
        )
        for number, newest in ((1, False), (2, True)):
            paper = await partner.get(f"{books}/{number}/paper")
            told = await checked(projects, paper.content, "task_book", (before["title"], "Institute", "200,000"))
            assert (told["number"], told["newest"]) == (listed[2 - number]["paper"], newest)
            assert told["sha256"] == kept[number - 1]["sha256"]
        for path in (f"{books}/2/paper", f"{books}/2/differences"):
            assert (await stranger.get(path)).status_code == 404
        assert (await partner.get(f"{books}/3/paper")).status_code == 404
        page = f"{here}/task-book".replace(API, "/projects")
        older = (await partner.get(page, params={"number": 1})).text
        assert "What the next version changed" in older
        assert "Milestones › 1 › Due" in older
        assert "<ins>" in (await partner.get(page)).text
        assert "task-book?number=1" in (await partner.get(here.replace(API, "/projects"))).text
    async with projects.work(world.officer) as work:
        await work.execute("UPDATE task_book_versions SET content = replace(content, '2027', '2028') WHERE number = 1")
    async with projects.client() as visitor:
        found = (await visitor.get(f"{API}/receipts/{listed[1]['paper']}")).json()
    assert found["valid"] is False, "the check hashes what the pages show"
    (amended,) = await projects.said(TaskBookAmended)
    assert (amended["data"]["id"], amended["data"]["number"], amended["data"]["kind"]) == (before["id"], 2, "time")
    assert len(await projects.said(ChangeApproved)) == 1
    tasks = {str(one["subject"]) for one in await projects.said(TaskAssigned) if one["data"]["kind"] == "change.judge"}
    assert tasks <= {str(one["subject"]) for one in await projects.said(TaskDone)}


async def test_a_budget_change_lets_a_claim_through_that_was_over(projects: Running) -> None:
    world, here = await spending(projects)
    body = {
        "kind": "budget",
        "reason": "Dearer furnace.",
        "budget": [
            {"category": "equipment", "year": 2027, "amount": {"amount": "300000.00"}},
            {"category": "staff", "year": 2028, "amount": {"amount": "300000.00"}},
        ],
    }
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        assert (await claim(lead, here, item("280000.00"))).status_code == 409
        asked = (await ask(lead, here, body)).json()
        assert {one["what"] for one in asked["differences"]} >= {"budget.1.amount"}
        await office.post(f"{API}/changes/{asked['id']}/approval", json={}, headers=ANY)
        assert (await claim(lead, here, item("280000.00"))).status_code == 201
        less = body | {"budget": [{"category": "staff", "year": 2028, "amount": {"amount": "600000.00"}}]}
        refused = await ask(lead, here, less)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/budget")
        assert "280,000.00 CNY of the line for equipment costs in 2027" in refused.json()["errors"][0]["detail"]


async def test_another_partner_opens_the_agreement_again(projects: Running) -> None:
    world, here = await spending(projects)
    joining = someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="College")
    await projects.hear(admitted(joining.organisation_id, "College"))
    university = str(world.university.organisation_id)
    body = {
        "kind": "partner",
        "reason": "The group has moved.",
        "leaving": [university],
        "joining": [str(joining.organisation_id)],
    }
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        unknown = await ask(lead, here, body | {"joining": [str(world.call_id)]})
        assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/joining/0")
        known = (await lead.post(f"{here}/risks", json=RISK)).headers["location"]
        asked = (await ask(lead, here, body)).json()
        approved = await office.post(f"{API}/changes/{asked['id']}/approval", json={}, headers=ANY)
        assert approved.status_code == 200, approved.text
        project = (await lead.get(here)).json()
        assert [one["name"] for one in project["partners"]] == ["College"]
        agreement = (await lead.get(f"{API}/agreements/{project['agreement']['id']}")).json()
    assert (agreement["state"], agreement["in_force"]) == ("draft", 1)
    assert agreement["trace"]["result"] == "no", "the new partner is no party yet"
    assert len(await projects.said(RightsReopened)) == 1
    async with projects.client(joining) as http:
        assert (await http.get(here)).status_code == 200
        assert (await http.get(known)).status_code == 200
        assert (await http.post(f"{known}/closing", json={"reason": "Gone."}, headers=ANY)).status_code == 200
    async with projects.client(world.university) as http:
        assert (await http.get(here)).status_code == 404, "who has left reads it no more"
        assert (await http.get(known)).status_code == 404


async def test_a_change_is_declined_or_withdrawn_with_a_reason(projects: Running) -> None:
    world, here = await spending(projects)
    async with projects.client(world.institute) as lead, projects.client(world.officer) as office:
        asked = (await ask(lead, here, LATER)).json()
        declined = await office.post(
            f"{API}/changes/{asked['id']}/refusal", json={"reason": "Still possible."}, headers=ANY
        )
        assert (declined.json()["state"], declined.json()["answer"]) == ("declined", "Still possible.")
        asked = (await ask(lead, here, LATER)).json()
        taken = await lead.post(f"{API}/changes/{asked['id']}/withdrawal", json={"reason": "Solved."}, headers=ANY)
        assert taken.json()["state"] == "withdrawn"
        assert [one["number"] for one in (await lead.get(f"{here}/changes")).json()["items"]] == [2, 1]
    assert len(await projects.said(ChangeRequested)) == 2
    assert await projects.said(TaskBookAmended) == []


async def test_only_the_lead_asks_and_only_its_office_answers(projects: Running) -> None:
    world, here = await spending(projects)
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    async with projects.client(world.university) as partner, projects.client(world.institute) as lead:
        assert (await ask(partner, here, LATER)).status_code == 404
        asked = (await ask(lead, here, LATER)).json()
        assert (await partner.get(f"{API}/changes/{asked['id']}")).status_code == 200
    async with projects.client(elsewhere) as http:
        refused = await http.post(f"{API}/changes/{asked['id']}/approval", json={}, headers=ANY)
        assert refused.status_code == 404
    async with projects.client(someone(Role.APPLICANT, Role.REPRESENTATIVE)) as stranger:
        assert (await stranger.get(f"{API}/changes/{asked['id']}")).status_code == 404
