"""Reads about the budget of an application by lines."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.project_management.applications.queries import application
from services.project_management.applications.rules import State
from services.project_management.cost_plans.rules import WRITE, WRITING
from services.project_management.costs import rules as costs
from services.project_management.costs.queries import Lines, by_organisation, sheets_of, terms_for
from services.project_management.findings import Finding
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


@dataclass(frozen=True, slots=True)
class Part:
    """What one organisation needs, as it is written or was handed in."""

    id: UUID
    name: str
    lines: list[dict[str, str]]
    may_write: bool
    version: int = 0
    saved_by: str | None = None
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole budget: `live` while it is written, else as it was handed in."""

    application: dict[str, Any]
    terms: dict[str, Any]
    parts: list[Part]
    live: bool

    @property
    def findings(self) -> list[Finding]:
        requested = self.application["requested"]
        return costs.findings(
            {"terms": self.terms, "lines": {str(one.id): one.lines for one in self.parts}},
            [{"id": str(one.id), "name": one.name} for one in self.parts],
            {"amount": str(requested["amount"]), "currency": requested["currency"]},
        )

    def part(self, organisation_id: UUID) -> Part:
        """Raises NotFound."""
        found = next((one for one in self.parts if one.id == organisation_id), None)
        if found is None:
            raise NotFound(N_("This organisation takes no part in the application any more."))
        return found


async def plan(rows: Rows, application_id: UUID) -> Plan:
    """The budget of an application that the actor may see. Raises NotFound, also where its call asks for none."""
    found = await application(rows, application_id)
    terms = await terms_for(rows, application_id)
    if not costs.asked(terms):
        raise NotFound(N_("This call asks for no budget by lines."))
    inside = [one for one in found["partners"] if not one["left_at"] and not one["departure_id"]]
    members = {found["lead_id"], *(one["id"] for one in inside)}
    live = State(found["state"]) in WRITING and WRITE.allows(rows.actor, owners=members)
    if not live:
        kept = await rows.row(
            "SELECT content FROM application_versions WHERE application_id = %(id)s ORDER BY number DESC LIMIT 1",
            {"id": application_id},
        )
        budget = json.loads(kept["content"]).get("budget", []) if kept else []
        return Plan(found, terms, _handed_in(by_organisation(budget), budget), live=False)
    sheets = {row["section"]: row for row in await sheets_of(rows, application_id)}
    parts = []
    for id, name in [(found["lead_id"], found["lead_name"]), *((one["id"], one["name"]) for one in inside)]:
        sheet = sheets.get(str(id))
        may = WRITE.allows(rows.actor, owners={found["lead_id"], id})
        if sheet:
            lines = sheet["answers"]["lines"]
            parts.append(Part(id, name, lines, may, sheet["version"], sheet["saved_by"], sheet["saved_at"]))
        else:
            parts.append(Part(id, name, [], may))
    return Plan(found, terms, parts, live=True)


def _handed_in(lines: Lines, budget: list[dict[str, Any]]) -> list[Part]:
    names = {one["organisation"]["id"]: one["organisation"]["name"] for one in budget}
    return [Part(UUID(id), names[id], of, may_write=False) for id, of in lines.items()]
