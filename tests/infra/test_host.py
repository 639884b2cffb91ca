"""The shelves of the host lead every address to the route that the whole router would have found."""

import re

import httpx
import pytest
from starlette.routing import Match, Route

from infra.host import Shelves, _shelf, build, host
from shared.kernel.settings import SERVICE_NAMES, Settings
from shared.service import Service


@pytest.fixture(scope="module")
def services(settings: Settings) -> list[Service]:
    return build(settings, SERVICE_NAMES)


def _found(routes: list[Route], path: str, method: str) -> Route | None:
    scope = {"type": "http", "path": path, "method": method, "root_path": ""}
    return next((route for route in routes if route.matches(scope)[0] is Match.FULL), None)


def test_every_address_leads_to_the_same_route(services: list[Service]) -> None:
    shelved = 0
    for service in services:
        shelves = Shelves(service.app.router).shelves
        routes = [route for route in service.app.router.routes if isinstance(route, Route)]
        for route in routes:
            for filled in ("00000000-0000-7000-8000-000000000000", "new", "7"):
                path = re.sub(r"\{[^}]*\}", filled, route.path)
                shelf = shelves.get(_shelf(path))
                for method in route.methods or ():
                    whole = _found(routes, path, method)
                    shelved += shelf is not None
                    assert shelf is None or _found(shelf.routes, path, method) is whole, (service.name, method, path)  # type: ignore[arg-type]
    assert shelved > 1000


async def test_what_is_on_no_shelf_is_answered_as_ever(services: list[Service]) -> None:
    transport = httpx.ASGITransport(host(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        nowhere = await http.get("/projects/api/v1/calls/1/2/3/4")
        slash = await http.get("/projects/calls/")
        bare = [(await http.get(prefix)).status_code for prefix in ("/projects", "/ip", "/catalog", "/finance")]
        method = await http.patch("/projects/api/v1/calls", headers={"Origin": "http://test"})
    assert all(status < 500 for status in bare), bare
    assert (nowhere.status_code, slash.status_code, method.status_code) == (404, 307, 405)
    assert slash.headers["location"].endswith("/projects/calls")
