"""People and things of these tests, made through the API as anybody would make them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from shared.contracts.projects import ProjectStarted
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, Sector, SecurityLabel
from tests.kit.platform import Running, Someone, someone

API = "/catalog/api/v1"
FACILITY = {
    "name": "Large vibration table",
    "kind": "test_centre",
    "region": "Mianyang",
    "opens_at": "08:00",
    "closes_at": "20:00",
    "slot_minutes": 60,
    "max_hours": 4,
    "price": {"amount": "1200.00", "currency": "CNY"},
}
COMPLETE = {
    "title": "Magnesium alloy for airframes",
    "kind": "material",
    "abstract": "Keeps its strength.",
    "trl": 6,
    "trl_evidence": "Bracket test.",
    "fields": ["light alloys"],
    "label": "internal",
    "maturity": "Pilot batches.",
    "advantage": "Lighter by a third.",
    "route_to_market": "Licence.",
    "description": "Plates up to 60 mm.",
}


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that has to have this status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:600]}"
    body: dict[str, Any] = answer.json()
    return body


def at(hour: int, days: int = 3) -> str:
    """An hour in Beijing, some days from now."""
    zone = ZoneInfo("Asia/Shanghai")
    day = datetime.now(zone).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone).isoformat()


@dataclass
class Scene:
    """One catalogue with a coordinator; organisations, facilities and projects are added by its methods."""

    catalog: Running
    coordinator: Someone = field(
        default_factory=lambda: someone(Role.COORDINATOR, clearance=SecurityLabel.CONFIDENTIAL, subject="chen")
    )

    async def call(self, who: Someone | None, method: str, path: str, **options: Any) -> httpx.Response:
        """One request to the JSON API. A change of an existing thing is made on whatever version is stored."""
        headers = {"If-Match": "*", **options.pop("headers", {})}
        async with self.catalog.client(who) as client:
            return await client.request(method, API + path, headers=headers, **options)

    async def page(
        self, who: Someone | None, path: str, form: dict[str, Any] | None = None, language: str = "en"
    ) -> httpx.Response:
        """A page, or a form sent to one."""
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": language}
        async with self.catalog.client(who) as client:
            if form is None:
                return await client.get("/catalog" + path, headers=headers)
            return await client.post("/catalog" + path, data=form, headers=headers)

    async def organisation(self, name: str = "Institute of Light Alloys", *, admitted: bool = True) -> UUID:
        body = {"name": name, "kind": "institute", "region": "Chengdu"}
        made = ok(await self.call(self.coordinator, "POST", "/organisations", json=body), 201)
        if admitted:
            until = (datetime.now(UTC) + timedelta(days=365)).isoformat()
            admission = {"valid_until": until, "reason": "Evidence complete."}
            ok(await self.call(self.coordinator, "POST", f"/organisations/{made['id']}/admission", json=admission))
        return UUID(made["id"])

    async def member(self, *roles: Role, organisation_id: UUID | None = None, **more: Any) -> Someone:
        """Somebody of an admitted organisation (a new one unless given)."""
        return someone(*roles, organisation_id=organisation_id or await self.organisation(), **more)

    async def facility(self, keeper: Someone, **changes: Any) -> str:
        """A published facility."""
        made = ok(await self.call(keeper, "POST", "/facilities", json=FACILITY | changes), 201)
        ok(await self.call(keeper, "POST", f"/facilities/{made['id']}/publication"))
        return str(made["id"])

    async def project(self, lead: UUID, *partners: UUID, label: SecurityLabel = SecurityLabel.INTERNAL) -> UUID:
        """A running project, heard of."""
        started = project_started(lead, *partners, label=label)
        await self.catalog.hear(started)
        return started.id


def project_started(lead: UUID, *partners: UUID, label: SecurityLabel = SecurityLabel.INTERNAL) -> ProjectStarted:
    return ProjectStarted(
        id=new_id(),
        version=2,
        title="Light alloys for drones",
        label=label,
        owners=(lead, *partners),
        call_id=new_id(),
        application_id=new_id(),
        lead=OrgRef(id=str(lead), name="Lead"),
        partners=tuple(OrgRef(id=str(one), name="Partner") for one in partners),
        field="materials",
        stage="research",
        region="Chengdu",
        sector=Sector.CIVIL,
        amount="100.00",
        currency="CNY",
        starts_on="2026-01-01",
        ends_on="2027-01-01",
    )
