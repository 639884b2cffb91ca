"""Reads about the people of an application, for its organisations and for who is named."""

from typing import Any
from uuid import UUID

from services.project_management.applications.queries import application
from services.project_management.memberships.rules import ANSWER, NAME
from services.project_management.teams import queries as teams
from services.project_management.teams.rules import ACCOUNT, Known
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import S_
from shared.kernel.types import SecurityLabel


async def people(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The application with its people, also those who left; addresses for its lead alone. Raises NotFound."""
    found = await application(rows, application_id)
    leads = NAME.allows(rows.actor, owners={found["lead_id"]})
    named = await teams.team(rows, application_id, left=leads)
    for one in named:
        one["key"] = str(one["person_id"]) if one["person_id"] else (one["subject"] and ACCOUNT + one["subject"]) or ""
        one["contact"] = (one["orcid"] or one["email"]) if leads else ""
    writing = leads and found["state"] == "draft"
    return {
        "application": found,
        "people": named,
        "leads": leads,
        "choices": await _known(rows, found) if writing else [],
    }


async def _known(rows: Rows, found: dict[str, Any]) -> list[Known]:
    return await teams.choices(rows, [found["lead_id"], *(partner["id"] for partner in found["partners"])])


async def part(rows: Rows, member_id: UUID) -> dict[str, Any]:
    """One of the actor's own. Raises NotFound."""
    row = await teams.membership(rows, member_id)
    if row is None:
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="member"))
    ANSWER.require(rows.actor, person=row["subject"], label=SecurityLabel(row["label"]), thing="member")
    return row
