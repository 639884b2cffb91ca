"""Two applications of the same text by two institutes, an earlier project, and the check of the second."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from services.project_management.applications.model import Application
from services.project_management.duplicates.actions import check_new_applications, end_checks
from services.project_management.duplicates.known import know_texts
from services.project_management.earlier_projects.actions import import_batch
from services.project_management.earlier_projects.schemas import EarlierProjectBatch
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, running, someone
from tests.services.project_management.duplicates.test_passages import ABSTRACT, REORDERED
from tests.services.project_management.ready import (
    LI,
    OTHER,
    SUN,
    ZHAO,
    know_everybody,
    released_call,
    submitted_application,
)

RECORD = {"number": "2019-77", "title": "Magnesium plates", "abstract": ABSTRACT, "people": ["Zhao Lin"]}


@dataclass
class Scene:
    projects: Running
    call_id: UUID
    first: UUID
    """Zhao's."""
    second: UUID
    """Sun's, of the same text in another order, as the record."""

    async def tick(self) -> None:
        """What the clock does."""
        for timed in (know_texts, check_new_applications, end_checks):
            async with self.projects.work(system_actor("projects")) as work:
                await timed(work)

    async def seen(self, person: Someone, application_id: UUID | None = None) -> dict[str, Any]:
        async with self.projects.client(person) as http:
            answer = await http.get(f"/projects/api/v1/applications/{application_id or self.second}/duplicates")
            assert answer.status_code == 200, answer.text
            return dict(answer.json())

    async def submit(self, lead: Someone, **fields: Any) -> Application:
        return await submitted_application(self.projects, self.call_id, lead, **fields)


@pytest.fixture(scope="module")
async def service(settings: Settings) -> AsyncIterator[Running]:
    async with running(settings, "projects") as projects:
        yield projects


@pytest.fixture
async def scene(service: Running) -> Scene:
    await service.clear()
    await know_everybody(service)
    call = await released_call(service)
    importer = someone(Role.PROGRAMME_OFFICER)
    async with service.work(importer) as work:
        await import_batch(work, EarlierProjectBatch(source="City plan", rows=[RECORD]))
    first = await submitted_application(service, call.id, ZHAO, title="Plates for seats", abstract=ABSTRACT)
    second = await submitted_application(service, call.id, SUN, title="Rolling songs", abstract=REORDERED)
    made = Scene(service, call.id, first.id, second.id)
    await made.tick()
    return made


__all__ = ["LI", "OTHER", "SUN", "ZHAO", "Scene"]
