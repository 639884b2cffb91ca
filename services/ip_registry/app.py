"""The IP registry: what was invented, who owns it, and what is due when?"""

from pathlib import Path

from services.ip_registry.assets.api import api as assets_api
from services.ip_registry.assets.pages import pages as assets_pages
from services.ip_registry.assets.queries import assets_from
from services.ip_registry.disclosures.api import api as disclosures_api
from services.ip_registry.disclosures.pages import pages as disclosures_pages
from services.ip_registry.docket.actions import miss_overdue
from services.ip_registry.docket.api import api as docket_api
from services.ip_registry.docket.pages import pages as docket_pages
from services.ip_registry.docket.reactions import hears as docket_hears
from services.ip_registry.organisations.model import Organisation
from services.ip_registry.organisations.reactions import hears as organisations_hears
from services.ip_registry.patents.api import api as patents_api
from services.ip_registry.patents.model import Patent
from services.ip_registry.patents.pages import pages as patents_pages
from services.ip_registry.projects.model import Project
from services.ip_registry.projects.reactions import hears as projects_hears
from shared.kernel.settings import Settings
from shared.service import Service, Timed

TABLES = (Organisation, Patent, Project)
"""Named here because nothing else imports them: their rows are written by SQL."""


def build(settings: Settings) -> Service:
    return Service(
        "ip",
        settings,
        prefix="/ip",
        title="IP registry",
        folder=Path(__file__).parent,
        apis=[disclosures_api, assets_api, docket_api, patents_api],
        pages=[disclosures_pages, assets_pages, docket_pages, patents_pages],
        reactions=[organisations_hears, projects_hears, docket_hears],
        beside={"disclosure": assets_from},
        timed=[Timed("miss_overdue_deadlines", 60, miss_overdue)],
    )
