"""Documents over HTTP: in, described, out, and never to somebody who may not."""

import hashlib
import os
from collections.abc import AsyncIterator
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from shared.blobs.documents import Documents
from shared.blobs.rows import attach
from shared.blobs.scans import EICAR
from shared.blobs.store import BlobStore
from shared.db.engine import Database
from shared.db.work import Read
from shared.kernel.actor import NOBODY, Actor
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import SecurityLabel
from shared.web import problems
from shared.web.documents import byte_range, disposition, document_routes
from shared.web.forms import FormState
from shared.web.uploads import receive_upload
from tests.shared.blobs import hostile
from tests.shared.blobs.conftest import LIMIT, SERVICE, person

READABLE_THING = new_id()


class _Visitors:
    """Whoever the test says is asking."""

    def __init__(self) -> None:
        self.known: dict[str, Actor] = {}

    async def identify(self, request: Request) -> Actor:
        return self.known.get(request.headers.get("x-visitor", ""), NOBODY)


async def only_that_thing(rows: Read, owner_id: UUID, actor: Actor) -> bool:
    return owner_id == READABLE_THING


@pytest.fixture
def visitors() -> _Visitors:
    return _Visitors()


@pytest.fixture
async def client(
    store: BlobStore, database: Database, settings: Settings, visitors: _Visitors
) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.service = SimpleNamespace(
        name=SERVICE, blobs=store, database=database, settings=settings, identity=visitors
    )
    document_routes({"application": only_that_thing}).add_to(app)
    problems.install(app)

    @app.post("/page")
    async def page(request: Request) -> dict[str, object]:
        actor = await visitors.identify(request)
        received = await receive_upload(request, actor, fields=("plan", "budget"))
        state = FormState.refused(received.form, received.problem) if received.problem else FormState()
        return {
            "fields": received.form.fields,
            "documents": {name: [d.filename for d in found] for name, found in received.documents.items()},
            "errors": {name: [str(text) for text in texts] for name, texts in state.errors.items()},
        }

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def actor(visitors: _Visitors, client: httpx.AsyncClient) -> Actor:
    actor = person()
    visitors.known["me"] = actor
    client.headers["x-visitor"] = "me"
    return actor


async def post(client: httpx.AsyncClient, body: bytes, name: str = "计划 1.pdf", **fields: str) -> httpx.Response:
    return await client.post("/api/v1/documents", files={"file": (name, body, "application/octet-stream")}, data=fields)


async def test_up_and_down(client: httpx.AsyncClient, actor: Actor) -> None:
    body = hostile.pdf(os.urandom(300_000))
    made = await post(client, body, label="controlled")
    assert made.status_code == 201, made.text
    told = made.json()
    assert made.headers["location"] == f"/api/v1/documents/{told['id']}"
    assert told["filename"] == "计划 1.pdf"
    assert told["sha256"] == hashlib.sha256(body).hexdigest()
    assert (told["size"], told["media_type"], told["state"]) == (len(body), "application/pdf", "clean")
    assert (told["label"], told["organisation_id"]) == ("controlled", str(actor.organisation()))
    assert "object_key" not in told
    assert (await client.get(made.headers["location"])).json() == told

    got = await client.get(f"{made.headers['location']}/content")
    assert got.status_code == 200
    assert got.content == body
    assert got.headers["content-length"] == str(len(body))
    assert got.headers["etag"] == f'"{told["sha256"]}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "private, no-store"
    assert got.headers["content-security-policy"].startswith("sandbox")
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E8%AE%A1%E5%88%92%201.pdf" in got.headers["content-disposition"]


async def test_a_part_of_a_document(client: httpx.AsyncClient, actor: Actor) -> None:
    body = hostile.pdf(os.urandom(5000))
    path = (await post(client, body)).headers["location"] + "/content"
    got = await client.get(path, headers={"Range": "bytes=100-199"})
    assert (got.status_code, got.content) == (206, body[100:200])
    assert got.headers["content-range"] == f"bytes 100-199/{len(body)}"
    assert (await client.get(path, headers={"Range": "bytes=-7"})).content == body[-7:]
    assert (await client.get(path, headers={"Range": f"bytes={len(body)}-"})).status_code == 416
    assert (await client.get(path, headers={"Range": "bytes=0-5", "If-Range": '"old"'})).content == body
    tag = (await client.get(path)).headers["etag"]
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 304


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("a.txt", EICAR, 422, "file-infected"),
        ("a.txt", b"", 422, "file-empty"),
        ("a.exe", b"MZ", 415, "file-kind-refused"),
        ("a.pdf", hostile.PNG, 415, "file-mismatch"),
        ("a.pdf", hostile.pdf(trailer=b"/Encrypt 5 0 R"), 422, "file-encrypted"),
        ("a.zip", hostile.bomb(), 422, "archive-refused"),
        ("a.pdf", b"%PDF-" + bytes(LIMIT), 413, "file-too-large"),
    ],
)
async def test_a_refusal_is_a_problem_and_nothing_can_be_downloaded(
    client: httpx.AsyncClient, actor: Actor, name: str, body: bytes, status: int, code: str
) -> None:
    answer = await post(client, body, name)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["errors"] == [{"pointer": "/file", "detail": told["detail"]}]
    known = await client.get(f"/api/v1/documents/{told['document_id']}")
    assert known.json()["state"] == "refused"
    assert told["detail"] in known.json()["reason"]
    assert (await client.get(f"/api/v1/documents/{told['document_id']}/content")).status_code == 404


