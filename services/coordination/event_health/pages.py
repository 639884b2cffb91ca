"""How facts flow between the services, and where programs find the interfaces."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from services.coordination.audit.words import SERVICES
from services.coordination.event_health.rules import DESCRIBE, PREFIXES, WATCH
from services.coordination.event_health.streams import Stream, set_aside, streams
from shared.contracts import EVENTS
from shared.kernel.errors import Unavailable
from shared.kernel.types import Role
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.sentences import said

pages = page_room("events")


@pages.get("/health-of-events", allow=WATCH)
async def health(request: Request, read: ReadDep) -> Response:
    service = service_of(request)
    found: list[Stream] = []
    trouble = ""
    try:
        found = await streams(service.bus)
    except Unavailable as problem:
        trouble = said(problem.detail)
    hearers = [(SERVICES[stream.service], hearer) for stream in found for hearer in stream.hearers]
    return service_of(request).pages.render(
        request,
        "event_health/overview.html",
        streams=[(SERVICES[stream.service], stream) for stream in found],
        hearers=sorted(hearers, key=lambda pair: (-pair[1].pending, -pair[1].redelivered)),
        pending=sum(hearer.pending for _word, hearer in hearers),
        messages=sum(stream.messages for stream in found),
        set_aside=await set_aside(read),
        trouble=trouble,
        own_pages=[(SERVICES[name], f"{prefix}/events") for name, prefix in PREFIXES.items()],
        may_operate=read.actor.has(Role.ADMINISTRATOR),
    )


@pages.get("/api", allow=DESCRIBE)
async def interfaces(request: Request) -> Response:
    settings = service_of(request).settings
    return service_of(request).pages.render(
        request,
        "event_health/interfaces.html",
        documents=[(SERVICES[name], f"{prefix}/api/v1/openapi.json") for name, prefix in PREFIXES.items()],
        events=len(EVENTS),
        issuer=settings.oidc_issuer,
        address=settings.address,
        local=(urlsplit(settings.oidc_issuer).hostname or "") in ("127.0.0.1", "localhost", "::1"),
    )
