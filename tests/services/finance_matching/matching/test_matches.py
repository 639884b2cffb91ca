"""Matches: who sees which, who is interested, and what is asked of whom."""

from typing import Any

from services.finance_matching.matching.rules import judge
from shared.contracts.finance import InterestExpressed, MatchFound, MatchWithdrawn, TaskAssigned, TaskDone
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.finance_matching.scene import (
    API,
    NEED,
    ORIGIN,
    PRODUCT,
    applicant,
    bank,
    matched,
    matches,
    offer,
    open_need,
    published_facts,
)


async def scene(
    finance: Running, lead: Someone, partner: Someone, *products: dict[str, Any], **need: Any
) -> list[dict[str, Any]]:
    """The matches of a fresh need with the products offered before it."""
    async with finance.client(partner) as client:
        for product in products:
            await offer(client, product)
    async with finance.client(lead) as client:
        opened = await open_need(client, {**NEED, **need})
        return await matches(client, opened["id"])


async def test_the_trace_stored_with_a_match_repeats(finance: Running) -> None:
    await scene(finance, applicant(), bank(), PRODUCT, {**PRODUCT, "rules": ["need.paid > 0"]})
    stored = await finance.rows("SELECT trace FROM matches")
    assert len(stored) == 2
    for row in stored:
        assert DecisionTrace.model_validate(row["trace"]).repeats(judge)


async def test_a_match_names_what_it_arises_from_and_who_may_know(finance: Running) -> None:
    lead, partner = applicant(), bank()
    await scene(finance, lead, partner, PRODUCT, {**PRODUCT, "stages": ["production"]})
    facts = {fact["data"]["outcome"]: fact["data"] for fact in await finance.said(MatchFound)}
    assert facts["yes"]["owners"] == [str(lead.organisation_id), str(partner.organisation_id)]
    assert facts["no"]["owners"] == [str(lead.organisation_id)]
    assert [cause["kind"] for cause in facts["yes"]["arises_from"]] == ["need", "product"]
    assert facts["yes"]["label"] == "internal"


async def test_a_partner_sees_only_what_fits_or_may_fit_of_the_own_products(finance: Running) -> None:
    lead, partner, rival = applicant(), bank(), bank()
    await scene(finance, applicant(), rival, PRODUCT)
    mine = await scene(
        finance, lead, partner, PRODUCT, {**PRODUCT, "rules": ["need.paid > 0"]}, {**PRODUCT, "stages": ["production"]}
    )
    against = next(m for m in mine if m["outcome"] == "no")
    fitting = next(m for m in mine if m["outcome"] == "yes" and m["institution_id"] == str(partner.organisation_id))
    async with finance.client(partner) as client:
        seen = (await client.get(f"{API}/matches")).json()["items"]
        assert {match["institution_id"] for match in seen} == {str(partner.organisation_id)}
        assert {match["outcome"] for match in seen} == {"yes", "unknown"}
        assert all(match["trace"] is None for match in seen)
        assert {"organisation_name", "stage", "field", "region", "amount"} <= set(seen[0])
        assert (await client.get(f"{API}/matches/{fitting['id']}")).status_code == 200
        assert (await client.get(f"{API}/matches/{against['id']}")).status_code == 404
        refused = await client.post(
            f"{API}/matches/{against['id']}/interest", json={"note": "x"}, headers=matched(against["version"])
        )
        assert refused.status_code == 404
        page = (await client.get("/finance/matches")).text
        assert "Working capital" in page
        detail = (await client.get(f"/finance/matches/{fitting['id']}")).text
        assert 'name="note"' in detail
        assert "Moulds" not in detail
    for stranger in (rival, applicant()):
        async with finance.client(stranger) as client:
            assert (await client.get(f"{API}/matches/{fitting['id']}")).status_code == 404
            assert (await client.get(f"/finance/matches/{fitting['id']}")).status_code == 404
    async with finance.client(someone(Role.REVIEWER)) as client:
        assert (await client.get(f"{API}/matches")).status_code == 403


async def test_a_label_above_the_clearance_hides_a_match_from_the_partner(finance: Running) -> None:
    lead, partner = someone(Role.APPLICANT, clearance=SecurityLabel.CONTROLLED), bank()
    async with finance.client(partner) as client:
        await offer(client, PRODUCT)
    async with finance.client(lead) as client:
        opened = await open_need(client, {**NEED, "label": "controlled"})
        (match,) = await matches(client, opened["id"])
    assert match["label"] == "controlled"
    async with finance.client(partner) as client:
        assert (await client.get(f"{API}/matches")).json()["items"] == []
        path = f"{API}/matches/{match['id']}/interest"
        assert (await client.post(path, json={"note": "x"}, headers=matched(1))).status_code == 404