async def test_who_may_not_know_of_a_document_finds_none(
    client: httpx.AsyncClient, actor: Actor, visitors: _Visitors, documents: Documents, database: Database
) -> None:
    made = (await post(client, hostile.pdf(), label="controlled")).json()
    path = f"/api/v1/documents/{made['id']}"
    visitors.known["low"] = Actor("low", grants=actor.grants, clearance=SecurityLabel.INTERNAL)
    visitors.known["stranger"] = person()
    visitors.known["low stranger"] = person(clearance=SecurityLabel.PUBLIC)

    async def seen_by(who: str) -> list[int]:
        return [(await client.get(path + end, headers={"x-visitor": who})).status_code for end in ("", "/content")]

    assert await seen_by("me") == [200, 200]
    assert await seen_by("low") == [404, 404]
    assert await seen_by("stranger") == [404, 404]
    assert await seen_by("nobody") == [401, 401]
    async with database.work(actor) as work:
        await attach(work, UUID(made["id"]), "application", READABLE_THING)
    assert await seen_by("stranger") == [200, 200]
    assert await seen_by("low stranger") == [404, 404]


async def test_a_wrong_label_or_organisation_refuses_the_file(client: httpx.AsyncClient, actor: Actor) -> None:
    for fields, pointer in (
        ({"label": "confidential"}, "/label"),
        ({"label": "secret"}, "/label"),
        ({"organisation_id": str(new_id())}, "/organisation_id"),
        ({"organisation_id": "mine"}, "/organisation_id"),
    ):
        answer = await post(client, hostile.pdf(), **fields)
        assert answer.status_code == 422, fields
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"no form at all"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ncut off',
        ),
        ("multipart/form-data; boundary=" + "x" * 300, b"--x"),
    ],
)
async def test_a_broken_form_is_told_so(
    client: httpx.AsyncClient, actor: Actor, content_type: str, body: bytes
) -> None:
    answer = await client.post("/api/v1/documents", content=body, headers={"content-type": content_type})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] in ("upload-broken", "no-file")


async def test_a_form_page_keeps_what_was_typed_when_a_file_is_refused(client: httpx.AsyncClient, actor: Actor) -> None:
    answer = await client.post(
        "/page",
        data={"title": "合川", "label": "internal"},
        files=[("plan", ("plan.txt", EICAR, "text/plain")), ("budget", ("b.csv", b"a,b\n", "text/csv"))],
    )
    told = answer.json()
    assert ["title", "合川"] in told["fields"]
    assert told["documents"] == {"budget": ["b.csv"]}
    assert list(told["errors"]) == ["plan"]
    assert "virus" in told["errors"]["plan"][0]


async def test_a_file_input_left_empty_is_no_file(client: httpx.AsyncClient, actor: Actor) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="plan"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nkept\r\n--x--\r\n'
    )
    answer = await client.post("/page", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.json() == {"fields": [["title", "kept"]], "documents": {}, "errors": {}}


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-", (0, 10)),
        ("bytes=3-5", (3, 6)),
        ("bytes=3-500", (3, 10)),
        ("bytes=-4", (6, 10)),
        ("bytes=-40", (0, 10)),
        ("bytes=5-3", (0, 10)),
        ("lines=1-2", (0, 10)),
        ("bytes=1-2,4-5", (0, 10)),
        ("bytes=10-", None),
        ("bytes=-0", None),
    ],
)
def test_ranges(asked: str, given: tuple[int, int] | None) -> None:
    assert byte_range(asked, 10) == given


def test_a_name_cannot_break_out_of_its_header() -> None:
    assert disposition('a"; x="y\\%.pdf') == (
        "attachment; filename=\"a_; x=_y__.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%22y%5C%25.pdf"
    )
