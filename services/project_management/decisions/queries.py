"""Reads about what a decision rests on."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def panel_of(rows: Rows, call_id: UUID) -> dict[str, Any] | None:
    """The newest panel meeting of a call that was not called off, with what it says of each application (`said`). Its
    tables are another feature's, above this one."""
    found = await rows.row(
        """SELECT id, state, sha256 FROM panels WHERE call_id = %(call)s AND state <> 'cancelled'
           ORDER BY created_at DESC LIMIT 1""",
        {"call": call_id},
    )
    if found is None:
        return None
    items = await rows.rows(
        """SELECT application_id::text AS id, recommendation, conditions, reason, note FROM panel_items
           WHERE panel_id = %(id)s""",
        {"id": found["id"]},
    )
    return {**found, "said": {one.pop("id"): one for one in items}}
