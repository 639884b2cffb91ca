"""The menu of the whole platform. A static list, because the services may run in different processes."""

from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.actor import Actor
from shared.kernel.types import Role
from shared.web.i18n import Lazy, lazy

SEARCH_URL = "/search"
"""Where the search box of the top bar leads, with `?q=`."""
ACTING_URL = "/acting-for"
"""Where the choice of the organisation to act for is posted, as `organisation` and `next`."""


class Group(StrEnum):
    """The groups of the menu, in the order work flows."""

    WORK = "work"
    PROJECTS = "projects"
    IP = "ip"
    CATALOG = "catalog"
    FINANCE = "finance"
    COORDINATION = "coordination"


GROUPS: dict[Group, Lazy] = {
    Group.WORK: lazy("Work"),
    Group.PROJECTS: lazy("Projects"),
    Group.IP: lazy("Intellectual property"),
    Group.CATALOG: lazy("Catalogue"),
    Group.FINANCE: lazy("Finance"),
    Group.COORDINATION: lazy("Coordination"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: shown to holders of one of the roles; to everyone signed in when `roles` is None."""

    group: Group
    label: Lazy
    url: str
    icon: str
    roles: frozenset[Role] | None = None
    public: bool = False

    def shown_to(self, actor: Actor | None) -> bool:
        if self.public:
            return True
        if actor is None or not actor.subject:
            return False
        return self.roles is None or actor.has(*self.roles)


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles) | {Role.AUDITOR}


OFFICERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR)
APPLICANTS = (Role.APPLICANT, Role.REPRESENTATIVE)
SIGNERS = (Role.REPRESENTATIVE, Role.LEGAL_OFFICER)

MENU: tuple[NavItem, ...] = (
    NavItem(Group.WORK, lazy("Home"), "/", "home", public=True),
    NavItem(Group.PROJECTS, lazy("Dashboard"), "/projects/dashboard", "chart-bar", _only(*OFFICERS)),
    NavItem(
        Group.PROJECTS,
        lazy("Requirements"),
        "/projects/requirements",
        "target",
        frozenset(Role) - {Role.ADMINISTRATOR},
    ),
    NavItem(Group.PROJECTS, lazy("Calls"), "/projects/calls", "speakerphone", public=True),
    NavItem(
        Group.PROJECTS,
        lazy("Applications"),
        "/projects/applications",
        "file-text",
        _only(*APPLICANTS, *OFFICERS),
    ),
    NavItem(Group.PROJECTS, lazy("Reviews"), "/projects/reviews", "clipboard-check", _only(Role.REVIEWER, *OFFICERS)),
    NavItem(Group.PROJECTS, lazy("Awards"), "/projects/awards", "trophy", _only(*APPLICANTS, *OFFICERS)),
    NavItem(
        Group.PROJECTS,
        lazy("Running projects"),
        "/projects/projects",
        "folder",
        _only(*APPLICANTS, *OFFICERS, Role.FINANCE_OFFICER, Role.LEGAL_OFFICER),
    ),
    NavItem(Group.PROJECTS, lazy("Agreements"), "/projects/agreements", "writing", _only(*SIGNERS)),
    NavItem(
        Group.PROJECTS,
        lazy("Claims and tranches"),
        "/projects/money",
        "coins",
        _only(Role.FINANCE_OFFICER, Role.PROGRAMME_OFFICER),
    ),
    NavItem(
        Group.PROJECTS,
        lazy("Rewards and punishments"),
        "/projects/standing",
        "scale",
        _only(*APPLICANTS, *OFFICERS),
    ),
    NavItem(Group.PROJECTS, lazy("Earlier projects"), "/projects/earlier-projects", "archive"),
    NavItem(Group.IP, lazy("Disclosures"), "/ip/disclosures", "bulb", _only(*APPLICANTS, Role.IP_OFFICER)),
    NavItem(Group.IP, lazy("Assets"), "/ip/assets", "certificate", _only(*APPLICANTS, Role.IP_OFFICER)),
    NavItem(Group.IP, lazy("Patent records"), "/ip/patents", "book"),
    NavItem(Group.CATALOG, lazy("Organisations"), "/catalog/organisations", "building-community"),
    NavItem(Group.CATALOG, lazy("People"), "/catalog/people", "users"),
    NavItem(Group.CATALOG, lazy("Facilities"), "/catalog/facilities", "microscope"),
    NavItem(Group.CATALOG, lazy("Bookings"), "/catalog/bookings", "calendar-event"),
    NavItem(Group.CATALOG, lazy("Achievements"), "/catalog/achievements", "rocket", public=True),
    NavItem(Group.FINANCE, lazy("Products"), "/finance/products", "coins"),
    NavItem(Group.FINANCE, lazy("Financing needs"), "/finance/needs", "target", _only(*APPLICANTS)),
    NavItem(
        Group.FINANCE,
        lazy("Matches"),
        "/finance/matches",
        "arrows-exchange",
        _only(*APPLICANTS, Role.FINANCE_PARTNER),
    ),
    NavItem(
        Group.COORDINATION,
        lazy("People and roles"),
        "/access",
        "key",
        frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.REPRESENTATIVE, Role.AUDITOR}),
    ),
    NavItem(Group.COORDINATION, lazy("Causal chains"), "/chain", "route"),
    NavItem(Group.COORDINATION, lazy("Audit"), "/audit", "history", _only(Role.ADMINISTRATOR, Role.COORDINATOR)),
    NavItem(
        Group.COORDINATION,
        lazy("System health"),
        "/health-of-events",
        "activity",
        _only(Role.ADMINISTRATOR, Role.COORDINATOR),
    ),
)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry as drawn: `here` when the page shown is it or stands below it."""

    item: NavItem
    here: bool


def menu(actor: Actor | None, path: str) -> list[tuple[Group, Lazy, list[MenuEntry]]]:
    """Groups with the entries this actor may see; empty groups are left out."""
    shown = [item for item in MENU if item.shown_to(actor)]
    inside = [item for item in shown if path == item.url or (item.url != "/" and path.startswith(item.url + "/"))]
    current = max(inside, key=lambda item: len(item.url), default=None)
    drawn = []
    for group, label in GROUPS.items():
        entries = [MenuEntry(item, item is current) for item in shown if item.group is group]
        if entries:
            drawn.append((group, label, entries))
    return drawn
