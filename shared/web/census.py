"""Every route of a service with the policy it stands under. A route without one stops the start."""

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
    """All routes; a kind that is not known, such as an included router, counts as one without a policy."""
    return [
        RouteEntry(
            str(getattr(route, "path", repr(route))),
            frozenset(getattr(route, "methods", None) or ()),
            route.policies if isinstance(route, EdgeRoute) else (),
            route,
        )
        for route in app.routes
    ]


def take_census(app: FastAPI) -> list[RouteEntry]:
    """The routes that stand under a policy.

    Raises RuntimeError naming each that has none, or several.
    """
    found = [entry for entry in entries(app) if not entry.open]
    without = sorted(entry.path for entry in found if len(entry.policies) != 1)
    if without:
        raise RuntimeError(f"routes without exactly one policy: {', '.join(without)}")
    return found
