"""One to five services as one ASGI application; each one's start and stop is entered here."""

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.migrate import PACKAGES
from shared.kernel.settings import Settings
from shared.service import Service
from shared.web.stack import guarded
from shared.web.static_files import StaticFiles

log = structlog.get_logger(__name__)


def modules(names: Sequence[str]) -> list[ModuleType]:
    return [import_module(f"services.{PACKAGES[name]}.app") for name in names]


def build(settings: Settings, names: Sequence[str]) -> list[Service]:
    """The named services, built and not yet started."""
    return [module.build(settings) for module in modules(names)]


class Prefixes:
    """Leads a request by the first word of its path; what has no place of its own goes to `rest`.

    Not Starlette's `Mount`s in a `Starlette`: those put a second application's error handling and a search around each
    request, which is a tenth of what a small answer costs.
    """

    def __init__(self, apps: Mapping[str, ASGIApp], rest: ASGIApp, life: ASGIApp) -> None:
        self.apps = dict(apps)
        self.rest = rest
        self.life = life

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.life(scope, receive, send)
            return
        prefix = "/" + scope["path"][1:].partition("/")[0]
        app = self.apps.get(prefix)
        if app is None:
            await self.rest(scope, receive, send)
            return
        root = scope.get("root_path", "")
        await app({**scope, "app_root_path": root, "root_path": root + prefix}, receive, send)


class Shelves:
    """Looks for a route among those alone whose address begins with the same word and is as long.

    A router asks its routes one after the other; a service has several hundred, and asking them all was a twelfth of
    what a request costs. What is on no shelf, or has no route there, goes to the whole router.
    """

    def __init__(self, router: APIRouter) -> None:
        self.router = router
        shelves: dict[tuple[str, int], list[BaseRoute]] = defaultdict(list)
        for route in router.routes:
            if isinstance(route, Route) and ":" not in route.path:
                shelves[_shelf(route.path)].append(route)
        odd = {_shelf(route.path)[0] for route in router.routes if isinstance(route, Route) and ":" in route.path}
        self.shelves = {
            key: APIRouter(routes=routes, redirect_slashes=False, default=router.app, max_body_size=None)
            for key, routes in shelves.items()
            if not key[0].startswith("{") and key[0] not in odd
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shelf = None
        if scope["type"] == "http":
            shelf = self.shelves.get(_shelf(scope["path"].removeprefix(scope.get("root_path", ""))))
            scope["router"] = self.router
        await (shelf or self.router).app(scope, receive, send)


def _shelf(path: str) -> tuple[str, int]:
    """The word that tells most of an address, behind `/api/v1` where there is one, and how many words it has."""
    words = path.split("/")
    at = 3 if words[1:2] == ["api"] else 1
    return "".join(words[at : at + 1]), len(words)


def host(services: Sequence[Service]) -> ASGIApp:
    """Each service under its prefix; coordination, at the root, has all other paths."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        started: list[Service] = []
        try:
            for service in sorted(services, key=lambda service: service.prefix == "/"):
                started.append(service)  # before it starts: one that fails halfway has opened connections too
                await service.start()
            # What the start made stays for good: the collector need not look through it again and again.
            gc.collect()
            gc.freeze()
            yield
        finally:
            stopped = await asyncio.gather(*(service.stop() for service in reversed(started)), return_exceptions=True)
            for problem in stopped:
                if isinstance(problem, BaseException):
                    log.error("service_not_stopped", exc_info=problem)

    for router in (service.app.router for service in services):
        if not isinstance(router.middleware_stack, Shelves):
            router.middleware_stack = Shelves(router)
    nothing = Starlette(lifespan=lifespan)
    apps: dict[str, ASGIApp] = {service.prefix: service.app for service in services}
    rest = apps.pop("/", nothing)
    settings = services[0].settings
    issuer = urlsplit(settings.oidc_issuer)
    return guarded(
        Prefixes({"/static": StaticFiles(), **apps}, rest, nothing),
        origins=[settings.address],
        form_targets=[f"{issuer.scheme}://{issuer.netloc}"] if issuer.netloc else [],
    )
