"""Technology-finance matching: who can fund this, on what terms, and why them?"""

from pathlib import Path

from services.finance_matching.assets.reactions import hears as assets_hears
from services.finance_matching.matching.api import api as matching_api
from services.finance_matching.matching.pages import pages as matching_pages
from services.finance_matching.matching.reactions import hears as matching_hears
from services.finance_matching.needs.api import api as needs_api
from services.finance_matching.needs.pages import pages as needs_pages
from services.finance_matching.organisations.reactions import hears as organisations_hears
from services.finance_matching.products.actions import withdraw_expired
from services.finance_matching.products.api import api as products_api
from services.finance_matching.products.pages import pages as products_pages
from services.finance_matching.projects.reactions import hears as projects_hears
from shared.kernel.settings import Settings
from shared.service import Service, Timed


def build(settings: Settings) -> Service:
    return Service(
        "finance",
        settings,
        prefix="/finance",
        title="technology-finance matching",
        folder=Path(__file__).parent,
        apis=[products_api, matching_api, needs_api],
        pages=[products_pages, matching_pages, needs_pages],
        reactions=[organisations_hears, projects_hears, assets_hears, matching_hears],
        timed=[Timed("withdraw_expired_products", 60, withdraw_expired)],
    )
