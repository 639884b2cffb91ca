"""The five OpenAPI documents hold: no 5xx, no undocumented status or content type, no answer unlike its schema.

Schemathesis makes the requests, good and bad, from the documents; a person with all roles sends them to the real
service. Half of them name things that exist, and the first of each operation is the schema's own example.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp

from shared.kernel.settings import Settings
from shared.kernel.types import Role, SecurityLabel
from tests.access.asking import Answer, ask
from tests.access.census import applications, example, routes
from tests.kit.platform import running, someone
from tests.kit.specimens import MAKERS, SETTLERS, Ground, grounded
from tests.kit.tokens import headers_for

# The service runs in a thread beside Hypothesis and draws random numbers while Hypothesis watches the generator.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module inside strategies:hypothesis.errors.HypothesisDeprecationWarning"
)
EXAMPLES = 4
"""Requests made for each operation and kind (good, bad)."""
HOST = "testserver"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def operations() -> Iterator[Any]:
    for service, app in applications().items():
        schema = schemathesis.openapi.from_dict(app.openapi())
        for found in schema.get_all_operations():
            operation: Any = cast(Any, found).ok()
            yield pytest.param(service, operation, id=f"{service} {operation.label}")


class Open:
    """A running service, somebody with every role, and the ids of some things."""

    app: ASGIApp
    portal: BlockingPortal

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings, self.name = settings, name
        self.ids: dict[str, list[str]] = {}
        self.asked = count()
        self.headers: dict[str, str] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with running(self.settings, self.name) as service:
            await service.clear()
            await service.service.bus.open()
            async with grounded(service, SETTLERS[self.name]) as ground:
                person = someone(*Role, organisation_id=ground.owner, clearance=SecurityLabel.CONFIDENTIAL)
                await service.know(person)
                self.headers = headers_for(person.subject)
                await self._furnish(ground)
                self.app = service.service.app
                yield
            await service.service.bus.close()

    async def _furnish(self, ground: Ground) -> None:
        """For each parameter and use, one thing of the person's own organisation and one of another."""
        mine = [route for route in routes() if route.service == self.name]
        uses = {
            name: {route.use for route in mine if name.split("/")[-1] in route.parameters} for name in MAKERS[self.name]
        }
        for owner in (ground.owner, ground.foreign):
            ground.owner, before = owner, ground.owner
            for name, maker in MAKERS[self.name].items():
                if name in ("number", "kind"):
                    continue
                for use in sorted({"read", *uses[name]}):
                    thing = await maker(ground, SecurityLabel.INTERNAL, use, {})
                    self.ids.setdefault(f"{name} {use}", []).append(str(thing.id))
            ground.owner = before
        self.ids["number read"], self.ids["kind read"] = ["1"], ["call"]

    def known(self, name: str, use: str, nth: int) -> str | None:
        ids = self.ids.get(f"{name} {use}") or self.ids.get(f"{name} read")
        return ids[nth % len(ids)] if ids else None

    def settle(self, case: Any, nth: int) -> None:
        """Let the request name things that exist."""
        path = case.path
        last = path.rsplit("/", 1)[1]
        part = "read" if last.startswith("{") or "{" not in path else f"read {last}"
        use = part if case.method == "GET" else case.method.lower() if last.startswith("{") else last
        for name in case.path_parameters or {}:
            special = f"{path.split('{' + name)[0].rstrip('/').rsplit('/', 1)[-1]}/{name}"
            found = self.known(special, use, nth) or self.known(name, use, nth)
            case.path_parameters[name] = found or case.path_parameters[name]
        if isinstance(case.body, dict):
            self._name_things(case.body, use, nth)

    def _name_things(self, body: dict[str, Any], use: str, nth: int) -> None:
        for name, value in body.items():
            if name.endswith("_id") and isinstance(value, str):
                body[name] = self.known(name, use, nth) or value
            elif name.endswith("_ids") and isinstance(value, list):
                body[name] = [self.known(name[:-1], use, nth + n) or one for n, one in enumerate(value)]
            elif isinstance(value, list):
                for entry in value:
                    if isinstance(entry, dict):
                        self._name_things(entry, use, nth)


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Open]:
    """The service in an event loop of its own thread: Hypothesis runs its examples without one."""
    service = Open(settings, request.param)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(service.opened()):
        service.portal = portal
        yield service


def conforms(service: Open, case: Any) -> None:
    """Send the request, hold the answer against the document."""
    wanted = case.as_transport_kwargs(base_url=f"http://{HOST}")
    wanted["headers"] = {**wanted.get("headers", {}), **service.headers}
    known = {name: wanted[name] for name in ("method", "url", "headers", "params", "cookies", "data", "json", "files")
             if wanted.get(name) is not None}  # fmt: skip
    request = requests.Request(**known).prepare()
    body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")  # type: ignore[arg-type]
    headers = tuple((name.lower().encode("latin-1"), _octets(value)) for name, value in request.headers.items())
    path = str(request.url).removeprefix(f"http://{HOST}")

    async def go() -> Answer:
        return await ask(service.app, str(request.method), path, headers, body)

    got = service.portal.call(go)
    answer = httpx.Response(
        got.status, headers=got.headers, content=got.body, request=httpx.Request(str(request.method), str(request.url))
    )
    answer.elapsed = timedelta()
    case.validate_response(answer, checks=CHECKS)


def _octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1", "replace")


@pytest.mark.parametrize(("opened", "operation"), list(operations()), indirect=["opened"], scope="module")
def test_the_answers_are_those_the_document_promises(opened: Open, operation: Any) -> None:
    _example(opened, operation)
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        strategy = operation.as_strategy(generation_mode=mode)

        @given(case=strategy)
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: Any) -> None:
            nth = next(opened.asked)
            if nth % 2:
                opened.settle(case, nth // 2)
            conforms(opened, case)

        holds()


def _example(service: Open, operation: Any) -> None:
    """The documented example, about something that is there."""
    route = next(
        route
        for route in routes()
        if route.service == service.name and route.path == operation.path and route.method == operation.method.upper()
    )
    if route.takes_file or route.required_queries:
        return
    given_ids = {name: service.known(name, route.use, 0) or "1" for name in route.parameters}
    parts: dict[str, Any] = {"path_parameters": given_ids, "headers": {"If-Match": "*"}}
    if route.model:
        parts |= {"body": example(route.model), "media_type": "application/json"}
    case = operation.Case(**parts)
    service.settle(case, 0)
    conforms(service, case)
