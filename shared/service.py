"""A service: its name, tables and features become one ASGI application that can be started and stopped."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from fastapi import FastAPI
from prometheus_client import REGISTRY, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.blobs.documents import Documents
from shared.blobs.store import BlobStore
from shared.blobs.upkeep import fixity, sweep
from shared.bus.bus import Bus
from shared.bus.reactions import Reactions
from shared.bus.runner import BusRunner
from shared.db.engine import Database
from shared.db.work import Rows, Work
from shared.identity.access import access_hears, forget_old_sessions
from shared.identity.identity import Identity
from shared.identity.sessions import SessionCookies
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from shared.web import problems
from shared.web.census import take_census
from shared.web.documents import MayRead, document_routes
from shared.web.edge import Room
from shared.web.operations import operations_api, operations_pages
from shared.web.pages import Pages
from shared.web.problems import ProblemDetails

log = structlog.get_logger(__name__)
SWEEP_SECONDS = 1800
FIXITY_BATCH = 100


@dataclass(frozen=True, slots=True)
class Timed:
    """Work done by the clock: `run` in its own unit of work every `seconds`, in one process at a time."""

    name: str
    seconds: float
    run: Callable[[Work], Awaitable[None]]


Beside = Callable[[Rows, UUID], Awaitable[Sequence[Mapping[str, Any]]]]
"""What another feature tells on the page of a thing, as far as the reader may see it."""


class Service:
    """One of the five. `app.py` of each service builds it and names its features there and nowhere else."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        prefix: str,
        title: str,
        folder: Path,
        apis: Sequence[Room],
        pages: Sequence[Room],
        reactions: Sequence[Reactions] = (),
        timed: Sequence[Timed] = (),
        readers: Mapping[str, MayRead] | None = None,
        beside: Mapping[str, Beside] | None = None,
        on_start: Sequence[Callable[["Service"], Awaitable[None]]] = (),
    ) -> None:
        self.name = name
        self.settings = settings
        self.prefix = prefix
        self.title = title
        self.pages = Pages(folder)
        self.beside = beside or {}
        """Page of a feature → what a feature above it, which it must not know, adds there."""
        self.reactions = [reaction for group in (access_hears, *reactions) for reaction in group.all]
        self._timed = [*timed, *_HOUSEKEEPING]
        self._on_start = on_start
        self._tasks: list[asyncio.Task[None]] = []
        self.renew()
        self.app = self._application([*apis, document_routes(readers), operations_api()], [*pages, operations_pages()])

    def renew(self) -> None:
        """New connections, none of them open yet. What was closed stays closed, so a stopped service needs them."""
        self.database = Database(self.name, self.settings.database_url(self.name))
        self.identity = Identity(self.settings, self.database)
        self.blobs = BlobStore(self.settings)
        self.documents = Documents(self.name, self.blobs, self.database, self.settings)
        self.bus = Bus(
            self.settings.nats_url,
            token=self.settings.nats_token.get_secret_value(),
            replicas=self.settings.nats_replicas,
            name=f"hechuan-{self.name}",
        )
        self.runner = BusRunner(self.name, self.database, self.bus, self.reactions)

    def _application(self, apis: Sequence[Room], pages: Sequence[Room]) -> FastAPI:
        app = FastAPI(
            title=f"Hechuan {self.title}",
            version="1",
            openapi_url="/api/v1/openapi.json",
            docs_url=None,
            redoc_url=None,
            separate_input_output_schemas=True,
        )
        app.state.service = self
        app.add_middleware(SessionCookies)
        app.add_api_route("/healthz", self._healthz, include_in_schema=False)
        app.add_api_route("/readyz", self._readyz, include_in_schema=False)
        app.add_api_route("/metrics", self._metrics, include_in_schema=False)
        for room in (*apis, *pages):
            room.add_to(app)
        problems.install(app)
        _describe_problems(app)
        self.census = take_census(app)
        return app

    async def start(self) -> None:
        """Open connections, hear and say; the service is ready when this returns."""
        await self.database.open()
        await self.blobs.open()
        await self.bus.open()
        for step in self._on_start:
            await step(self)
        await self.runner.start()
        self._tasks = [asyncio.create_task(self._repeat(timed), name=timed.name) for timed in self._timed]
        self._tasks.append(asyncio.create_task(self._sweep_documents(), name="sweep_documents"))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.runner.stop()
        await self.bus.close()
        await self.blobs.close()
        await self.identity.close()
        await self.database.close()

    async def _repeat(self, timed: Timed) -> None:
        while True:
            try:
                async with self.database.work(system_actor(self.name)) as work:
                    mine = await work.row(
                        "SELECT pg_try_advisory_xact_lock(hashtext(%(name)s)) AS mine", {"name": f"timed:{timed.name}"}
                    )
                    if mine and mine["mine"]:
                        await timed.run(work)
            except Exception:  # whatever it was: a clock that stopped would be missed only when a call does not close
                log.exception("timed_work_failed", service=self.name, timed=timed.name)
            await asyncio.sleep(timed.seconds)

    async def _sweep_documents(self) -> None:
        """Clear away what broken uploads left behind. Not a `Timed`: it must not hold a transaction open meanwhile."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                async with self.database.alone("sweep_documents") as mine:
                    if mine:
                        await sweep(self.documents)
                        await self._check_fixity()
            except Exception:  # as above: what stays behind is swept next time
                log.exception("sweep_failed", service=self.name)

    async def _check_fixity(self) -> None:
        """Re-read the documents that were checked longest ago: are the bytes still those that were accepted?"""
        report = await fixity(self.documents, FIXITY_BATCH)
        if report.changed or report.missing:
            log.error("documents_damaged", service=self.name, changed=report.changed, missing=report.missing)

    # -- watching ---------------------------------------------------------------------------------------------------

    async def _healthz(self) -> Response:
        return PlainTextResponse("ok")

    async def _readyz(self) -> Response:
        """Ready when database, event server and document store answer."""
        parts = {"database": False, "events": self.bus.healthy, "documents": False}
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2), self.database.read(system_actor(self.name)) as read:
                parts["database"] = await read.row("SELECT 1 AS one") is not None
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2):
                parts["documents"] = await self.blobs.healthy()
        return JSONResponse(parts, status_code=200 if all(parts.values()) else 503)

    async def _metrics(self, request: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type="text/plain; version=0.0.4")


def _describe_problems(app: FastAPI) -> None:
    make = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            document = make()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["ProblemDetails"] = problem
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            document["components"]["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "hechuan_session"},
            }
            document["security"] = [{"bearer": []}, {"session": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


async def _forget_idempotency_keys(work: Work) -> None:
    """A key protects a repeat for a day; the clients' retries end long before."""
    await work.execute("DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'")


_HOUSEKEEPING = (
    Timed("forget_idempotency_keys", 3600, _forget_idempotency_keys),
    Timed("forget_old_sessions", 3600, forget_old_sessions),
)
