"""Events between services: one file a producing service, two for project management. Importing this knows them all."""

from shared.contracts import catalog, coordination, finance, ip, project_delivery, projects
from shared.contracts.base import EVENTS, Event, ThingRef

__all__ = ["EVENTS", "Event", "ThingRef", "catalog", "coordination", "finance", "ip", "project_delivery", "projects"]
