"""The demonstration's products and need are judged as its story tells."""

from typing import Any

from seeds import reference
from tests.kit.platform import Running
from tests.services.finance_matching.scene import (
    applicant,
    asset_registered,
    bank,
    matches,
    milestone_accepted,
    offer,
    open_need,
    project_started,
)


async def test_three_products_are_matched_with_why_and_why_not(finance: Running) -> None:
    lead, partner = applicant(), bank("Jinjiang Innovation Bank")
    started = project_started(lead)
    await finance.hear(started, milestone_accepted(started.id), asset_registered(lead.organisation_id))
    async with finance.client(partner) as client:
        for product in reference.PRODUCTS:
            await offer(client, {**product, "valid_until": "2040-01-01T00:00:00+00:00"})
    async with finance.client(lead) as client:
        opened = await open_need(client, {**reference.NEED, "project_id": str(started.id)})
        found = await matches(client, opened["id"])
    judged: dict[str, Any] = {match["product_title"]: match for match in found}
    assert {title: match["outcome"] for title, match in judged.items()} == {
        "R&D loan by project": "yes",
        "Interest subsidy for joint projects": "yes",
        "IP pledge loan": "no",
    }
    pledge = judged["IP pledge loan"]
    assert pledge["near_miss"]
    assert [c["remedy"] for c in pledge["clauses"] if c["outcome"] == "no"] == [
        "Come back when the work reaches design finalisation."
    ]
    assert found[0]["outcome"] == "yes"
    assert found[-1] is pledge
