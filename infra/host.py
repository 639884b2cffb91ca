"""One to five services as one ASGI application; each one's start and stop is entered here."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
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
