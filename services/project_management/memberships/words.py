"""What the people of an application are called on screens."""

from services.project_management.teams.rules import Role
from shared.web.i18n import Lazy, lazy

ROLES: dict[Role, Lazy] = {Role.LEADER: lazy("Leads the team"), Role.MEMBER: lazy("Member")}
LABELS: dict[str, Lazy] = {
    "leader": lazy("Leader"),
    "leader_part": lazy("Part of the leader"),
    "leader_months": lazy("Person-months of the leader"),
    "members": lazy("Members"),
}
