"""The two processes that `hechuan bench api` compares: the catalogue service, and the barest route there can be."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import psycopg
import uvicorn
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.host import build, host
from shared.identity.sessions import Sessions
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.service import Service

COOKIE_SUBJECT = "bench.reader"
_COLUMNS = """id, version, name, name_zh, kind, sector, region, credit_code, state, admitted_until, state_reason,
              source, source_number, created_at"""


def session_cookie(settings: Settings) -> str:
    """A session as sign-in would leave it, for somebody without a role: reading organisations needs no more."""
    sessions = Sessions(settings)
    return f"{sessions.cookie}={sessions.encode(sessions.start(COOKIE_SUBJECT))}"


class Bare:
    """psycopg's pool behind two Starlette routes; no sign-in, no policy, no problem details."""

    def __init__(self, url: str) -> None:
        self.pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            url, kwargs={"autocommit": True, "row_factory": dict_row}, min_size=2, max_size=10, open=False
        )

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with self.pool:
            yield

    async def list(self, request: Request) -> Response:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                f"SELECT {_COLUMNS} FROM organisations ORDER BY name, id LIMIT %(limit)s",  # noqa: S608 -- constants
                {"limit": 51},
            )
            rows = await cursor.fetchall()
        body = {"items": rows[:50], "next_cursor": f"{rows[49]['name']}{rows[49]['id']}" if len(rows) > 50 else None}
        return Response(orjson.dumps(body, default=str), media_type="application/json")

    async def detail(self, request: Request) -> Response:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                f"SELECT {_COLUMNS} FROM organisations WHERE id = %(id)s",  # noqa: S608 -- constants only
                {"id": request.path_params["id"]},
            )
            row = await cursor.fetchone()
        return Response(orjson.dumps(row, default=str), media_type="application/json")


def bare(settings: Settings) -> Starlette:
    side = Bare(settings.database_url("catalog"))
    routes = [
        Route("/catalog/api/v1/organisations", side.list),
        Route("/catalog/api/v1/organisations/{id}", side.detail),
    ]
    return Starlette(routes=routes, lifespan=side.lifespan)


async def _know_reader(service: Service) -> None:
    async with await psycopg.AsyncConnection.connect(service.database.url, autocommit=True) as connection:
        await connection.execute(
            """INSERT INTO access_accounts (id, subject, name, clearance, version)
               VALUES (%(id)s, %(subject)s, %(subject)s, 'internal', 1) ON CONFLICT DO NOTHING""",
            {"id": new_id(), "subject": COOKIE_SUBJECT},
        )


def main(side: str) -> None:
    settings = Settings()
    app: Any
    if side == "bare":
        app = bare(settings)
    else:
        services = build(settings, ["catalog"])
        asyncio.run(_know_reader(services[0]))
        app = host(services)
    uvicorn.run(app, host=settings.host, port=settings.port, loop="uvloop", log_level="error", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1])
