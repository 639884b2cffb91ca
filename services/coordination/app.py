"""Coordination, the front door: who may come in, what must I do today, and is the whole region working?"""

from pathlib import Path

from services.coordination.access.actions import ensure_administrators
from services.coordination.access.api import api as access_api
from services.coordination.access.pages import pages as access_pages
from services.coordination.access.reactions import hears as access_hears
from services.coordination.addresses.api import api as addresses_api
from services.coordination.addresses.pages import pages as addresses_pages
from services.coordination.audit.api import api as audit_api
from services.coordination.audit.model import AuditEntry, AuditHead
from services.coordination.audit.pages import pages as audit_pages
from services.coordination.audit.reactions import hears as audit_hears
from services.coordination.chain.api import api as chain_api
from services.coordination.chain.model import ChainLink, ChainThing
from services.coordination.chain.pages import pages as chain_pages
from services.coordination.chain.reactions import hears as chain_hears
from services.coordination.event_health.api import api as event_health_api
from services.coordination.event_health.pages import pages as event_health_pages
from services.coordination.home.model import Visit
from services.coordination.home.pages import pages as home_pages
from services.coordination.search.api import api as search_api
from services.coordination.search.pages import pages as search_pages
from services.coordination.sign_in.pages import pages as sign_in_pages
from services.coordination.worklist.api import api as worklist_api
from services.coordination.worklist.model import Task
from services.coordination.worklist.pages import pages as worklist_pages
from services.coordination.worklist.reactions import hears as worklist_hears
from shared.kernel.actor import system_actor
from shared.kernel.settings import Settings
from shared.service import Service

TABLES = (AuditEntry, AuditHead, ChainLink, ChainThing, Task, Visit)
"""Named here because nothing else imports them: their rows are written by SQL."""


async def _first_administrators(service: Service) -> None:
    async with service.database.work(system_actor(service.name)) as work:
        await ensure_administrators(work, service.settings.administrators)


def build(settings: Settings) -> Service:
    return Service(
        "coordination",
        settings,
        prefix="/",
        title="coordination",
        folder=Path(__file__).parent,
        apis=[access_api, addresses_api, worklist_api, audit_api, chain_api, search_api, event_health_api],
        pages=[
            sign_in_pages,
            home_pages,
            worklist_pages,
            chain_pages,
            search_pages,
            addresses_pages,
            access_pages,
            audit_pages,
            event_health_pages,
        ],
        reactions=[access_hears, worklist_hears, audit_hears, chain_hears],
        on_start=[_first_administrators],
    )
