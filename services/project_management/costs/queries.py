"""Reads about the budgets of applications by lines. Who may read them is for the caller to decide."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows

Lines = dict[str, list[dict[str, str]]]
"""By organisation."""


async def sheets_of(rows: Rows, application_id: UUID) -> list[dict[str, Any]]:
    """Everything that was written: section (the organisation), version, answers, saved_by, saved_at."""
    return await rows.rows(
        """SELECT section, version, answers, saved_by, saved_at FROM cost_sheets
           WHERE application_id = %(id)s ORDER BY section""",
        {"id": application_id},
    )


async def lines_of(rows: Rows, application_id: UUID) -> Lines:
    return {row["section"]: row["answers"]["lines"] for row in await sheets_of(rows, application_id)}


def kept(lines: Lines, organisations: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The lines of those who take part as a submission fixes them, one a row."""
    return [
        {"organisation": {"id": one["id"], "name": one["name"]}, **line}
        for one in organisations
        for line in lines.get(one["id"], [])
    ]


def by_organisation(budget: list[dict[str, Any]]) -> Lines:
    """What `kept` made a row of, by organisation again."""
    found: Lines = {}
    for line in budget:
        rest = {name: line[name] for name in ("category", "year", "requested", "own")}
        found.setdefault(line["organisation"]["id"], []).append(rest)
    return found


async def terms_for(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """What the call of an application says of budgets; empty for a call of earlier days."""
    row = await rows.row(
        "SELECT c.budget_terms FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s",
        {"id": application_id},
    )
    return dict(row["budget_terms"]) if row else {}
