"""The documents routes alone in a process of their own, so that their memory can be measured.

Reads its settings as JSON from standard input (a command line is seen by everybody), prints its port, serves until
it is told to stop.
"""

import contextlib
import json
import sys
from collections.abc import AsyncIterator
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request

from shared.blobs.store import BlobStore
from shared.db.engine import Database
from shared.kernel.actor import Actor, Grant
from shared.kernel.settings import Settings
from shared.kernel.types import Role, SecurityLabel
from shared.web import problems
from shared.web.documents import document_routes

SUBJECT = "bench:documents"


class _Visitor:
    """The measurement's only visitor; sign-in is not what is measured."""

    def __init__(self, organisation_id: UUID) -> None:
        self._actor = Actor(SUBJECT, grants=(Grant(Role.APPLICANT, organisation_id),), clearance=SecurityLabel.INTERNAL)

    async def identify(self, request: Request) -> Actor:
        return self._actor


class _Service:
    def __init__(self, name: str, settings: Settings, organisation_id: UUID) -> None:
        self.name = name
        self.settings = settings
        self.database = Database(name, settings.database_url(name), pool_size=3)
        self.blobs = BlobStore(settings)
        self.identity = _Visitor(organisation_id)


def application(service: _Service) -> FastAPI:
    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await service.database.open()
        await service.blobs.open()
        yield
        await service.blobs.close()
        await service.database.close()

    app = FastAPI(lifespan=life, openapi_url=None)
    app.state.service = service
    document_routes().add_to(app)
    problems.install(app)
    return app


class _Server(uvicorn.Server):
    async def startup(self, sockets: object = None) -> None:
        await super().startup()
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the caller learns it


def main() -> None:
    given = json.loads(sys.stdin.readline())
    service = _Service(given["service"], Settings.model_validate(given["settings"]), UUID(given["organisation_id"]))
    config = uvicorn.Config(application(service), host="127.0.0.1", port=0, log_level="warning", access_log=False)
    _Server(config).run()


if __name__ == "__main__":
    main()
