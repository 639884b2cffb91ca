"""Events between services: one file per producing service. Importing this package knows them all."""

from shared.contracts import catalog, coordination, finance, ip, projects
from shared.contracts.base import EVENTS, Event, ThingRef

__all__ = ["EVENTS", "Event", "ThingRef", "catalog", "coordination", "finance", "ip", "projects"]
