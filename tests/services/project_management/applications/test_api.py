"""Applications over HTTP, as a program uses them, with a PDF that goes through the real checks."""

import hashlib
from typing import Any

import httpx
import pytest

from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.ready import (
    INSTITUTE,
    LI,
    OTHER,
    SUN,
    UNIVERSITY,
    ZHAO,
    application_fields,
    draft_application,
    know_everybody,
    released_call,
)

pytestmark = pytest.mark.anyio
ROOT = "/projects/api/v1/applications"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    return projects


async def send(
    projects: Running, person: Someone | None, method: str, path: str, json: Any = None, version: int | None = None
) -> httpx.Response:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    async with projects.client(person) as client:
        return await client.request(method, f"{ROOT}{path}", json=json, headers=headers)


async def upload(projects: Running, person: Someone) -> str:
    async with projects.client(person) as client:
        answer = await client.post("/projects/api/v1/documents", files={"file": ("plan.pdf", PDF, "application/pdf")})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_consortium_applies_with_a_pdf_that_officers_then_read(ready: Running) -> None:
    call = await released_call(ready)
    drafted = await send(ready, ZHAO, "POST", "", application_fields(call.id, partner_ids=[str(UNIVERSITY)]))
    assert drafted.status_code == 201, drafted.text
    body = drafted.json()
    path = f"/{body['id']}"
    assert drafted.headers["location"] == f"{ROOT}{path}"
    assert body["partners"][0]["answer"] == "pending"
    early = await send(ready, ZHAO, "POST", f"{path}/submission", version=1)
    assert early.status_code == 409
    assert early.json()["eligibility"]["result"] == "unknown"
    document_id = await upload(ready, ZHAO)
    attached = await send(ready, ZHAO, "POST", f"{path}/documents", {"document_id": document_id}, 1)
    assert attached.json()["documents"][0]["sha256"] == hashlib.sha256(PDF).hexdigest()
    consented = await send(ready, SUN, "POST", f"{path}/consent", {"decision": "consent", "reason": ""}, 2)
    assert consented.json()["partners"][0]["answer"] == "consented", consented.text
    content = f"/projects/api/v1/documents/{document_id}/content"
    for person, status in ((SUN, 200), (LI, 404), (OTHER, 404)):
        async with ready.client(person) as client:
            assert (await client.get(content)).status_code == status, person.subject
    eligible = await send(ready, ZHAO, "GET", f"{path}/eligibility")
    assert eligible.json()["may_submit"] is True
    submitted = await send(ready, ZHAO, "POST", f"{path}/submission", version=3)
    assert submitted.json()["state"] == "submitted", submitted.text
    assert submitted.headers["etag"] == '"4"'
    text = await send(ready, LI, "GET", f"{path}/versions/1")
    assert hashlib.sha256(text.content).hexdigest() == submitted.json()["sha256"]
    async with ready.client(LI) as client:
        assert (await client.get(content)).content == PDF
    async with ready.client(OTHER) as client:
        assert (await client.get(content)).status_code == 404
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    of_the_lead = someone(Role.PROGRAMME_OFFICER, organisation_id=INSTITUTE)
    for officer in (elsewhere, of_the_lead):
        assert (await send(ready, officer, "POST", f"{path}/check", {"note": "fine"}, 4)).status_code == 404
    checked = await send(ready, LI, "POST", f"{path}/check", {"note": "complete"}, 4)
    assert checked.json()["checked"] is True
    late = await send(ready, ZHAO, "PATCH", path, {"title": "Too late"}, 5)
    assert late.status_code == 409
    withdrawn = await send(ready, ZHAO, "POST", f"{path}/withdrawal", {"reason": "no rig"}, 5)
    assert withdrawn.json()["state"] == "withdrawn"


async def test_a_change_names_the_version_it_was_based_on(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    path = f"/{application.id}"
    assert (await send(ready, ZHAO, "PATCH", path, {"title": "New"})).status_code == 428
    assert (await send(ready, ZHAO, "PATCH", path, {"title": "New"}, 1)).status_code == 200
    assert (await send(ready, ZHAO, "PATCH", path, {"title": "Newer"}, 1)).status_code == 412


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ""},
        {"requested": {"amount": "0.00", "currency": "CNY"}},
        {"requested": {"amount": "1.001", "currency": "CNY"}},
        {"partner_ids": ["no id"]},
        {"partner_ids": ["01970000-0000-7000-8000-00000000ffff"]},
        {"colour": "red"},
    ],
)
async def test_a_faulty_application_is_refused_and_leaves_nothing(ready: Running, changed: dict[str, Any]) -> None:
    call = await released_call(ready)
    answer = await send(ready, ZHAO, "POST", "", application_fields(call.id, **changed))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    assert not await ready.rows("SELECT 1 FROM applications")


async def test_a_draft_is_none_of_anybody_elses_business(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    for person in (OTHER, SUN, LI):
        for path in ("", "/eligibility", "/versions/1"):
            answer = await send(ready, person, "GET", f"/{application.id}{path}")
            assert answer.status_code == 404, (person.subject, path)
    assert (await send(ready, LI, "POST", f"/{application.id}/check", {"note": ""}, 99)).status_code == 404
    assert (await send(ready, None, "GET", f"/{application.id}")).status_code == 401
    listed = await send(ready, OTHER, "GET", f"?call_id={call.id}")
    assert listed.json() == {"items": [], "next_cursor": None}


async def test_somebody_elses_document_cannot_be_attached(ready: Running) -> None:
    call = await released_call(ready)
    application = await draft_application(ready, call.id)
    theirs = await upload(ready, OTHER)
    answer = await send(ready, ZHAO, "POST", f"/{application.id}/documents", {"document_id": theirs}, 1)
    assert answer.status_code == 404
