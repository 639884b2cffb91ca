"""Reads of a budget with what was claimed against it. Claims are read by SQL: their feature stands above."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows
from shared.kernel.types import Role

_LINES = """
WITH spent AS (
    SELECT i ->> 'category' AS category, (i ->> 'year')::int AS year, sum((i ->> 'amount')::numeric) AS claimed,
           coalesce(sum((i ->> 'amount')::numeric) FILTER (WHERE c.state = 'approved'), 0) AS approved
    FROM expenditure_claims c CROSS JOIN jsonb_array_elements(c.items) i
    WHERE c.project_id = %(id)s AND c.state IN ('submitted', 'approved')
      AND (%(without)s::uuid IS NULL OR c.id <> %(without)s)
    GROUP BY 1, 2)
SELECT coalesce(b.category, s.category) AS category, coalesce(b.year, s.year) AS year, coalesce(b.amount, 0) AS budget,
       coalesce(s.claimed, 0) AS claimed, coalesce(s.approved, 0) AS approved
FROM (SELECT * FROM budget_lines WHERE project_id = %(id)s) b
FULL JOIN spent s ON s.category = b.category AND s.year = b.year
ORDER BY 2, 1
"""


async def keeper(rows: Rows, office_id: UUID) -> Role:
    """Who looks after the money of an office's projects: its finance officers, its programme officers where it has
    none."""
    found = await rows.row(
        """SELECT 1 FROM access_grants WHERE organisation_id = %(office)s AND role = %(role)s AND revoked_at IS NULL
           AND starts_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)""",
        {"office": office_id, "role": Role.FINANCE_OFFICER.value, "now": rows.now},
    )
    return Role.FINANCE_OFFICER if found else Role.PROGRAMME_OFFICER


async def budget_lines(rows: Rows, project_id: UUID, without: UUID | None = None) -> list[dict[str, Any]]:
    """Category, year, budget, claimed, approved; `without` leaves one claim out, to judge it anew."""
    return await rows.rows(_LINES, {"id": project_id, "without": without})


async def budget(rows: Rows, project_id: UUID, currency: str) -> list[dict[str, Any]]:
    """The same with money, for showing; for whoever may read the project."""

    def money(amount: Any) -> dict[str, Any]:
        return {"amount": amount, "currency": currency}

    return [
        {
            "category": one["category"],
            "year": one["year"],
            "amount": money(one["budget"]),
            "claimed": money(one["claimed"]),
            "approved": money(one["approved"]),
            "left": money(one["budget"] - one["claimed"]),
        }
        for one in await budget_lines(rows, project_id)
    ]