async def test_interest_is_said_once_by_each_side_and_moves_the_tasks(finance: Running) -> None:
    lead, partner = applicant(), bank()
    (match,) = await scene(finance, lead, partner, PRODUCT)
    path = f"{API}/matches/{match['id']}/interest"
    (look,) = await finance.said(TaskAssigned)
    assert (look["data"]["role"], look["data"]["kind"]) == ("finance_partner", "need.offer")
    assert look["data"]["organisation_id"] == str(partner.organisation_id)
    async with finance.client(partner) as client:
        assert (await client.post(path, json={"note": "Let us meet."})).status_code == 428
        assert (await client.post(path, json={"note": "Let us meet."}, headers=matched(9))).status_code == 412
        said = await client.post(path, json={"note": "Let us meet."}, headers=matched(1))
        again = await client.post(path, json={"note": "Again."}, headers=matched(2))
    assert (said.status_code, said.json()["state"]) == (200, "interested")
    assert again.status_code == 409
    answer = (await finance.said(TaskAssigned))[-1]["data"]
    assert (answer["role"], answer["kind"]) == ("applicant", "match.answer")
    assert answer["organisation_id"] == str(lead.organisation_id)
    assert [done["subject"] for done in await finance.said(TaskDone)] == [look["subject"]]
    async with finance.client(lead) as client:
        page = f"/finance/matches/{match['id']}"
        assert "Let us meet." in (await client.get(page)).text
        empty = await client.post(f"{page}/interest", data={"version": "2", "note": ""}, headers=ORIGIN)
        assert empty.status_code == 422
        agreed = await client.post(f"{page}/interest", data={"version": "2", "note": "Gladly."}, headers=ORIGIN)
        assert agreed.status_code == 303, agreed.text
    assert [fact["data"]["side"] for fact in await finance.said(InterestExpressed)] == ["partner", "applicant"]
    assert len(await finance.said(TaskDone)) == len(await finance.said(TaskAssigned)) == 2


async def test_regions_meet_however_they_are_typed(finance: Running) -> None:
    lead, partner = applicant(), bank()
    (match,) = await scene(finance, lead, partner, {**PRODUCT, "regions": ["成都市", "重庆"]}, region="chengdu")
    found = {one["rule"]: one["outcome"] for one in match["trace"]["clauses"]}
    assert found["product.region"] == "yes"


async def test_what_does_not_fit_takes_no_interest(finance: Running) -> None:
    lead = applicant()
    (match,) = await scene(finance, lead, bank(), {**PRODUCT, "stages": ["production"]})
    async with finance.client(lead) as client:
        answer = await client.post(f"{API}/matches/{match['id']}/interest", json={"note": "x"}, headers=matched(1))
    assert answer.status_code == 409
    assert await finance.said(InterestExpressed) == []


async def test_a_declined_match_stays_declined_whatever_changes(finance: Running) -> None:
    lead, partner = applicant(), bank()
    (match,) = await scene(finance, lead, partner, PRODUCT)
    async with finance.client(partner) as client:
        path = f"{API}/matches/{match['id']}"
        done = await client.post(f"{path}/declination", json={"reason": "Quota used."}, headers=matched(1))
        assert (done.status_code, done.json()["state"]) == (200, "declined")
        assert (await client.post(f"{path}/interest", json={"note": "x"}, headers=matched(2))).status_code == 409
    async with finance.client(lead) as client:
        more = {**NEED, "amount": {"amount": "9000000.00", "currency": "CNY"}}
        changed = await client.put(f"{API}/needs/{match['need_id']}", json=more, headers=matched(2))
        assert changed.status_code == 200
        (after,) = await matches(client, match["need_id"])
    assert (after["state"], after["outcome"], after["version"]) == ("declined", "yes", 2)
    assert len(await finance.said(TaskDone)) == 1


async def test_a_withdrawn_product_takes_no_interest_even_before_its_matches_fall_away(finance: Running) -> None:
    lead, partner = applicant(), bank()
    (match,) = await scene(finance, lead, partner, PRODUCT)
    async with finance.client(partner) as client:
        path = f"{API}/products/{match['product_id']}/withdrawal"
        assert (await client.post(path, json={"reason": "Used up."}, headers=matched(2))).status_code == 200
        interest = f"{API}/matches/{match['id']}/interest"
        assert (await client.post(interest, json={"note": "x"}, headers=matched(1))).status_code == 409
    await published_facts(finance)
    await published_facts(finance)
    (fact,) = await finance.said(MatchWithdrawn)
    assert fact["data"]["reason"] == "Used up."
    assert len(await finance.said(TaskDone)) == 1


async def test_a_page_declines_with_a_reason(finance: Running) -> None:
    lead, partner = applicant(), bank()
    (match,) = await scene(finance, lead, partner, PRODUCT)
    page = f"/finance/matches/{match['id']}"
    async with finance.client(partner) as client:
        nothing = await client.post(f"{page}/declination", data={"version": "1", "reason": ""}, headers=ORIGIN)
        assert nothing.status_code == 422
        stale = await client.post(f"{page}/declination", data={"version": "9", "reason": "x"}, headers=ORIGIN)
        assert stale.status_code == 412
        done = await client.post(f"{page}/declination", data={"version": "1", "reason": "No quota."}, headers=ORIGIN)
        assert done.status_code == 303
        chinese = (await client.get(page, headers={"Accept-Language": "zh-CN"})).text
        over = {"version": "2", "note": "Still there?"}
        late = await client.post(f"{page}/interest", data=over, headers=ORIGIN | {"Accept-Language": "zh-CN"})
        assert late.status_code == 409
        assert "该匹配已被谢绝，请在列表中另选。" in late.text
    assert "No quota." in chinese
    assert "已谢绝" in chinese
