"""A slow line: a file may arrive for longer than the database lets a transaction idle."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.conftest import Serve
from tests.kit.platform import Running, Someone
from tests.services.project_management.applications.test_api import PDF
from tests.services.project_management.ready import ZHAO, draft_application, know_everybody, released_call
from tests.services.project_management.world import World

pytestmark = pytest.mark.anyio
IDLE_MS = 400
BOUNDARY = "slow"


@pytest.fixture
async def impatient(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The service with a database that ends transactions which idle."""
    monkeypatch.setattr("shared.db.engine.IDLE_IN_TRANSACTION_MS", IDLE_MS)
    return await serve("projects")


async def slowly(version: int) -> AsyncIterator[bytes]:
    yield (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="version"\r\n\r\n{version}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="plan.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode()
    yield PDF[:20]
    await asyncio.sleep(3 * IDLE_MS / 1000)
    yield PDF[20:] + f"\r\n--{BOUNDARY}--\r\n".encode()


async def upload(projects: Running, person: Someone, path: str, version: int, **headers: str) -> httpx.Response:
    async with projects.client(person) as http:
        http.headers["Origin"] = "http://test"
        http.headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
        return await http.post(path, content=slowly(version), headers=headers)


async def checked_out(projects: Running) -> int:
    """Connections for units of work that somebody holds."""
    pool: Any = projects.service.database.engine.pool
    return int(pool.checkedout())


async def test_a_project_description_that_arrives_slowly_is_attached(impatient: Running) -> None:
    await know_everybody(impatient)
    call = await released_call(impatient)
    application = await draft_application(impatient, call.id)
    path = f"/projects/applications/{application.id}/documents"
    sending = asyncio.create_task(upload(impatient, ZHAO, path, 1))
    await asyncio.sleep(2 * IDLE_MS / 1000)
    assert await checked_out(impatient) == 0, "who sends slowly keeps no connection from others"
    answer = await sending
    assert answer.status_code == 303, answer.text
    (row,) = await impatient.rows("SELECT owner_id, state FROM documents")
    assert (row["owner_id"], row["state"]) == (application.id, "clean")


async def test_with_a_key_of_its_own_too(impatient: Running) -> None:
    await know_everybody(impatient)
    call = await released_call(impatient)
    application = await draft_application(impatient, call.id)
    path = f"/projects/applications/{application.id}/documents"
    answer = await upload(impatient, ZHAO, path, 1, **{"Idempotency-Key": "slow-1"})
    assert answer.status_code == 303, answer.text
    assert len(await impatient.rows("SELECT 1 FROM documents WHERE owner_id IS NOT NULL")) == 1


async def test_evidence_that_arrives_slowly_is_handed_in(impatient: Running) -> None:
    world = await World(impatient).open()
    project = await world.project()
    milestone = project["milestones"][0]
    answer = await upload(impatient, world.institute, f"/projects/milestones/{milestone['id']}/evidence", 1)
    assert answer.status_code == 303, answer.text
    (row,) = await impatient.rows("SELECT state FROM milestones WHERE number = 1")
    assert row["state"] == "evidence_submitted"
