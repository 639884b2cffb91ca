"""What is heard changes projections and judgements, in any order, any number of times."""

import asyncio

from shared.contracts.catalog import OrganisationSuspended
from shared.contracts.finance import MatchFound, ProductPublished
from shared.contracts.projects import ProjectCompleted
from shared.kernel.types import SecurityLabel
from tests.kit.platform import Running
from tests.services.finance_matching.scene import (
    API,
    NEED,
    PLEDGE_LOAN,
    PRODUCT,
    admitted,
    applicant,
    asset_registered,
    bank,
    matches,
    milestone_accepted,
    offer,
    open_need,
    project_started,
    published_facts,
)


async def test_a_product_published_later_is_matched_with_open_needs_once(finance: Running) -> None:
    lead = applicant()
    async with finance.client(lead) as client:
        opened = await open_need(client, NEED)
        assert await matches(client, opened["id"]) == []
    async with finance.client(bank()) as client:
        await offer(client, PRODUCT)
    await published_facts(finance)
    await published_facts(finance)
    async with finance.client(lead) as client:
        (match,) = await matches(client, opened["id"])
    assert (match["outcome"], match["version"]) == ("yes", 1)
    assert len(await finance.said(MatchFound)) == 1


async def test_a_pledge_counts_as_soon_as_the_asset_is_known(finance: Running) -> None:
    lead = applicant()
    async with finance.client(bank()) as client:
        await offer(client, PLEDGE_LOAN)
    async with finance.client(lead) as client:
        opened = await open_need(client, NEED)
        (before,) = await matches(client, opened["id"])
        await finance.hear(asset_registered(lead.organisation_id, SecurityLabel.CONFIDENTIAL))
        (hidden,) = await matches(client, opened["id"])
        await finance.hear(asset_registered(lead.organisation_id), times=2)
        (after,) = await matches(client, opened["id"])
    assert before["outcome"] == hidden["outcome"] == "unknown"
    assert (after["outcome"], after["version"]) == ("yes", 2)


async def test_facts_about_organisation_and_project_turn_what_was_unknown(finance: Running) -> None:
    lead = applicant()
    started = project_started(lead)
    rules = ["organisation.kind == 'institute' && organisation.admitted", "need.paid >= 1000000"]
    async with finance.client(bank()) as client:
        await offer(client, {**PRODUCT, "rules": rules})
    await finance.hear(started)
    async with finance.client(lead) as client:
        opened = await open_need(client, {**NEED, "project_id": str(started.id)})
        (first,) = await matches(client, opened["id"])
        await finance.hear(admitted(lead.organisation_id), times=2)
        (second,) = await matches(client, opened["id"])
        await finance.hear(milestone_accepted(started.id), times=2)
        (third,) = await matches(client, opened["id"])
    outcomes = [[c["outcome"] for c in match["clauses"] if "rule" in c["rule"]] for match in (first, second, third)]
    assert outcomes == [["unknown", "no"], ["yes", "no"], ["yes", "yes"]]
    assert third["version"] == 3


async def test_organisations_end_the_same_in_any_order(finance: Running) -> None:
    lead = applicant()
    known = admitted(lead.organisation_id, version=2)
    suspended = OrganisationSuspended(
        id=lead.organisation_id, version=3, title="Institute", name="Institute", reason="Licence lapsed."
    )
    await finance.hear(suspended, known, times=2)
    rows = await finance.rows("SELECT version, described, kind, region, state FROM organisations")
    assert rows == [
        {"version": 3, "described": 2, "kind": "institute", "region": "Chengdu", "state": "suspended"},
    ]


async def test_projects_end_the_same_in_any_order(finance: Running) -> None:
    lead, partner = applicant(), applicant()
    started = project_started(lead, partner)
    completed = ProjectCompleted(id=started.id, version=9, title=started.title, lead=started.lead, grade="good")
    await finance.hear(milestone_accepted(started.id), completed, started, times=2)
    rows = await finance.rows(
        """SELECT state, version, started, stage, amount::text, jsonb_array_length(parties) AS parties,
                  (SELECT count(*) FROM paid_tranches) AS paid FROM projects"""
    )
    # Two deliveries of one acceptance are one tranche.
    assert rows == [
        {
            "state": "completed",
            "version": 9,
            "started": True,
            "stage": "research",
            "amount": "2600000.00",
            "parties": 2,
            "paid": 1,
        }
    ]


async def test_a_need_opened_while_a_product_is_published_never_misses_it(finance: Running) -> None:
    lead, partner = applicant(), bank()
    async with finance.client(lead) as asking, finance.client(partner) as offering:
        for _ in range(5):

            async def publish_and_hear() -> None:
                await offer(offering, PRODUCT)
                fact = (await finance.said(ProductPublished))[-1]
                await finance.hear(ProductPublished.model_validate(fact["data"]))

            opened, _none = await asyncio.gather(open_need(asking, NEED), publish_and_hear())
            on_offer = await finance.rows("SELECT count(*) AS n FROM products WHERE state = 'published'")
            assert len(await matches(asking, opened["id"])) == on_offer[0]["n"]
            pairs = await finance.rows("SELECT count(*) AS n FROM matches")
            assert pairs[0]["n"] == on_offer[0]["n"] ** 2
        assert (await asking.get(f"{API}/needs")).status_code == 200
