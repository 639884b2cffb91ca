"""Products: from a draft to an offer and its end, over the API and on the pages."""

from typing import Any

import pytest

from services.finance_matching.products.actions import withdraw_expired
from shared.contracts.finance import ProductDrafted, ProductEdited, ProductPublished, ProductWithdrawn
from shared.kernel.actor import system_actor
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, someone
from tests.services.finance_matching.scene import API, ORIGIN, PRODUCT, applicant, bank, matched, offer

FORM: dict[str, Any] = {
    "title": "Typed title",
    "kind": "bank_credit",
    "stages": ["research", "production"],
    "min-amount": "1,000,000",
    "min-currency": "CNY",
    "max-amount": "2000000",
    "max-currency": "CNY",
    "term_months_min": "12",
    "term_months_max": "24",
    "regions": "Chengdu， Chongqing",
    "fields": "",
    "rules": "need.has_project\norganisation.kind == 'company'",
    "valid_until": "2039-01-01T10:00",
    "label": "public",
}


async def test_a_draft_is_published_with_its_facts(finance: Running) -> None:
    async with finance.client(bank()) as client:
        offered = await offer(client, PRODUCT)
    assert (offered["state"], offered["version"]) == ("published", 2)
    (drafted,) = await finance.said(ProductDrafted)
    assert drafted["data"]["label"] == "internal"
    (published,) = await finance.said(ProductPublished)
    assert published["data"]["institution"]["name"] == "Bank of Tests"
    assert published["data"]["label"] == "public"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rules": ["need.has_project", "need.colour == 1"]}, "/rules/1"),
        ({"valid_until": "2020-01-01T00:00:00Z"}, "/valid_until"),
        ({"valid_until": "2940-01-01T00:00:00Z"}, "/valid_until"),
        ({"valid_until": "2040-01-01T00:00:00"}, "/valid_until"),
        ({"min": {"amount": "6000000.00", "currency": "CNY"}}, "/body"),
        ({"max": {"amount": "6000000.00", "currency": "EUR"}}, "/body"),
        ({"min": {"amount": "0.00", "currency": "CNY"}}, "/min"),
        ({"term_months_min": 49}, "/body"),
        ({"stages": []}, "/stages"),
        ({"kind": "lottery"}, "/kind"),
        ({"label": "confidential"}, None),
    ],
)
async def test_a_product_that_cannot_be_is_refused_where_it_is_wrong(
    finance: Running, change: dict[str, Any], pointer: str | None
) -> None:
    async with finance.client(bank()) as client:
        answer = await client.post(f"{API}/products", json={**PRODUCT, **change})
    if pointer is None:
        assert answer.status_code == 404
    else:
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert await finance.said() == []


async def test_a_draft_is_its_institutions_alone_and_an_offer_everybodys(finance: Running) -> None:
    partner, rival, visitor = bank(), bank(), applicant()
    async with finance.client(partner) as client:
        made = (await client.post(f"{API}/products", json=PRODUCT)).json()
    path = f"{API}/products/{made['id']}"
    for other in (rival, visitor):
        async with finance.client(other) as client:
            assert (await client.get(path)).status_code == 404
            assert (await client.get(f"{API}/products")).json()["items"] == []
    async with finance.client(rival) as client:
        refused = await client.post(f"{path}/publication", headers=matched(1))
        assert refused.status_code == 404
    async with finance.client(visitor) as client:
        assert (await client.post(f"{API}/products", json=PRODUCT)).status_code == 403
    async with finance.client(partner) as client:
        await client.post(f"{path}/publication", headers=matched(1))
    async with finance.client(visitor) as client:
        assert (await client.get(path)).status_code == 200
        assert len((await client.get(f"{API}/products", params={"search": "R&D"})).json()["items"]) == 1
        assert (await client.get(f"{API}/products", params={"stage": "production"})).json()["items"] == []
    async with finance.client() as client:
        assert (await client.get(path)).status_code == 401


async def test_a_label_above_the_clearance_hides_an_offer(finance: Running) -> None:
    partner = someone(Role.FINANCE_PARTNER, clearance=SecurityLabel.CONTROLLED)
    async with finance.client(partner) as client:
        offered = await offer(client, {**PRODUCT, "label": "controlled"})
    async with finance.client(applicant()) as client:
        assert (await client.get(f"{API}/products/{offered['id']}")).status_code == 404
        assert (await client.get(f"{API}/products")).json()["items"] == []


