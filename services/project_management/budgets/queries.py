"""Reads of a budget with what was claimed against it. Claims are read by SQL: their feature stands above."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.budgets.model import WHOLE
from shared.db.work import Rows
from shared.kernel.types import Role

_SPENT = """
SELECT c.organisation_id, c.organisation_name, i ->> 'category' AS category, (i ->> 'year')::int AS year,
       sum((i ->> 'amount')::numeric) AS claimed,
       coalesce(sum((i ->> 'amount')::numeric) FILTER (WHERE c.state = 'approved'), 0) AS approved
FROM expenditure_claims c CROSS JOIN jsonb_array_elements(c.items) i
WHERE c.project_id = %(id)s AND c.state IN ('submitted', 'approved')
  AND (%(without)s::uuid IS NULL OR c.id <> %(without)s)
GROUP BY 1, 2, 3, 4
"""
_NOTHING = Decimal(0)


async def keeper(rows: Rows, office_id: UUID, without: str = "") -> Role:
    """Who looks after the money of an office's projects: its finance officers, its programme officers where it has
    none but `without`."""
    found = await rows.row(
        """SELECT 1 FROM access_grants WHERE organisation_id = %(office)s AND role = %(role)s AND revoked_at IS NULL
           AND subject <> %(without)s AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)""",
        {"office": office_id, "role": Role.FINANCE_OFFICER.value, "now": rows.now, "without": without},
    )
    return Role.FINANCE_OFFICER if found else Role.PROGRAMME_OFFICER


async def lines_by_owner(rows: Rows, project_id: UUID, without: UUID | None = None) -> list[dict[str, Any]]:
    """Organisation and its name (`WHOLE` where the budget is the project's as a whole), category, year, budget,
    claimed, approved; `without` leaves one claim out, to judge it anew."""
    planned = await rows.rows(
        """SELECT organisation_id, organisation_name, category, year, amount FROM budget_lines
           WHERE project_id = %(id)s""",
        {"id": project_id},
    )
    spent = await rows.rows(_SPENT, {"id": project_id, "without": without})
    shared = all(one["organisation_id"] == WHOLE for one in planned)
    found: dict[tuple[UUID, str, int], dict[str, Any]] = {}
    names = {WHOLE: ""} | {one["organisation_id"]: one["organisation_name"] for one in (*spent, *planned)}
    for one in (*planned, *spent):
        key = (WHOLE if shared else one["organisation_id"], one["category"], one["year"])
        line = found.setdefault(key, {"budget": _NOTHING, "claimed": _NOTHING, "approved": _NOTHING})
        line["budget"] += one.get("amount", _NOTHING)
        line["claimed"] += one.get("claimed", _NOTHING)
        line["approved"] += one.get("approved", _NOTHING)
    told = [
        {"organisation_id": id, "organisation_name": names[id], "category": category, "year": year, **line}
        for (id, category, year), line in found.items()
    ]
    return sorted(told, key=lambda one: (one["organisation_name"], one["year"], one["category"]))


async def spent_by(rows: Rows, project_id: UUID) -> dict[tuple[str, str, int], Decimal]:
    """What each organisation claimed, by its id, category and year."""
    found = await rows.rows(_SPENT, {"id": project_id, "without": None})
    return {(str(one["organisation_id"]), one["category"], one["year"]): one["claimed"] for one in found}


async def budget_lines(rows: Rows, project_id: UUID, without: UUID | None = None) -> list[dict[str, Any]]:
    """Category, year, budget, claimed, approved, whoever spends it."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for one in await lines_by_owner(rows, project_id, without):
        key = (one["year"], one["category"])
        line = found.setdefault(key, {"category": one["category"], "year": one["year"]})
        for name in ("budget", "claimed", "approved"):
            line[name] = line.get(name, _NOTHING) + one[name]
    return [found[key] for key in sorted(found)]


async def budget(rows: Rows, project_id: UUID, currency: str) -> list[dict[str, Any]]:
    """By organisation with money, for showing; for whoever may read the project."""

    def money(amount: Any) -> dict[str, Any]:
        return {"amount": amount, "currency": currency}

    return [
        {
            "organisation_id": None if one["organisation_id"] == WHOLE else one["organisation_id"],
            "organisation_name": one["organisation_name"],
            "category": one["category"],
            "year": one["year"],
            "amount": money(one["budget"]),
            "claimed": money(one["claimed"]),
            "approved": money(one["approved"]),
            "left": money(one["budget"] - one["claimed"]),
        }
        for one in await lines_by_owner(rows, project_id)
    ]
