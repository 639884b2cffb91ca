"""The resource catalogue: which organisations, people, facilities and results can we build on?"""

from pathlib import Path

from services.resource_catalog.achievements.api import api as achievements_api
from services.resource_catalog.achievements.pages import pages as achievements_pages
from services.resource_catalog.bookings.api import api as bookings_api
from services.resource_catalog.bookings.pages import pages as bookings_pages
from services.resource_catalog.facilities.api import api as facilities_api
from services.resource_catalog.facilities.pages import pages as facilities_pages
from services.resource_catalog.organisations.api import api as organisations_api
from services.resource_catalog.organisations.pages import pages as organisations_pages
from services.resource_catalog.people.api import api as people_api
from services.resource_catalog.people.pages import pages as people_pages
from services.resource_catalog.projects.reactions import hears as projects_hears
from shared.kernel.settings import Settings
from shared.service import Service


def build(settings: Settings) -> Service:
    return Service(
        "catalog",
        settings,
        prefix="/catalog",
        title="resource catalogue",
        folder=Path(__file__).parent,
        apis=[organisations_api, people_api, facilities_api, bookings_api, achievements_api],
        pages=[organisations_pages, people_pages, facilities_pages, bookings_pages, achievements_pages],
        reactions=[projects_hears],
    )
