"""Needs: pre-filled, written, put forward, changed and withdrawn, over the API and on the pages."""

from typing import Any

from shared.contracts.finance import MatchFound, MatchWithdrawn, NeedChanged, NeedDrafted, NeedOpened, NeedWithdrawn
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.finance_matching.scene import (
    API,
    NEED,
    ORIGIN,
    PRODUCT,
    applicant,
    asset_registered,
    bank,
    matched,
    matches,
    milestone_accepted,
    offer,
    open_need,
    project_started,
)

FORM: dict[str, Any] = {
    "title": "Typed need",
    "stage": "research",
    "amount-amount": "8,000,000",
    "amount-currency": "CNY",
    "term_months": "24",
    "field": "advanced materials",
    "region": "Chengdu",
    "label": "internal",
}


async def test_a_need_is_filled_in_from_what_was_heard(finance: Running) -> None:
    lead, stranger = applicant(), applicant()
    started = project_started(lead)
    path, asked = f"{API}/needs/prefill", {"project_id": str(started.id)}
    async with finance.client(lead) as client:
        assert (await client.get(path, params=asked)).status_code == 404
        await finance.hear(started, milestone_accepted(started.id), asset_registered(lead.organisation_id))
        known = (await client.get(path, params=asked)).json()
    assert known["amount"] == {"amount": "1600000.00", "currency": "CNY"}
    assert (known["stage"], known["field"], known["region"]) == ("research", "advanced materials", "Chengdu")
    assert known["security_offered"] == ["ip_pledge"]
    assert known["term_months"] > 12
    async with finance.client(stranger) as client:
        assert (await client.get(path, params=asked)).status_code == 404


