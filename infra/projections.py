"""What each service keeps of the others, and the truth it must equal: `hechuan verify` compares the two.

Here and not in the services, for a service knows nothing of another's tables; only who runs all five may look at both.
"""

from dataclasses import dataclass

from services.coordination.chain.rules import LEFT_OUT
from shared.kernel.settings import SERVICE_NAMES


@dataclass(frozen=True, slots=True)
class Projection:
    """A table filled from another service's facts.

    Both queries return the same columns, the first of which is the key. They see settled facts only.
    """

    name: str
    of: str
    """The service whose tables hold the truth."""
    own: str
    source: str


def _same(name: str, of: str, columns: str, where: str = "") -> Projection:
    """Tables and columns that have one name on both sides; `where` narrows the source to what was said."""
    select = f"SELECT {columns} FROM {name}"  # noqa: S608 -- constants only
    return Projection(name, of, select, f"{select} WHERE {where}" if where else select)


_LEFT_OUT = ", ".join(f"'{kind}'" for kind in LEFT_OUT)


def _kept_of(service: str) -> tuple[Projection, ...]:
    """What coordination keeps of every service: each of its facts, each of its things, each task."""
    published = "FROM outbox WHERE published_at IS NOT NULL"
    said = f"SELECT event_id, type, version, actor {published}"
    newest = f"SELECT subject AS id, max(version) AS version {published}"
    return (
        Projection(
            f"audit of {service}",
            service,
            f"SELECT event_id, type, version, actor FROM audit_entries WHERE service = '{service}'",  # noqa: S608
            said,
        ),
        Projection(
            f"things of {service}",
            service,
            f"SELECT id, version FROM chain_things WHERE service = '{service}'",  # noqa: S608
            f"{newest} AND split_part(type, '.', 3) NOT IN ({_LEFT_OUT}) GROUP BY subject",
        ),
        Projection(
            f"tasks of {service}",
            service,
            f"SELECT id, version FROM tasks WHERE service = '{service}'",  # noqa: S608
            f"{newest} AND split_part(type, '.', 3) = 'task' GROUP BY subject",
        ),
    )


_STARTED = "state IN ('running', 'completed')"
_PROJECTIONS: dict[str, tuple[Projection, ...]] = {
    "projects": (
        _same("organisations", "catalog", "id, name, kind, sector, region, state, admitted_until"),
        Projection(
            "people",
            "catalog",
            """SELECT p.id, p.name, p.name_zh, p.subject, p.orcid, p.fields, p.expert, p.review_cap,
                      (SELECT a.organisation_id FROM affiliations a WHERE a.person_id = p.id
                       ORDER BY a.version DESC LIMIT 1) AS organisation_id
               FROM people p""",
            """SELECT id, name, name_zh, subject, orcid, fields_of_work AS fields, expert, review_cap, organisation_id
               FROM people""",
        ),
        Projection(
            "outputs: assets",
            "ip",
            "SELECT id, project_id, title, what FROM project_outputs WHERE kind = 'asset'",
            "SELECT id, project_id, title, kind FROM assets WHERE project_id IS NOT NULL",
        ),
        Projection(
            "outputs: achievements",
            "catalog",
            "SELECT id, project_id, title, what FROM project_outputs WHERE kind = 'achievement'",
            "SELECT id, project_id, title, kind FROM achievements WHERE project_id IS NOT NULL AND state = 'released'",
        ),
    ),
    "ip": (
        _same("organisations", "catalog", "id, name, state"),
        _same("projects", "projects", "id, title, state", _STARTED),
    ),
    "catalog": (_same("projects", "projects", "id, title, state, label, lead_name", _STARTED),),
    "finance": (
        _same("organisations", "catalog", "id, name, state, kind, sector, region"),
        _same("projects", "projects", "id, title, state", _STARTED),
        Projection(
            "paid_tranches",
            "projects",
            "SELECT milestone_id, project_id, number, amount FROM paid_tranches",
            "SELECT id, project_id, number, tranche_amount FROM milestones WHERE state = 'accepted'",
        ),
        _same("assets", "ip", "id, title, kind"),
    ),
    "coordination": tuple(one for service in SERVICE_NAMES for one in _kept_of(service)),
}
_ACCESS = (
    Projection(
        "access_grants",
        "coordination",
        "SELECT id, subject, role, organisation_id FROM access_grants WHERE revoked_at IS NULL",
        """SELECT g.id, a.subject, g.role, g.organisation_id
           FROM role_grants g JOIN accounts a ON a.id = g.account_id WHERE g.revoked_at IS NULL""",
    ),
    Projection(
        "access_accounts",
        "coordination",
        "SELECT subject, clearance FROM access_accounts",
        "SELECT subject, clearance FROM accounts",
    ),
)


def projections(service: str) -> tuple[Projection, ...]:
    """Of one of the five; who may do what is kept by each of them."""
    return (*_PROJECTIONS[service], *_ACCESS)
