"""The budget that an application was funded with, as the lines of its project: who took the part of a partner that left
spends its lines, and where less was granted than asked for, each line gives its share."""

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.project_management.budgets.schemas import BudgetLineFields
from services.project_management.costs.rules import Category
from shared.db.work import Rows
from shared.kernel.types import Money, largest_remainder

Line = tuple[UUID, str, int, Decimal]
"""Organisation, category, year of the project, amount."""


async def approved_lines(rows: Rows, application_id: UUID, award: Decimal) -> list[Line]:
    """What each organisation may spend by category and year of the project; none where its call asked for no budget."""
    row = await rows.row(
        """SELECT a.lead_id, v.content FROM applications a
           JOIN application_versions v ON v.application_id = a.id AND v.number = a.submitted_version
           WHERE a.id = %(id)s""",
        {"id": application_id},
    )
    kept: list[dict[str, Any]] = json.loads(row["content"]).get("budget", []) if row else []
    if not row or not kept:
        return []
    heirs = await _heirs(rows, application_id, row["lead_id"])
    asked: dict[tuple[UUID, str, int], Decimal] = {}
    for line in kept:
        id = UUID(line["organisation"]["id"])
        key = (heirs.get(id, id), line["category"], int(line["year"]))
        asked[key] = asked.get(key, Decimal(0)) + Decimal(line["requested"])
    wanted = {key: amount for key, amount in asked.items() if amount > 0}
    total = sum(wanted.values(), Decimal(0))
    if not total:
        return []
    granted = largest_remainder(award, [Fraction(amount) / Fraction(total) for amount in wanted.values()], 2)
    return [(*key, amount) for key, amount in zip(wanted, granted, strict=True) if amount > 0]


def in_years(lines: Sequence[Line], first: int, last: int, currency: str) -> list[BudgetLineFields]:
    """The lines in the calendar years of a project; what lies beyond its last year is spent in that one."""
    found: dict[tuple[UUID, str, int], Decimal] = {}
    for id, category, year, amount in lines:
        key = (id, category, min(first + year - 1, last))
        found[key] = found.get(key, Decimal(0)) + amount
    return [
        BudgetLineFields(
            organisation_id=id, category=Category(category), year=year, amount=Money(amount=amount, currency=currency)
        )
        for (id, category, year), amount in found.items()
    ]


async def organisations_of(rows: Rows, application_id: UUID) -> list[tuple[str, str]]:
    """Who takes part in the project of an application: id and name, the lead first."""
    found = await rows.rows(
        """SELECT lead_id AS id, lead_name AS name, -1 AS position FROM applications WHERE id = %(id)s
           UNION ALL
           SELECT organisation_id, name, position FROM application_partners
           WHERE application_id = %(id)s AND left_at IS NULL AND departure_id IS NULL
           ORDER BY position""",
        {"id": application_id},
    )
    return [(str(one["id"]), one["name"]) for one in found]


async def _heirs(rows: Rows, application_id: UUID, lead_id: UUID) -> dict[UUID, UUID]:
    """Who takes the part of each organisation that is not inside any more: its successor, or the lead."""
    inside = {UUID(id) for id, _name in await organisations_of(rows, application_id)}
    left = await rows.rows(
        """SELECT organisation_id, successor_id FROM application_departures
           WHERE application_id = %(id)s AND state IN ('replaced', 'taken_over') ORDER BY answered_at""",
        {"id": application_id},
    )
    to = {one["organisation_id"]: one["successor_id"] or lead_id for one in left}
    found = {}
    for id in to:
        heir, seen = to[id], {id}
        while heir not in inside and heir in to and heir not in seen:
            seen.add(heir)
            heir = to[heir]
        found[id] = heir if heir in inside else lead_id
    return {id: heir for id, heir in found.items() if id not in inside}
