"""Things of every kind, put into a service's database for a given owner and label.

A path parameter names its specimen: `{asset_id}` asks the service's `MAKERS["asset_id"]`. A route with a new parameter
fails the access matrix until a maker is added to the service's file here.
"""

from shared.kernel.types import SecurityLabel
from tests.kit.specimens import catalog, coordination, delivery, ends, finance, ip, named, papers, projects
from tests.kit.specimens.ground import Ground, Maker, Thing, grounded
from tests.kit.specimens.shared import SHARED

MAKERS: dict[str, dict[str, Maker]] = {
    "catalog": {**SHARED, **catalog.MAKERS},
    "coordination": {**SHARED, **coordination.MAKERS},
    "finance": {**SHARED, **finance.MAKERS},
    "ip": {**SHARED, **ip.MAKERS},
    "projects": {**SHARED, **projects.MAKERS, **delivery.MAKERS, **ends.MAKERS, **named.MAKERS, **papers.MAKERS},
}
SETTLERS = {
    "catalog": catalog.settle,
    "coordination": coordination.settle,
    "finance": finance.settle,
    "ip": ip.settle,
    "projects": projects.settle,
}
"""What every specimen of a service stands on: its organisations."""

GOVERNED = {
    ("projects", "projects"): "application_id",
    ("projects", "checks"): "application_ids",
    ("finance", "prefill"): "project_id",
}
"""(service, last word of the path) → the thing in body or query whose owners decide: it is not the asker's own."""

FLOORS = {("projects", "calls"): SecurityLabel.INTERNAL}
"""(service, last word of the path) → the lowest label of what is made there: a draft of a public call is internal."""


def maker_for(service: str, name: str, path: str = "") -> Maker | None:
    """The maker for a parameter; `MAKERS["earlier-projects/project_id"]` goes before `MAKERS["project_id"]`."""
    parts = path.split("/")
    place = parts.index(f"{{{name}}}") if f"{{{name}}}" in parts else 0
    special = f"{parts[place - 1]}/{name}" if place else name
    return MAKERS[service].get(special) or MAKERS[service].get(name)


__all__ = ["FLOORS", "GOVERNED", "MAKERS", "SETTLERS", "Ground", "Maker", "Thing", "grounded", "maker_for"]
