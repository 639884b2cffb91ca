"""Reads of the organisations this service has heard of."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.organisations.rules import Standing
from shared.db.work import Rows


async def standings(rows: Rows, ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """What is known of each organisation; one that was never heard of is absent."""
    found = await rows.rows(
        """SELECT id, name, kind, region, sector, credit, state, admitted_until FROM organisations
           WHERE id = ANY(%(ids)s)""",
        {"ids": list(ids)},
    )
    return {row["id"]: Standing(**{**row, "id": str(row["id"])}) for row in found}


async def choices(rows: Rows) -> list[dict[str, Any]]:
    """Admitted organisations by name, to choose partners from: id, name, name_zh."""
    return await rows.rows(
        """SELECT id, name, name_zh FROM organisations
           WHERE state = 'admitted' AND admitted_until > %(now)s ORDER BY name, id""",
        {"now": rows.now},
    )


async def offices(rows: Rows, also: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Who may be named to approve a decision: offices and departments, `also` these by their ids. Admitted or not: an
    office applies for nothing."""
    return await rows.rows(
        """SELECT id, name, name_zh FROM organisations
           WHERE name <> '' AND (kind IN ('office', 'department') AND state <> 'suspended' OR id::text = ANY(%(also)s))
           ORDER BY name, id""",
        {"also": list(also)},
    )


async def regions(rows: Rows) -> list[str]:
    """The regions organisations come from, for choosing in forms."""
    found = await rows.rows("SELECT DISTINCT region FROM organisations WHERE region <> '' ORDER BY region LIMIT 500")
    return [row["region"] for row in found]
