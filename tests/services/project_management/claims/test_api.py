"""Claims against a budget, over the routes."""

import asyncio
from typing import Any

import httpx

from services.project_management.budgets.rules import overrun
from shared.contracts.project_delivery import ClaimApproved, ClaimSubmitted
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.delivery.test_api import book, document
from tests.services.project_management.world import ANY, API, World

BUDGET = [
    {"category": "equipment", "year": 2027, "amount": {"amount": "200000.00"}},
    {"category": "staff", "year": 2027, "amount": {"amount": "100000.00"}},
    {"category": "staff", "year": 2028, "amount": {"amount": "300000.00"}},
]


def item(amount: str, category: str = "equipment", year: int = 2027) -> dict[str, Any]:
    return {"category": category, "year": year, "amount": {"amount": amount}, "what": "Furnace"}


async def spending(projects: Running) -> tuple[World, str]:
    """A running project with a budget: world, address."""
    world = await World(projects).open()
    project = await world.project(budget=BUDGET)
    return world, f"{API}/projects/{project['id']}"


async def claim(http: httpx.AsyncClient, here: str, *items: dict[str, Any], **more: Any) -> httpx.Response:
    return await http.post(f"{here}/claims", json={"items": list(items), **more})


async def test_budget_lines_that_do_not_add_up_are_refused_at_their_place(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    async with projects.client(world.officer) as http:
        wrong = await http.post(f"{API}/projects", json=book(world, budget=BUDGET[:2]))
        assert wrong.status_code == 422
        assert [one["pointer"] for one in wrong.json()["errors"]] == ["/budget"]
        assert "The budget lines add up to 300,000.00" in wrong.json()["errors"][0]["detail"]
        outside = [*BUDGET[:2], {"category": "staff", "year": 2031, "amount": {"amount": "300000.00"}}]
        wrong = await http.post(f"{API}/projects", json=book(world, budget=outside))
        assert [one["pointer"] for one in wrong.json()["errors"]] == ["/budget/2/year"]
        assert (await http.post(f"{API}/projects", json=book(world, budget=BUDGET))).status_code == 201


async def test_a_claim_is_handed_in_returned_corrected_and_approved(projects: Running) -> None:
    world, here = await spending(projects)
    receipts = await document(projects, world.university)
    async with projects.client(world.university) as partner, projects.client(world.officer) as office:
        made = await claim(partner, here, item("50000.00"), document_id=receipts)
        assert made.status_code == 201, made.text
        at = f"{API}/claims/{made.json()['id']}"
        assert made.json()["organisation_name"] == "University"
        assert (await partner.post(f"{at}/approval", json={}, headers=ANY)).status_code == 403
        returned = await office.post(f"{at}/return", json={"reason": "Wrong year."}, headers=ANY)
        assert returned.json()["state"] == "returned"
        assert (await office.get(f"{here}/budget")).json()["lines"][0]["claimed"]["amount"] == "0"
        again = await partner.put(at, json={"items": [item("40000.00", "staff", 2028)]}, headers=ANY)
        assert (again.json()["state"], again.json()["total"]["amount"]) == ("submitted", "40000.00")
        approved = await office.post(f"{at}/approval", json={"note": "Fine."}, headers=ANY)
        assert approved.json()["state"] == "approved"
        assert (await office.post(f"{at}/return", json={"reason": "x"}, headers=ANY)).status_code == 409
        lines = (await office.get(f"{here}/budget")).json()["lines"]
    assert [one["approved"]["amount"] for one in lines] == ["0", "0", "40000.00"]
    assert [one["left"]["amount"] for one in lines] == ["200000.00", "100000.00", "260000.00"]
    (fact,) = await projects.said(ClaimApproved)
    assert (fact["data"]["total"], fact["data"]["by"]["name"]) == ("40000.00", "University")
    (row,) = await projects.rows("SELECT trace FROM expenditure_claims")
    assert DecisionTrace.model_validate(row["trace"]).repeats(overrun)
    kinds = {one["data"]["kind"]: str(one["subject"]) for one in await projects.said(TaskAssigned)}
    done = {str(one["subject"]) for one in await projects.said(TaskDone)}
    assert {kinds["claim.judge"], kinds["claim.correct"]} <= done


async def test_a_returned_claim_gets_better_receipts_and_is_paid_after_completion(projects: Running) -> None:
    world, here = await spending(projects)
    first, *better = [await document(projects, world.university) for _ in range(3)]
    async with projects.client(world.university) as partner, projects.client(world.officer) as office:
        made = await claim(partner, here, item("50000.00"), document_ids=[first])
        at = f"{API}/claims/{made.json()['id']}"
        await office.post(f"{at}/return", json={"reason": "Cannot be read."}, headers=ANY)
        async with projects.work(world.officer) as work:
            await work.execute("UPDATE projects SET state = 'completed', grade = 'good'")
        late = await claim(partner, here, item("1.00"))
        assert (late.status_code, late.json()["code"]) == (409, "project-not-running")
        foreign = {"items": [item("50000.00")], "document_ids": [await document(projects, world.institute)]}
        assert (await partner.put(at, json=foreign, headers=ANY)).status_code == 404
        again = await partner.put(at, json={"items": [item("50000.00")], "document_ids": better}, headers=ANY)
        assert [one["id"] for one in again.json()["receipts"]] == [first, *better]
        assert (await office.post(f"{at}/approval", json={}, headers=ANY)).json()["state"] == "approved"


async def test_a_claim_over_budget_is_refused_with_line_gap_and_remedy(projects: Running) -> None:
    world, here = await spending(projects)
    async with projects.client(world.institute) as lead:
        tolerated = await claim(lead, here, item("215000.00"))
        assert tolerated.status_code == 201, "within a tenth, and the year covers it"
        refused = await claim(lead, here, item("10000.00"))
        body = refused.json()
        assert (refused.status_code, body["code"]) == (409, "over-budget")
        assert body["detail"] == "The line for equipment costs in 2027 would be over-run by 25,000.00 CNY."
        assert "25,000.00 CNY more" in body["errors"][0]["detail"]
        beyond = await claim(lead, here, item("400000.00", "staff", 2028))
        assert "the award is 600,000.00 CNY" in beyond.json()["detail"], "beyond the award no change helps"
        mixed = await claim(lead, here, {**item("1.00"), "amount": {"amount": "1.00", "currency": "EUR"}})
        assert (mixed.status_code, mixed.json()["errors"][0]["pointer"]) == (422, "/items/0/amount")
    assert len(await projects.said(ClaimSubmitted)) == 1


async def test_two_claims_at_once_do_not_both_take_what_is_left(projects: Running) -> None:
    world, here = await spending(projects)
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        both = await asyncio.gather(claim(lead, here, item("150000.00")), claim(partner, here, item("150000.00")))
    assert sorted(one.status_code for one in both) == [201, 409]


async def test_a_withdrawn_claim_frees_its_amounts(projects: Running) -> None:
    world, here = await spending(projects)
    async with projects.client(world.institute) as lead, projects.client(world.university) as partner:
        made = (await claim(lead, here, item("200000.00"))).json()
        at = f"{API}/claims/{made['id']}"
        assert (await partner.post(f"{at}/withdrawal", json={"reason": "x"}, headers=ANY)).status_code == 404
        assert (await claim(partner, here, item("30000.00"))).status_code == 409
        assert (await lead.post(f"{at}/withdrawal", json={"reason": "Not bought."}, headers=ANY)).status_code == 200
        assert (await claim(partner, here, item("30000.00"))).status_code == 201


async def test_strangers_see_no_claim(projects: Running) -> None:
    world, here = await spending(projects)
    async with projects.client(world.institute) as lead:
        made = (await claim(lead, here, item("10.00"))).json()
    async with projects.client(someone(Role.APPLICANT, Role.REPRESENTATIVE)) as stranger:
        for path in (f"{here}/budget", f"{here}/claims", f"{API}/claims/{made['id']}"):
            assert (await stranger.get(path)).status_code == 404
        assert (await claim(stranger, here, item("10.00"))).status_code == 404
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    async with projects.client(elsewhere) as http:
        refused = await http.post(f"{API}/claims/{made['id']}/approval", json={}, headers=ANY)
        assert refused.status_code == 404


async def test_who_looks_after_money_begins_with_what_waits_and_what_is_used(projects: Running) -> None:
    world, here = await spending(projects)
    wu = someone(Role.FINANCE_OFFICER, organisation_id=world.officer.organisation_id)
    elsewhere = someone(Role.FINANCE_OFFICER, organisation_name="Another office")
    async with projects.client(world.university) as partner:
        assert (await claim(partner, here, item("50000.00"))).status_code == 201
    async with projects.work(world.officer) as work:
        await work.execute("UPDATE milestones SET state = 'accepted', document_id = gen_random_uuid() WHERE number = 1")
    async with projects.client(wu) as office, projects.client(elsewhere) as other:
        found, none = (await office.get(f"{API}/money")).json(), (await other.get(f"{API}/money")).json()
    assert none == {"claims": [], "tranches": [], "projects": []}
    assert [(one["organisation_name"], one["state"]) for one in found["claims"]] == [("University", "submitted")]
    (tranche,), (project,) = found["tranches"], found["projects"]
    assert tranche["number"] == 1
    assert (project["amount"]["amount"], project["claimed"]["amount"]) == ("600000.00", "50000.00")
    assert (project["paid"]["amount"], project["approved"]["amount"]) == ("0", "0")
    async with world.browser(wu) as page:
        shown = (await page.get("/projects/money")).text
        for words in ("University", tranche["title"], "CNY 50,000"):
            assert words in shown
