"""Organisations, experts and an office around requirements, brought there by the routes themselves."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.catalog import PersonRegistered
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.ready import CHEN, LI, SUN, ZHAO, admitted, know_everybody

API = "/projects/api/v1/requirements"
PAGES = "/projects/requirements"
ANY = {"If-Match": "*"}


def requirement_fields(**changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "title": "Bearing cages that run without oil",
        "title_zh": "无油润滑轴承保持架",
        "problem": "Cages of bronze seize after forty hours without oil.",
        "indicators": [{"what": "Running time without oil", "value": "≥ 200", "unit": "h"}],
        "field": "Materials",
        "stage": "research",
        "urgency": "short_term",
        "label": "internal",
    }
    return fields | changed


@dataclass
class Scene:
    """Zhao and Sun ask for their organisations, Li answers for the programme office, experts give opinions."""

    projects: Running
    experts: dict[UUID, Someone] = field(default_factory=dict)

    async def ask(
        self, person: Someone | None, method: str, path: str, json: Any = None, version: int | str = "*"
    ) -> httpx.Response:
        headers = {"If-Match": version if isinstance(version, str) else f'"{version}"'}
        async with self.projects.client(person) as client:
            return await client.request(method, f"{API}{path}", json=json, headers=headers)

    async def page(
        self,
        person: Someone | None,
        path: str,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """A page; with data its form is sent."""
        async with self.projects.client(person) as client:
            if data is None:
                return await client.get(f"{PAGES}{path}", headers=headers)
            return await client.post(f"{PAGES}{path}", data=data, headers=headers)

    async def done(self, person: Someone, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """The same, and it must have gone well."""
        answer = await self.ask(person, method, path, json)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else {}

    async def expert(
        self,
        name: str,
        *,
        employer: Someone | None = None,
        fields: tuple[str, ...] = ("Materials",),
        clearance: SecurityLabel = SecurityLabel.INTERNAL,
    ) -> UUID:
        """An expert as the catalogue tells of them; signs in as a reviewer for an organisation of their own."""
        person = someone(Role.REVIEWER, organisation_name="Testing Institute", clearance=clearance)
        await self.projects.know(person)
        id = new_id()
        works_for = employer and OrgRef(id=str(employer.organisation_id), name=employer.grants[0].organisation_name)
        await self.projects.hear(
            PersonRegistered(
                id=id,
                version=1,
                title=name,
                name=name,
                subject=person.subject,
                organisation=works_for,
                fields=fields,
                expert=True,
                review_cap=5,
            )
        )
        self.experts[id] = person
        return id

    async def drafted(self, person: Someone = ZHAO, **changed: Any) -> str:
        return str((await self.done(person, "POST", "", requirement_fields(**changed)))["id"])

    async def put_forward(self, person: Someone = ZHAO, **changed: Any) -> str:
        id = await self.drafted(person, **changed)
        await self.done(person, "POST", f"/{id}/submission")
        return id

    async def consulted(self, id: str, *experts: UUID) -> None:
        await self.done(LI, "POST", f"/{id}/consultation", {"expert_ids": [str(one) for one in experts]})

    async def opinion(
        self, id: str, expert: UUID, importance: int = 4, feasibility: int = 4, comment: str = ""
    ) -> None:
        said = {"importance": importance, "feasibility": feasibility, "comment": comment}
        await self.done(self.experts[expert], "PUT", f"/{id}/opinion", said)

    async def prioritised(self, person: Someone = ZHAO, **changed: Any) -> str:
        """Put forward, rated by one expert, its priority fixed."""
        id = await self.put_forward(person, **changed)
        expert = await self.expert("Ma Lan")
        await self.consulted(id, expert)
        await self.opinion(id, expert)
        await self.done(LI, "POST", f"/{id}/priority", {})
        return id

    async def state(self, id: str) -> str:
        (row,) = await self.projects.rows("SELECT state FROM requirements WHERE id = %(id)s", id=id)
        return str(row["state"])


async def scene_of(projects: Running) -> Scene:
    await know_everybody(projects)
    for person in (LI, CHEN, ZHAO, SUN):
        await projects.know(person)
    return Scene(projects)


def adoption_fields(*ids: str, **changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "requirement_ids": list(ids),
        "reason": "First in the joint plan.",
        "budget": {"amount": "6000000.00", "currency": "CNY"},
        "ceiling": {"amount": "3000000.00", "currency": "CNY"},
        "opens_at": "2026-01-10T00:00:00Z",
        "closes_at": "2099-03-31T09:00:00Z",
    }
    return fields | changed


__all__ = ["CHEN", "LI", "SUN", "ZHAO", "Scene", "admitted", "adoption_fields", "requirement_fields", "scene_of"]
