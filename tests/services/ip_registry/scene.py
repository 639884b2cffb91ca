"""People and things of these tests, made through the API as anybody would make them."""

from dataclasses import dataclass, field
from datetime import date
from json import dumps
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.catalog import OrganisationRegistered
from shared.contracts.projects import ProjectStarted
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, Sector, SecurityLabel
from tests.kit.platform import Running, Someone, someone

API = "/ip/api/v1"
ORIGIN = {"Origin": "http://test"}
DISCLOSURE = {
    "title": "Pulsed cooling of melts",
    "abstract": "A jet pulsed in step with the solidification front.",
    "inventors": [{"name": "Zhao Min", "share": "3/5"}, {"name": "Sun Jie", "share": "40%"}],
}
INVENTORS = [{"name": "Zhao Min", "share": "1/1"}]


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer that has to have this status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:600]}"
    body: dict[str, Any] = answer.json()
    return body


def pointers(answer: httpx.Response) -> set[str]:
    """Which entries a refusal names."""
    return {error["pointer"] for error in ok(answer, 422)["errors"]}


def project_started(
    lead: Someone, *partners: Someone, id: UUID | None = None, label: SecurityLabel = SecurityLabel.PUBLIC
) -> ProjectStarted:
    return ProjectStarted(
        id=id or new_id(),
        version=1,
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
        amount="1000000.00",
        currency="CNY",
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 1, 1),
    )


@dataclass
class Scene:
    """One registry with its officer."""

    ip: Running
    officer: Someone = field(default_factory=lambda: someone(Role.IP_OFFICER))

    async def call(
        self, person: Someone | None, method: str, path: str, body: Any = None, version: object = None
    ) -> httpx.Response:
        headers = {} if version is None else {"If-Match": "*" if version == "*" else f'"{version}"'}
        async with self.ip.client(person) as client:
            # Written by `dumps`, for it escapes what is no UTF-8; the client's own would refuse it.
            content = None if body is None else dumps(body)
            return await client.request(
                method, API + path, content=content, headers=headers | {"Content-Type": "application/json"}
            )

    async def page(
        self, person: Someone | None, path: str, form: dict[str, str] | None = None, language: str = "en"
    ) -> httpx.Response:
        path = f"/ip{path}{'&' if '?' in path else '?'}lang={language}"
        async with self.ip.client(person) as client:
            return await (client.get(path) if form is None else client.post(path, data=form, headers=ORIGIN))

    async def organisation(self, name: str = "Institute", id: UUID | None = None) -> UUID:
        id = id or new_id()
        await self.ip.hear(
            OrganisationRegistered(
                id=id, version=1, title=name, name=name, name_zh="", kind="institute", sector=Sector.CIVIL,
                region="Chengdu",
            )
        )  # fmt: skip
        return id

    async def disclosure(self, person: Someone, **changed: Any) -> dict[str, Any]:
        return ok(await self.call(person, "POST", "/disclosures", DISCLOSURE | changed), 201)

    async def triaged(self, person: Someone, outcome: str = "protect", **changed: Any) -> dict[str, Any]:
        made = await self.disclosure(person, **changed)
        path = f"/disclosures/{made['id']}/triage"
        return ok(await self.call(self.officer, "POST", path, {"outcome": outcome, "reason": "Novel."}, "*"))

    def asset_body(self, *holders: UUID, **changed: Any) -> dict[str, Any]:
        return {
            "title": "Pulsed cooling",
            "kind": "patent",
            "office": "CN",
            "application_number": f"20261{new_id().int % 10**7:07d}",
            "filed_on": "2026-03-02",
            "shares": [{"organisation_id": str(one), "share": f"1/{len(holders)}"} for one in holders],
            "inventors": INVENTORS,
        } | changed

    async def asset(self, *holders: UUID, **changed: Any) -> dict[str, Any]:
        """Registered by the officer for organisations that become known, in equal parts unless said."""
        for one in holders:
            await self.organisation(id=one)
        return ok(await self.call(self.officer, "POST", "/assets", self.asset_body(*holders, **changed)), 201)
