"""Writes about the budget of an application by lines."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.project_management.applications.actions import ask_again_about
from services.project_management.applications.rules import State, writing
from services.project_management.cost_plans import rules
from services.project_management.costs.rules import asked
from services.project_management.forms.actions import Sheets, save_sheet
from services.project_management.forms.queries import Sheet
from shared.db.work import Work
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel

OF_BUDGETS = Sheets("cost_sheets", "application_id")


async def save_lines(
    work: Work, application_id: UUID, organisation_id: UUID, lines: Sequence[Mapping[str, Any]], version: int | None
) -> int:
    """Save what an organisation needs as far as it is written; what is not right yet is kept too, and said when it is
    checked. Returns the part's version.

    Raises NotFound, Stale, Invalid, ApplicationNotReady. The page saves itself while somebody types: three statements,
    no objects, as for the answers to a form.
    """
    row = await work.row(
        """SELECT a.lead_id, a.label, a.state, a.leader <> a.drafted_by AS led, c.budget_terms
           FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s FOR UPDATE OF a""",
        {"id": application_id},
    )
    if row is None:
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="application"))
    # After the lock, for in the statement that waits for it they would be as they were before.
    found = await work.row(
        """SELECT ARRAY(SELECT organisation_id FROM application_partners
                        WHERE application_id = %(id)s AND left_at IS NULL AND departure_id IS NULL) AS partners,
                  EXISTS(SELECT FROM application_partners
                         WHERE application_id = %(id)s AND left_at IS NULL AND departure_id IS NULL
                           AND answer = 'consented') AS consented,
                  s.version, s.answers, s.saved_by, s.saved_at
           FROM (SELECT) one LEFT JOIN cost_sheets s ON s.application_id = %(id)s AND s.section = %(section)s""",
        {"id": application_id, "section": str(organisation_id)},
    )
    assert found is not None
    members, consented = {row["lead_id"], *found.pop("partners")}, found.pop("consented") or bool(row["led"])
    label = SecurityLabel(row["label"])
    rules.WRITE.require(work.actor, owners=members, label=label, thing="application")
    if organisation_id not in members:
        raise NotFound(N_("This organisation takes no part in the application any more."))
    rules.WRITE.require(work.actor, owners={row["lead_id"], organisation_id}, label=label, thing="budget")
    writing(State(row["state"]))
    if not asked(row["budget_terms"]):
        raise NotFound(N_("This call asks for no budget by lines."))
    stored = Sheet(**found) if found["version"] else None
    kept = {"lines": rules.tidy(lines)}
    saved = await save_sheet(work, application_id, str(organisation_id), stored, kept, version, OF_BUDGETS)
    if consented and saved != (stored.version if stored else 0):
        await ask_again_about(work, application_id)
    return saved
