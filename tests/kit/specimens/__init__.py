"""Things of every kind, put into a service's database for a given owner and label.

A path parameter names its specimen: `{asset_id}` asks the service's `MAKERS["asset_id"]`. A route with a new parameter
fails the access matrix until a maker is added to the service's file here.
"""

from tests.kit.specimens import catalog, coordination, finance, ip, projects
from tests.kit.specimens.ground import Ground, Maker, Thing, grounded
from tests.kit.specimens.shared import SHARED

MAKERS: dict[str, dict[str, Maker]] = {
    "catalog": {**SHARED, **catalog.MAKERS},
    "coordination": {**SHARED, **coordination.MAKERS},
    "finance": {**SHARED, **finance.MAKERS},
    "ip": {**SHARED, **ip.MAKERS},
    "projects": {**SHARED, **projects.MAKERS},
}
SETTLERS = {
    "catalog": catalog.settle,
    "coordination": coordination.settle,
    "finance": finance.settle,
    "ip": ip.settle,
    "projects": projects.settle,
}
"""What every specimen of a service stands on: its organisations."""

GOVERNED = {("projects", "projects"): "application_id"}
"""(service, last word of the path) → the thing in the body whose owners decide, where it is not the asker's own."""

__all__ = ["GOVERNED", "MAKERS", "SETTLERS", "Ground", "Maker", "Thing", "grounded"]
