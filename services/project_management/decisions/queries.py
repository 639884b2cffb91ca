"""Reads about what a decision rests on."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.project_management.differences import Difference, single_differences
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


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


async def decision_list(rows: Rows, decision_id: UUID, number: int) -> dict[str, Any]:
    """A list that was put forward, word for word, with its signatures; for whoever has read the decision. Raises
    NotFound."""
    found = await rows.row(
        """SELECT number, content, sha256, proposed_by, proposed_at, approvals FROM decision_lists
           WHERE decision_id = %(id)s AND number = %(number)s""",
        {"id": decision_id, "number": number},
    )
    if found is None:
        raise NotFound(N_("There is no such list."))
    return {**found, "content": json.loads(found["content"])}


def by_application(content: dict[str, Any]) -> dict[str, Any]:
    """A list as programs compare it: its lines under their applications, for their order changes with the ranks."""
    return content | {"items": {one["id"]: {**one, "id": None} for one in content["items"]}}


async def list_changes(
    rows: Rows,
    decision_id: UUID,
    since: int,
    until: int,
    told: Callable[[dict[str, Any]], dict[str, Any]] = by_application,
) -> list[Difference]:
    """What differs between two lists, value by value. Raises NotFound."""
    lists = [(await decision_list(rows, decision_id, number))["content"] for number in (since, until)]
    return [one for one in single_differences(*map(told, lists)) if one.field != "number"]
