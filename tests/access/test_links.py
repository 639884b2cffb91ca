"""No dead links: from the menu on, every page somebody can reach leads only to pages that are there for them."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.types import ASGIApp

from infra.host import host
from shared.kernel.ids import new_id
from shared.kernel.settings import SERVICE_NAMES, Settings
from shared.kernel.types import Role, SecurityLabel
from shared.web.navigation import MENU
from tests.access.asking import ask
from tests.access.census import routes
from tests.kit.platform import Someone, running, someone
from tests.kit.specimens import MAKERS, SETTLERS, Ground, grounded
from tests.kit.tokens import headers_for

PERSONAS: dict[str, tuple[Role, ...]] = {
    "visitor": (),
    "administrator": (Role.ADMINISTRATOR,),
    "coordinator": (Role.COORDINATOR,),
    "programme officer": (Role.PROGRAMME_OFFICER,),
    "institute": (Role.APPLICANT, Role.REPRESENTATIVE),
    "reviewer": (Role.REVIEWER,),
    "IP officer": (Role.IP_OFFICER,),
    "facility owner": (Role.FACILITY_OWNER,),
    "finance partner": (Role.FINANCE_PARTNER,),
    "credit officer": (Role.CREDIT_OFFICER,),
    "finance officer": (Role.FINANCE_OFFICER,),
    "legal officer": (Role.LEGAL_OFFICER,),
    "auditor": (Role.AUDITOR,),
}
MOST_OF_A_SHAPE = 3
"""Pages visited that differ only in ids and queries; the hundredth has the links of the first."""
TO_THE_PROVIDER = ("/sign-in", "/sign-out")
Platform = tuple[ASGIApp, dict[str, Someone]]


class Links(HTMLParser):
    """Where a page leads: links, forms that ask, images, styles, scripts."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found += [given[name] for name in ("href", "src") if given.get(name)]
        if tag == "form" and given.get("method", "get").lower() == "get" and given.get("action"):
            self.found.append(given["action"])


@pytest.fixture(scope="module")
async def platform(settings: Settings) -> AsyncIterator[Platform]:
    """All five services as one application, with a specimen of everything; its owner is everybody's organisation."""
    owner = new_id()
    people = {
        name: someone(*granted, organisation_id=owner, clearance=SecurityLabel.INTERNAL)
        for name, granted in PERSONAS.items()
        if granted
    }
    async with AsyncExitStack() as stack:
        services = [await stack.enter_async_context(running(settings, name)) for name in SERVICE_NAMES]
        for service in services:
            await service.clear()
            await service.service.bus.open()
            stack.push_async_callback(service.service.bus.close)
            ground = await stack.enter_async_context(grounded(service, SETTLERS[service.service.name], owner))
            await _furnish(ground)
            for person in people.values():
                await service.know(person)
        yield host([service.service for service in services]), people


async def _furnish(ground: Ground) -> None:
    named = {name for route in routes() for name in route.parameters}
    for name, maker in MAKERS[ground.running.service.name].items():
        if name.split("/")[-1] in named - {"number", "kind"}:
            for use in ("read", "draft"):
                await maker(ground, SecurityLabel.PUBLIC, use, {})


def shape(address: str) -> str:
    """The path with ids taken out."""
    return "/".join("*" if len(part) > 30 or part.isdigit() else part for part in urlsplit(address).path.split("/"))


def service_of(address: str) -> str:
    first = address.split("/")[1]
    return first if first in SERVICE_NAMES else "coordination"


def is_page(address: str) -> bool:
    """Whether some service has a page of this form."""
    service = service_of(address)
    path = urlsplit(address).path.removeprefix(f"/{service}")
    return any(
        re.fullmatch(re.sub(r"{\w+}", "[^/]+", route.path), path)
        for route in routes()
        if route.service == service and route.safe and route.parameters
    )


@pytest.mark.parametrize("persona", PERSONAS)
async def test_every_link_leads_somewhere(platform: Platform, persona: str) -> None:
    app, people = platform
    headers = headers_for(people[persona].subject) if persona in people else {}
    sent = tuple((name.lower().encode(), value.encode()) for name, value in headers.items())
    actor = people[persona].actor if persona in people else None
    waiting = [(item.url, "the menu") for item in MENU if item.shown_to(actor)]
    seen: set[str] = set()
    visited: Counter[str] = Counter()
    dead = []
    while waiting:
        address, source = waiting.pop(0)
        if address in seen or visited[shape(address)] >= MOST_OF_A_SHAPE:
            continue
        seen.add(address)
        visited[shape(address)] += 1
        answer = await ask(app, "GET", address, sent)
        elsewhere = answer.status in (403, 404) and source != "the menu" and service_of(source) != service_of(address)
        # A service cannot know what another lets this person see, and a specimen may name what is not there; but the
        # other service must have such a page.
        if answer.status not in (200, 303) and not (elsewhere and is_page(address)):
            dead.append(f"{address} on {source} answers {answer.status}")
        if answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html"):
            for link in Links(answer.body).found:
                parts = urlsplit(urljoin(f"http://test{address}", link))
                inside = parts.scheme in ("http", "https") and parts.netloc == "test"
                if inside and not parts.path.startswith(TO_THE_PROVIDER):
                    waiting.append((parts.path + (f"?{parts.query}" if parts.query else ""), address))
    assert len(visited) > 3
    assert not dead, "\n".join(dead)
