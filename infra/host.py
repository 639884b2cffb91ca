"""One to five services as one ASGI application; each one's start and stop is entered here."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from infra.migrate import PACKAGES
from shared.identity.sessions import SessionCookies
from shared.kernel.settings import Settings
from shared.service import Service
from shared.web.stack import guarded
from shared.web.static_files import StaticFiles


def modules(names: Sequence[str]) -> list[ModuleType]:
    return [import_module(f"services.{PACKAGES[name]}.app") for name in names]


def build(settings: Settings, names: Sequence[str]) -> list[Service]:
    """The named services, built and not yet started."""
    return [module.build(settings) for module in modules(names)]


def host(services: Sequence[Service]) -> ASGIApp:
    """Mount each under its prefix. Coordination, at the root, comes last, or it would swallow the others' paths."""
    ordered = sorted(services, key=lambda service: service.prefix == "/")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        started: list[Service] = []
        try:
            for service in ordered:
                await service.start()
                started.append(service)
            yield
        finally:
            await asyncio.gather(*(service.stop() for service in reversed(started)), return_exceptions=False)

    routes: list[BaseRoute] = [Mount("/static", StaticFiles())]
    routes += [Mount(service.prefix.rstrip("/"), service.app, name=service.name) for service in ordered]
    settings = ordered[0].settings
    issuer = urlsplit(settings.oidc_issuer)
    return guarded(
        SessionCookies(Starlette(routes=routes, lifespan=lifespan)),
        origins=[settings.address],
        form_targets=[f"{issuer.scheme}://{issuer.netloc}"] if issuer.netloc else [],
    )
