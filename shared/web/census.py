"""Every route of a service with the policy it stands under. A route without one stops the start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from shared.kernel.policy import Policy
from shared.web.edge import EdgeRoute

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"})
"""What needs no policy: it says nothing about anybody."""


@dataclass(frozen=True, slots=True)
class RouteEntry:
    """One route as the census counts it; `policies` holds exactly one in a service that starts."""

    path: str
    methods: frozenset[str]
    policies: tuple[Policy, ...]
    route: Any

    @property
    def open(self) -> bool:
        return self.path in OPEN_PATHS


def entries(app: FastAPI) -> list[RouteEntry]:
    """All routes, those of included routers too; a kind of route that is not known counts as one without a policy."""
    return list(_walk(app.routes, ""))


def _walk(routes: Any, prefix: str) -> Iterator[RouteEntry]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _walk(included.routes, prefix + route.include_context.prefix)
            continue
        path = prefix + str(getattr(route, "path", repr(route)))
        policies = route.policies if isinstance(route, EdgeRoute) else ()
        yield RouteEntry(path, frozenset(getattr(route, "methods", None) or ()), policies, route)


def take_census(app: FastAPI) -> list[RouteEntry]:
    """The routes that stand under a policy.

    Raises RuntimeError naming each that has none, or several.
    """
    found = [entry for entry in entries(app) if not entry.open]
    without = sorted(entry.path for entry in found if len(entry.policies) != 1)
    if without:
        raise RuntimeError(f"routes without exactly one policy: {', '.join(without)}")
    return found
