"""Reads of the IP assets this service has heard of."""

from uuid import UUID

from shared.db.work import Rows


async def holds_an_asset(rows: Rows, organisation_id: UUID) -> bool:
    """Whether the organisation holds a registered asset that the actor may know of."""
    row = await rows.row(
        """SELECT 1 FROM assets WHERE holder_ids @> ARRAY[%(id)s]::uuid[] AND label = ANY(%(labels)s) LIMIT 1""",
        {"id": organisation_id, "labels": rows.actor.clearance.readable_labels()},
    )
    return row is not None
