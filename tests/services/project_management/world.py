"""A closed call with applications and experts, written as their facts and rows would leave them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from services.project_management.applications.model import Application, ApplicationVersion, Partner
from services.project_management.assignments.clock import follow_reviews, withdraw_pointless_reviews
from services.project_management.calls.model import Call
from shared.contracts.catalog import OrganisationAdmitted, PersonRegistered
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, Sector
from tests.kit.platform import Running, Someone, someone

API = "/projects/api/v1"
ANY = {"If-Match": "*"}


@dataclass
class World:
    """One programme office, two applying organisations, and whoever is added."""

    projects: Running
    officer: Someone = field(default_factory=lambda: someone(Role.PROGRAMME_OFFICER, organisation_name="Office"))
    institute: Someone = field(
        default_factory=lambda: someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="Institute")
    )
    university: Someone = field(
        default_factory=lambda: someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="University")
    )
    call_id: UUID = field(default_factory=new_id)
    applications: list[UUID] = field(default_factory=list)
    experts: list[Someone] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)

    @asynccontextmanager
    async def browser(self, person: Someone) -> AsyncIterator[httpx.AsyncClient]:
        """A client that says where its forms come from, as browsers do."""
        async with self.projects.client(person) as http:
            http.headers["Origin"] = "http://test"
            yield http

    async def open(self, *, budget: str = "1000000.00", demand: int = 2) -> "World":
        """The closed call, and the organisations as the catalogue tells them."""
        now = datetime.now(UTC)
        for who in (self.institute, self.university):
            await self.projects.hear(
                OrganisationAdmitted(
                    id=who.organisation_id,
                    version=2,
                    title=who.grants[0].organisation_name,
                    name=who.grants[0].organisation_name,
                    kind="institute",
                    sector=Sector.DEFENCE,
                    region="Chengdu",
                    valid_until=now + timedelta(days=400),
                    reason="Evidence complete.",
                )
            )
        async with self.projects.work(system_actor("projects")) as work:
            work.add(
                Call(
                    id=self.call_id,
                    title="Light alloys",
                    field="Materials",
                    stage="research",
                    budget_amount=Decimal(budget),
                    budget_currency="CNY",
                    ceiling_amount=Decimal(budget),
                    ceiling_currency="CNY",
                    opens_at=now - timedelta(days=9),
                    closes_at=now - timedelta(days=1),
                    kinds=[],
                    regions=[],
                    reviewers_per_application=demand,
                    criteria=[{"name": "Novelty", "weight": "40"}, {"name": "Feasibility", "weight": "60"}],
                    inventor_floor="1/2",
                    label="public",
                    state="closed",
                    organisation_id=self.officer.organisation_id,
                    organisation_name="Office",
                    drafted_by=self.officer.subject,
                    released_at=now - timedelta(days=10),
                    released_version=1,
                    sha256="0" * 64,
                )
            )
        return self

    async def apply(
        self, lead: Someone, *partners: Someone, title: str = "Fatigue of alloys", amount: str = "600000.00"
    ) -> UUID:
        """A submitted application."""
        application_id = new_id()
        async with self.projects.work(system_actor("projects")) as work:
            work.add(
                Application(
                    id=application_id,
                    version=3,
                    call_id=self.call_id,
                    call_title="Light alloys",
                    title=title,
                    abstract="How light alloys tire, and what can be done.",
                    requested_amount=Decimal(amount),
                    requested_currency="CNY",
                    lead_id=lead.organisation_id,
                    lead_name=lead.grants[0].organisation_name,
                    label="internal",
                    state="submitted",
                    drafted_by=lead.subject,
                    submitted_at=work.now,
                    submitted_version=1,
                    sha256="1" * 64,
                )
            )
            await work.session.flush()
            work.add(
                ApplicationVersion(
                    application_id=application_id,
                    number=1,
                    content="{}",
                    sha256="1" * 64,
                    submitted_by=lead.subject,
                    submitted_at=work.now,
                )
            )
            for n, partner in enumerate(partners):
                work.add(
                    Partner(
                        application_id=application_id,
                        organisation_id=partner.organisation_id,
                        position=n,
                        name=partner.grants[0].organisation_name,
                        answer="consented",
                    )
                )
        self.applications.append(application_id)
        return application_id

    async def expert(self, name: str, *, employer: Someone | None = None, cap: int = 5, **changed: Any) -> Someone:
        """An expert as the catalogue tells of them, who can sign in as a reviewer."""
        person = someone(Role.REVIEWER, organisation_id=self.officer.organisation_id, organisation_name="Office")
        await self.projects.know(person)
        person_id = new_id()
        told = {
            "id": person_id,
            "version": 1,
            "title": name,
            "name": name,
            "subject": person.subject,
            "organisation": employer
            and OrgRef(id=str(employer.organisation_id), name=employer.grants[0].organisation_name),
            "fields": ("Materials", "Fatigue of alloys"),
            "expert": True,
            "review_cap": cap,
        }
        await self.projects.hear(PersonRegistered.model_validate(told | changed))
        self.experts.append(person)
        self.people.append(person_id)
        return person

    async def assign(self, **fields: Any) -> httpx.Response:
        async with self.projects.client(self.officer) as http:
            return await http.post(f"{API}/calls/{self.call_id}/assignment", json=fields)

    async def review(self, person: Someone, score: float = 8, *, complete: bool = True) -> None:
        """The person accepts and writes every review that waits for them."""
        sheet = {
            "scores": [{"criterion": name, "score": score} for name in ("Novelty", "Feasibility")],
            "to_applicant": f"Comment worth {score}.",
            "to_panel": "For the panel only.",
        }
        async with self.projects.client(person) as http:
            for one in (await http.get(f"{API}/reviews", params={"state": "invited"})).json()["items"]:
                here = f"{API}/reviews/{one['id']}"
                assert (await http.post(f"{here}/acceptance", headers=ANY)).status_code == 200
                assert (await http.put(f"{here}/scores", json=sheet, headers=ANY)).status_code == 200
                if complete:
                    answer = await http.post(f"{here}/completion", headers=ANY)
                    assert answer.status_code == 200, answer.text

    async def tick(self) -> None:
        """What the clock does every second."""
        for timed in (withdraw_pointless_reviews, follow_reviews):
            async with self.projects.work(system_actor("projects")) as work:
                await timed(work)

    async def decided(self) -> None:
        """Two applications of which the first is funded: reviewed, ranked, decided."""
        await self.apply(self.institute, self.university, title="First")
        await self.apply(self.university, title="Second")
        for name in ("Ma", "Guo"):
            await self.expert(name)
        assert (await self.assign()).status_code == 201
        async with self.projects.client(self.officer) as http:
            plan = (await http.get(f"{API}/calls/{self.call_id}/assignment")).json()["assignments"]
        await self.projects.rows("SELECT 1")
        for person in self.experts:
            await self._judge(person, {one["id"]: one["application"] for one in plan})
        async with self.projects.client(self.officer) as http:
            answer = await http.post(f"{API}/calls/{self.call_id}/decision", json={"reason": "As ranked."})
            assert answer.status_code == 201, answer.text

    async def _judge(self, person: Someone, titles: dict[str, str]) -> None:
        async with self.projects.client(person) as http:
            for one in (await http.get(f"{API}/reviews")).json()["items"]:
                here = f"{API}/reviews/{one['id']}"
                score = 9 if titles[one["id"]] == "First" else 7
                sheet = {
                    "scores": [{"criterion": name, "score": score} for name in ("Novelty", "Feasibility")],
                    "to_applicant": f"Comment on {titles[one['id']]}.",
                }
                await http.post(f"{here}/acceptance", headers=ANY)
                await http.put(f"{here}/scores", json=sheet, headers=ANY)
                answer = await http.post(f"{here}/completion", headers=ANY)
                assert answer.status_code == 200, answer.text

    async def project(self, **changed: Any) -> dict[str, Any]:
        """The first application as a running project of two milestones, without budget lines unless given."""
        await self.decided()
        body = {
            "application_id": str(self.applications[0]),
            "starts_on": "2027-01-01",
            "ends_on": "2028-12-31",
            "milestones": [
                {"title": "Melt", "deliverable": "Ingots", "due_on": "2027-06-30", "tranche": {"amount": "200000.00"}},
                {"title": "Test", "deliverable": "Report", "due_on": "2028-06-30", "tranche": {"amount": "400000.00"}},
            ],
        } | changed
        async with self.projects.client(self.officer) as http:
            answer = await http.post(f"{API}/projects", json=body)
            assert answer.status_code == 201, answer.text
            here = f"{API}/projects/{answer.json()['id']}"
            assert (await http.post(f"{here}/signatures", json={}, headers=ANY)).status_code == 200
        await self.agree_rights(answer.json()["agreement"]["id"])
        async with self.projects.client(self.institute) as http:
            answer = await http.post(f"{here}/signatures", json={}, headers=ANY)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

    def terms(self, **changed: Any) -> dict[str, Any]:
        """Sound terms between the institute and the university."""
        ours, theirs = str(self.institute.organisation_id), str(self.university.organisation_id)
        return {
            "parties": [
                {"organisation_id": ours, "ownership": "3/5", "income": "1/2"},
                {"organisation_id": theirs, "ownership": "2/5", "income": "1/2"},
            ],
            "inventor_share": "1/2",
            "inventors": [
                {"name": "Zhao Min", "organisation_id": ours, "share": "2/3"},
                {"name": "Sun Jie", "organisation_id": theirs, "share": "1/3"},
            ],
            "disposal": "joint",
            "exploitation": "all",
            "publication_days": 30,
        } | changed

    async def agree_rights(self, agreement_id: str) -> None:
        """The institute words the agreement; both organisations sign it."""
        here = f"{API}/agreements/{agreement_id}"
        async with self.projects.client(self.institute) as http:
            assert (await http.put(here, json=self.terms(), headers=ANY)).status_code == 200
            assert (await http.post(f"{here}/proposal", headers=ANY)).status_code == 200
        for person in (self.institute, self.university):
            async with self.projects.client(person) as http:
                answer = await http.post(f"{here}/signatures", json={}, headers=ANY)
                assert answer.status_code == 200, answer.text