async def test_only_a_draft_is_edited_and_only_what_was_seen(finance: Running) -> None:
    async with finance.client(bank()) as client:
        made = (await client.post(f"{API}/products", json=PRODUCT)).json()
        path = f"{API}/products/{made['id']}"
        other = {**PRODUCT, "price": "LPR"}
        assert (await client.put(path, json=other)).status_code == 428
        assert (await client.put(path, json=other, headers=matched(7))).status_code == 412
        edited = await client.put(path, json=other, headers=matched(1))
        assert (edited.status_code, edited.json()["version"], edited.json()["price"]) == (200, 2, "LPR")
        same = await client.put(path, json=other, headers=matched(2))
        assert same.json()["version"] == 2
        await client.post(f"{path}/publication", headers=matched(2))
        assert (await client.put(path, json=PRODUCT, headers=matched(3))).status_code == 409
    (fact,) = await finance.said(ProductEdited)
    assert fact["data"]["changed"] == ["price"]


async def test_the_clock_withdraws_an_offer_whose_validity_has_ended(finance: Running) -> None:
    async with finance.client(bank()) as client:
        ended, stays = await offer(client, PRODUCT), await offer(client, PRODUCT)
    async with finance.work(system_actor("finance")) as work:
        await work.execute(
            "UPDATE products SET valid_until = now() - interval '1 second' WHERE id = %(id)s", {"id": ended["id"]}
        )
        await withdraw_expired(work)
    states = {str(row["id"]): row["state"] for row in await finance.rows("SELECT id, state FROM products")}
    assert states == {ended["id"]: "withdrawn", stays["id"]: "published"}
    (fact,) = await finance.said(ProductWithdrawn)
    assert fact["data"]["reason"] == "Its validity has ended."


async def test_the_pages_lead_from_a_draft_to_an_offer(finance: Running) -> None:
    async with finance.client(bank()) as client:
        assert (await client.get("/finance/products/new")).status_code == 200
        made = await client.post("/finance/products/new", data=FORM, headers=ORIGIN)
        assert made.status_code == 303, made.text
        page = made.headers["location"].split("?")[0]
        shown = (await client.get(page)).text
        assert "Chengdu, Chongqing" in shown
        assert "organisation.kind == " in shown
        edit = (await client.get(f"{page}/edit")).text
        assert "Chengdu, Chongqing" in edit
        stale = await client.post(f"{page}/edit", data={**FORM, "version": "7"}, headers=ORIGIN)
        assert stale.status_code == 412
        assert "Typed title" in stale.text
        done = await client.post(f"{page}/edit", data={**FORM, "price": "LPR", "version": "1"}, headers=ORIGIN)
        assert done.status_code == 303, done.text
        published = await client.post(f"{page}/publication", data={"version": "2"}, headers=ORIGIN)
        assert published.status_code == 303, published.text
        fixed = await client.get(f"{page}/edit")
        assert (fixed.status_code, fixed.headers["location"]) == (303, page), "what is published is not edited"
        assert "On offer" in (await client.get("/finance/products")).text
        nothing = await client.post(f"{page}/withdrawal", data={"version": "3", "reason": ""}, headers=ORIGIN)
        assert nothing.status_code == 422
        gone = await client.post(f"{page}/withdrawal", data={"version": "3", "reason": "Used up."}, headers=ORIGIN)
        assert gone.status_code == 303
        assert "Used up." in (await client.get(page)).text
    async with finance.client(applicant()) as client:
        assert "Typed title" in (await client.get("/finance/products")).text
        assert (await client.get("/finance/products/new")).status_code == 403
        assert "金融产品" in (await client.get("/finance/products", headers={"Accept-Language": "zh-CN"})).text


async def test_a_bad_rule_keeps_the_form_and_is_named_at_its_field(finance: Running) -> None:
    wrong = {**FORM, "rules": "need.colour == 1"}
    async with finance.client(bank()) as client:
        page = await client.post("/finance/products/new", data=wrong, headers=ORIGIN)
        chinese = await client.post("/finance/products/new", data=wrong, headers=ORIGIN | {"Accept-Language": "zh-CN"})
    assert "第 1 条规则，第 1 个字符处：“need.colour”不可用。" in chinese.text
    assert page.status_code == 422
    assert "Typed title" in page.text
    assert 'id="f-rules-error"' in page.text
    assert "at character 1" in page.text
