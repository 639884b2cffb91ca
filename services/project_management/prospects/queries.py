"""Reads for an application that somebody only thinks of."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.applications.eligibility import eligibility
from services.project_management.applications.facts import for_reader, rule_inputs
from services.project_management.calls.queries import call
from services.project_management.organisations.queries import standings
from shared.db.work import Rows
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role


async def prospect(
    rows: Rows, call_id: UUID, *, requested: Decimal | None = None, partner_ids: Sequence[UUID] = ()
) -> dict[str, Any]:
    """What the eligibility rule would be given if the actor's organisation applied so, as far as the actor may be told
    of it. Raises NotFound, Invalid."""
    found = await call(rows, call_id)
    lead = rows.actor.organisation(Role.APPLICANT)
    if found["released_at"] is None or lead is None:
        raise NotFound(N_("There is no call here that you may see."))
    partners = [one for one in dict.fromkeys(partner_ids) if one != lead]
    known = await standings(rows, partners)
    if any(one not in known for one in partners):
        raise Invalid.field("/partner_id", N_("Choose organisations that are registered on the platform."))
    inputs = await rule_inputs(
        rows,
        call_id=call_id,
        organisations=[(lead, rows.actor.organisation_name(lead)), *((one, known[one].name) for one in partners)],
        answers=["pending"] * len(partners),
        requested=(requested, found["ceiling"]["currency"]) if requested is not None else None,
        documents=0,
        subject=rows.actor.subject,
        now=rows.now,
    )
    return (await for_reader(rows, eligibility(inputs), rows.actor.subject)).inputs
