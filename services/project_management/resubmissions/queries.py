"""Reads about applications that are handed in again."""

from typing import Any
from uuid import UUID

from services.project_management.applications.queries import application
from services.project_management.costs.queries import kept, lines_of
from services.project_management.differences import differences
from services.project_management.forms.queries import given, schema_for
from services.project_management.submissions.queries import as_stored, lines_as_stored
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


async def earlier(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The application that this one hands in again, and what differs from it today. Raises NotFound."""
    mine = await application(rows, application_id)
    if mine["earlier_id"] is None:
        raise NotFound(N_("It was not handed in before."))
    before = await application(rows, mine["earlier_id"])
    return {
        "earlier_id": before["id"],
        "title": before["title"],
        "call_title": before["call_title"],
        "changes": differences(await _text(rows, before), await _text(rows, mine)),
    }


async def _text(rows: Rows, row: dict[str, Any]) -> dict[str, Any]:
    inside = [{"id": str(row["lead_id"]), "name": row["lead_name"]}]
    inside += [{"id": str(one["id"]), "name": one["name"]} for one in row["partners"] if not one["left_at"]]
    budget = kept(await lines_of(rows, row["id"]), inside)
    found = await given(rows, row["id"], await schema_for(rows, row["id"]))
    return {
        "title": row["title"],
        "abstract": row["abstract"],
        "field": row["field"],
        "requested": {"amount": f"{row['requested']['amount']:.2f}", "currency": row["requested"]["currency"]},
        "lead": row["lead_name"],
        "partners": [partner["name"] for partner in row["partners"]],
        "documents": [document["filename"] for document in row["documents"]],
        "call": row["call_title"],
        **lines_as_stored(budget, row["requested"]["currency"]),
        **as_stored(found.form, {**found.strange, **found.answers}, {}),
    }
