"""Events between services: one file a producing service, nine for project management. Importing this knows all."""

from shared.contracts import (
    catalog,
    coordination,
    finance,
    ip,
    project_awards,
    project_calendars,
    project_delivery,
    project_duplicates,
    project_earlier,
    project_reports,
    project_requirements,
    project_risks,
    projects,
)
from shared.contracts.base import EVENTS, Event, ThingRef

__all__ = [
    "EVENTS",
    "Event",
    "ThingRef",
    "catalog",
    "coordination",
    "finance",
    "ip",
    "project_awards",
    "project_calendars",
    "project_delivery",
    "project_duplicates",
    "project_earlier",
    "project_reports",
    "project_requirements",
    "project_risks",
    "projects",
]
