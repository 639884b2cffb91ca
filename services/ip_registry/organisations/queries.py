"""Reads of the organisations this service has heard of."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def organisation_names(rows: Rows, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names by id; one that was never heard of is absent."""
    found = await rows.rows("SELECT id, name FROM organisations WHERE id = ANY(%(ids)s)", {"ids": list(ids)})
    return {row["id"]: row["name"] for row in found}


async def choices(rows: Rows) -> list[dict[str, Any]]:
    """Organisations that are not suspended, by name, to choose from in forms."""
    return await rows.rows("SELECT id, name FROM organisations WHERE state <> 'suspended' ORDER BY name, id")