async def test_a_need_arises_from_its_project(finance: Running) -> None:
    lead, partner, stranger = applicant(), applicant(), applicant()
    started = project_started(lead, partner)
    await finance.hear(started)
    body = {**NEED, "project_id": str(started.id)}
    async with finance.client(stranger) as client:
        refused = await client.post(f"{API}/needs", json=body)
    async with finance.client(partner) as client:
        opened = await open_need(client, body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/project_id"
    assert opened["project_title"] == "Bearing cages"
    for kind in (NeedDrafted, NeedOpened):
        (fact,) = await finance.said(kind)
        assert fact["data"]["arises_from"] == [{"kind": "project", "id": str(started.id)}]
        assert fact["data"]["owners"] == [str(partner.organisation_id)]


async def test_a_need_is_labelled_no_lower_than_its_project(finance: Running) -> None:
    lead = someone(Role.APPLICANT, clearance=SecurityLabel.CONTROLLED)
    low = someone(Role.APPLICANT, organisation_id=lead.organisation_id)
    started = project_started(lead, label=SecurityLabel.CONTROLLED)
    await finance.hear(started)
    body = {**NEED, "project_id": str(started.id)}
    async with finance.client(lead) as client:
        assert (await client.post(f"{API}/needs", json=body)).json()["errors"][0]["pointer"] == "/label"
        assert (await client.post(f"{API}/needs", json={**NEED, "label": "public"})).status_code == 422
        assert (await client.post(f"{API}/needs", json={**NEED, "label": "confidential"})).status_code == 422
        made = await client.post(f"{API}/needs", json={**body, "label": "controlled"})
        assert made.status_code == 201
    async with finance.client(low) as client:
        assert (await client.post(f"{API}/needs", json=body)).json()["errors"][0]["pointer"] == "/project_id"
        assert (await client.get(f"{API}/needs/{made.json()['id']}")).status_code == 404


async def test_opening_matches_every_offer_in_the_same_unit_of_work(finance: Running) -> None:
    async with finance.client(bank()) as client:
        for product in (PRODUCT, {**PRODUCT, "stages": ["production"]}, {**PRODUCT, "rules": ["need.paid > 0"]}):
            await offer(client, product)
        await client.post(f"{API}/products", json=PRODUCT)
    async with finance.client(applicant()) as client:
        opened = await open_need(client, NEED)
        found = await matches(client, opened["id"])
        again = await client.post(f"{API}/needs/{opened['id']}/opening", headers=matched(2))
        first = await client.get(f"{API}/needs/{opened['id']}/matches", params={"limit": 2})
        cursor = first.json()["next_cursor"]
        rest = await client.get(f"{API}/needs/{opened['id']}/matches", params={"limit": 2, "cursor": cursor})
        forged = await client.get(f"{API}/needs/{opened['id']}/matches", params={"cursor": "WyJhIiwiYiIsImMiXQ"})
    assert [match["outcome"] for match in found] == ["yes", "unknown", "no"]
    assert again.status_code == 409
    assert [m["id"] for m in (*first.json()["items"], *rest.json()["items"])] == [m["id"] for m in found]
    assert rest.json()["next_cursor"] is None
    assert forged.status_code == 422
    assert len(await finance.said(MatchFound)) == 3


async def test_a_change_that_heeds_the_remedy_turns_the_no(finance: Running) -> None:
    async with finance.client(bank()) as client:
        await offer(client, PRODUCT)
    much = {**NEED, "amount": {"amount": "5500000.00", "currency": "CNY"}}
    async with finance.client(applicant()) as client:
        opened = await open_need(client, much)
        (before,) = await matches(client, opened["id"])
        less = {**NEED, "amount": {"amount": "5000000.00", "currency": "CNY"}}
        changed = await client.put(f"{API}/needs/{opened['id']}", json=less, headers=matched(2))
        (after,) = await matches(client, opened["id"])
        same = await client.put(f"{API}/needs/{opened['id']}", json=less, headers=matched(3))
    assert (before["outcome"], before["near_miss"]) == ("no", True)
    assert "Ask for CNY 500,000 less." in [clause["remedy"] for clause in before["clauses"]]
    assert changed.status_code == 200, changed.text
    assert (after["outcome"], after["version"]) == ("yes", 2)
    assert same.json()["version"] == 3
    (fact,) = await finance.said(NeedChanged)
    assert fact["data"]["changed"] == ["amount"]


async def test_withdrawing_takes_the_matches_along(finance: Running) -> None:
    async with finance.client(bank()) as client:
        await offer(client, PRODUCT)
    async with finance.client(applicant()) as client:
        opened = await open_need(client, NEED)
        path = f"{API}/needs/{opened['id']}/withdrawal"
        gone = await client.post(path, json={"reason": "Paid early."}, headers=matched(2))
        (match,) = await matches(client, opened["id"])
    assert gone.json()["state"] == "withdrawn"
    assert (match["state"], match["state_reason"]) == ("withdrawn", "Paid early.")
    assert len(await finance.said(NeedWithdrawn)) == len(await finance.said(MatchWithdrawn)) == 1


async def test_nobody_sees_anothers_need_nor_how_many_there_are(finance: Running) -> None:
    async with finance.client(applicant()) as client:
        opened = await open_need(client, NEED)
    path = f"{API}/needs/{opened['id']}"
    async with finance.client(applicant()) as client:
        for address in (path, f"{path}/matches", f"/finance/needs/{opened['id']}"):
            assert (await client.get(address)).status_code == 404
        assert (await client.get(f"{API}/needs")).json()["items"] == []
        for verb, body in (("opening", None), ("withdrawal", {"reason": "x"})):
            refused = await client.post(f"{path}/{verb}", json=body, headers=matched(2))
            assert refused.status_code == 404
    async with finance.client(bank()) as client:
        assert (await client.get(path)).status_code == 403
    async with finance.client(someone(Role.AUDITOR)) as client:
        assert (await client.get(path)).status_code == 200
        assert (await client.post(f"{path}/withdrawal", json={"reason": "x"}, headers=matched(2))).status_code == 403


async def test_the_pages_lead_from_a_need_to_ranked_offers(finance: Running) -> None:
    lead = applicant()
    started = project_started(lead)
    await finance.hear(started)
    async with finance.client(bank()) as client:
        await offer(client, PRODUCT)
        await offer(client, {**PRODUCT, "title": "Small loan", "max": {"amount": "900000.00", "currency": "CNY"}})
    async with finance.client(lead) as client:
        known = (await client.get("/finance/needs/new", params={"project": str(started.id)})).text
        assert "2600000.00" in known
        assert "Financing for “Bearing cages”" in known
        unknown = await client.get("/finance/needs/new", params={"project": str(started.call_id)})
        assert unknown.status_code == 200
        bad = await client.post("/finance/needs/new", data={**FORM, "stage": ""}, headers=ORIGIN)
        assert bad.status_code == 422
        assert "Typed need" in bad.text
        made = await client.post("/finance/needs/new", data={**FORM, "project_id": str(started.id)}, headers=ORIGIN)
        assert made.status_code == 303, made.text
        page = made.headers["location"].split("?")[0]
        opened = await client.post(f"{page}/opening", data={"version": "1"}, headers=ORIGIN)
        assert opened.status_code == 303, opened.text
        in_chinese = ORIGIN | {"Accept-Language": "zh-CN"}
        refused = await client.post(f"{page}/opening", data={"version": "2"}, headers=in_chinese)
        assert "融资需求目前为“已提出”，只有在草稿状态下才能这样做。" in refused.text
        shown = (await client.get(page)).text
        assert "No product fits yet" in shown
        assert "Ask for CNY 3,000,000 less." in shown
        assert "Bearing cages" in shown
        chinese = (await client.get(page, headers={"Accept-Language": "zh-CN"})).text
        assert "申请金额减少 CNY 3,000,000" in chinese
        less = {**FORM, "amount-amount": "3000000", "version": "2"}
        stale = await client.post(f"{page}/edit", data={**less, "version": "1"}, headers=ORIGIN)
        assert stale.status_code == 412
        changed = await client.post(f"{page}/edit", data=less, headers=ORIGIN)
        assert changed.status_code == 303, changed.text
        again = (await client.get(page)).text
        assert "No product fits yet" not in again
        assert again.index("R&amp;D loan") < again.index("Small loan")
        assert "Typed need" in (await client.get("/finance/needs")).text
        gone = await client.post(f"{page}/withdrawal", data={"version": "3", "reason": "Paid."}, headers=ORIGIN)
        assert gone.status_code == 303, gone.text
        over = await client.get(f"{page}/edit")
        assert (over.status_code, over.headers["location"]) == (303, page), "what is withdrawn is not changed"
