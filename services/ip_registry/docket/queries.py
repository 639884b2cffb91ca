"""Reads about deadlines."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def deadlines(rows: Rows, asset_id: UUID) -> list[dict[str, Any]]:
    """The due dates of an asset, earliest first; the caller has checked that the asset may be seen."""
    return await rows.rows(
        """SELECT id, version, asset_id, rule, rule_version, rule_source, what, trigger_on, unshifted_on, due_on,
                  calendar, state, note
           FROM deadlines WHERE asset_id = %(id)s ORDER BY due_on, id""",
        {"id": asset_id},
    )


async def holders_of(rows: Rows, asset_id: UUID) -> tuple[UUID, ...]:
    """The organisations that hold the asset now."""
    found = await rows.rows(
        "SELECT organisation_id FROM asset_holders WHERE asset_id = %(id)s AND until_on IS NULL", {"id": asset_id}
    )
    return tuple(row["organisation_id"] for row in found)
