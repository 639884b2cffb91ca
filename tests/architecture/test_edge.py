"""The edge commits, and only then the answer leaves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import APIRouter, Depends, FastAPI, Response
from starlette.types import Message

from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.policy import anyone
from shared.kernel.settings import Settings
from shared.service import Service
from shared.web.census import take_census
from shared.web.edge import Guard, WorkDep, api_room

WRITE = anyone("probe.write")
_INSERT = """INSERT INTO idempotency_keys (subject, key, fingerprint) VALUES ('probe', %(key)s, 'probe')"""


def probe(settings: Settings) -> Service:
    """A service whose one route writes a row; with `late` the connection is gone when it commits, with `early` it is
    gone at the first try before anything was written."""
    room = api_room("probe")
    tried: list[str] = []

    @room.post("/rows/{key}", allow=WRITE, status_code=201)
    async def write(work: WorkDep, key: str, late: bool = False, early: bool = False) -> Response:
        if early and not tried:
            tried.append(key)
            await end(work)
        await work.execute(_INSERT, {"key": key})
        if late:
            await end(work)
        return Response("written", status_code=201)

    async def end(work: Work) -> None:
        pid = await work.row("SELECT pg_backend_pid() AS pid")
        assert pid
        async with await psycopg.AsyncConnection.connect(settings.database_url("catalog")) as other:
            await other.execute("SELECT pg_terminate_backend(%s)", (pid["pid"],))

    return Service(
        "catalog", settings, prefix="/catalog", title="probe", folder=Path(__file__).parent, apis=[room], pages=[]
    )


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    made = probe(settings)
    await made.database.open()
    yield made
    await made.identity.close()
    await made.database.close()


async def call(service: Service, path: str, on_start: Any) -> int:
    """Ask the application; `on_start` runs while the first byte of the answer waits to leave."""
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            await on_start()

    plain, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": plain,
        "raw_path": plain.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "scheme": "http",
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
        "headers": [],
        "state": {},
    }
    await service.app(scope, receive, send)
    return status


async def test_what_was_written_is_there_before_the_first_byte_leaves(service: Service) -> None:
    key, seen = str(new_id()), []

    async def look() -> None:
        url = service.settings.database_url("catalog")
        async with await psycopg.AsyncConnection.connect(url) as other:
            found = await other.execute("SELECT 1 FROM idempotency_keys WHERE key = %s", (key,))
            seen.append(await found.fetchone())

    assert await call(service, f"/api/v1/rows/{key}", look) == 201
    assert seen == [(1,)]


async def test_a_commit_that_fails_is_no_success(service: Service) -> None:
    key = str(new_id())
    status = await call(service, f"/api/v1/rows/{key}?late=true", _nothing)
    assert status == 503
    url = service.settings.database_url("catalog")
    async with await psycopg.AsyncConnection.connect(url) as other:
        found = await other.execute("SELECT 1 FROM idempotency_keys WHERE key = %s", (key,))
        assert await found.fetchone() is None


async def test_a_connection_that_is_gone_before_anything_was_written_is_replaced(service: Service) -> None:
    assert await call(service, f"/api/v1/rows/{new_id()}?early=true", _nothing) == 201


async def _nothing() -> None:
    return None


def test_a_route_without_a_policy_stops_the_start() -> None:
    plain = FastAPI()
    plain.add_api_route("/bare", _nothing)
    with pytest.raises(RuntimeError, match="/bare"):
        take_census(plain)
    router = APIRouter()
    router.add_api_route("/aside", _nothing)
    including = FastAPI()
    including.include_router(router)
    with pytest.raises(RuntimeError, match="without exactly one policy"):
        take_census(including)


def test_a_route_with_two_policies_stops_the_start(settings: Settings) -> None:

    room = api_room("double")

    @room.get("/double", allow=WRITE, dependencies=[Depends(Guard(anyone("probe.other")))])
    async def double() -> Response:
        return Response("which one?")

    with pytest.raises(RuntimeError, match="/api/v1/double"):
        Service(
            "catalog", settings, prefix="/catalog", title="double", folder=Path(__file__).parent, apis=[room], pages=[]
        )
