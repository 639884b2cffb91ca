"""Facts and requests from which the tests of this service are made."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.catalog import OrganisationAdmitted
from shared.contracts.ip import AssetRegistered, HolderShare
from shared.contracts.projects import MilestoneAccepted, ProjectStarted
from shared.kernel.clock import system_clock
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, Sector, SecurityLabel
from tests.kit.platform import Running, Someone, someone

API = "/finance/api/v1"
ORIGIN = {"Origin": "http://test"}
PRODUCT: dict[str, Any] = {
    "title": "R&D loan",
    "title_zh": "研发贷",
    "kind": "r_and_d_loan",
    "stages": ["research", "design_finalisation"],
    "min": {"amount": "500000.00", "currency": "CNY"},
    "max": {"amount": "5000000.00", "currency": "CNY"},
    "term_months_min": 12,
    "term_months_max": 48,
    "price": "LPR + 0.3 %",
    "regions": [],
    "fields": ["advanced materials", "electronics"],
    "security_required": [],
    "valid_until": "2040-01-01T00:00:00Z",
    "rules": [],
    "terms": "Judged by the project.",
}
PLEDGE_LOAN = {
    **PRODUCT,
    "title": "IP pledge loan",
    "kind": "bank_credit",
    "fields": [],
    "security_required": ["ip_pledge"],
}
NEED: dict[str, Any] = {
    "title": "Working capital",
    "purpose": "Moulds and melts.",
    "stage": "research",
    "amount": {"amount": "1500000.00", "currency": "CNY"},
    "term_months": 24,
    "security_offered": ["ip_pledge"],
    "field": "advanced materials",
    "region": "Chengdu",
}


def bank(name: str = "Bank of Tests") -> Someone:
    return someone(Role.FINANCE_PARTNER, organisation_name=name)


def applicant() -> Someone:
    return someone(Role.APPLICANT, organisation_name="Institute of Tests")


def matched(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


async def offer(client: httpx.AsyncClient, product: dict[str, Any]) -> dict[str, Any]:
    """Drafted and published; the fact still has to be heard."""
    made = await client.post(f"{API}/products", json=product)
    assert made.status_code == 201, made.text
    path = f"{API}/products/{made.json()['id']}/publication"
    published = await client.post(path, headers=matched(made.json()["version"]))
    assert published.status_code == 200, published.text
    found: dict[str, Any] = published.json()
    return found


async def open_need(client: httpx.AsyncClient, need: dict[str, Any]) -> dict[str, Any]:
    made = await client.post(f"{API}/needs", json=need)
    assert made.status_code == 201, made.text
    opened = await client.post(f"{API}/needs/{made.json()['id']}/opening", headers=matched(made.json()["version"]))
    assert opened.status_code == 200, opened.text
    found: dict[str, Any] = opened.json()
    return found


async def matches(client: httpx.AsyncClient, need_id: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/needs/{need_id}/matches")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def admitted(organisation_id: UUID, version: int = 2, kind: str = "institute") -> OrganisationAdmitted:
    return OrganisationAdmitted(
        id=organisation_id,
        version=version,
        title="Institute",
        name="Institute",
        kind=kind,
        sector=Sector.CIVIL,
        region="Chengdu",
        valid_until=system_clock(),
        reason="Checked.",
    )


def project_started(
    lead: Someone, *partners: Someone, id: UUID | None = None, label: SecurityLabel = SecurityLabel.PUBLIC
) -> ProjectStarted:
    return ProjectStarted(
        id=id or new_id(),
        version=3,
        title="Bearing cages",
        label=label,
        call_id=new_id(),
        application_id=new_id(),
        lead=OrgRef(id=str(lead.organisation_id), name="Institute"),
        partners=tuple(OrgRef(id=str(p.organisation_id), name="University") for p in partners),
        field="advanced materials",
        stage="research",
        region="Chengdu",
        sector=Sector.CIVIL,
        amount="2600000.00",
        currency="CNY",
        starts_on=date(2026, 1, 1),
        ends_on=date(2039, 1, 1),
    )


def milestone_accepted(project_id: UUID, amount: str = "1000000.00") -> MilestoneAccepted:
    return MilestoneAccepted(
        id=new_id(),
        version=3,
        title="Plates cast",
        project_id=project_id,
        number=1,
        tranche=amount,
        currency="CNY",
        note="Fine.",
        evidence_sha256="0" * 64,
    )


def asset_registered(holder: UUID, label: SecurityLabel = SecurityLabel.INTERNAL) -> AssetRegistered:
    return AssetRegistered(
        id=new_id(),
        version=1,
        title="Pulsed cooling",
        label=label,
        owners=(holder,),
        kind="patent",
        shares=(HolderShare(holder=OrgRef(id=str(holder), name="Institute"), share="1/1"),),
    )


async def published_facts(finance: Running) -> None:
    """Let the service hear what it said about its own products, as the bus would."""
    from shared.contracts.finance import ProductPublished, ProductWithdrawn

    for kind in (ProductPublished, ProductWithdrawn):
        for fact in await finance.said(kind):
            await finance.hear(kind.model_validate(fact["data"]))
