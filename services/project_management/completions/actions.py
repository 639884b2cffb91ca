"""Writes about applications that lack something."""

import json
from uuid import UUID

from services.project_management.applications.consents import give_up_consents
from services.project_management.applications.model import Application, ApplicationVersion
from services.project_management.applications.queries import partners_of
from services.project_management.calls.model import Call
from services.project_management.calls.rules import State as CallState
from services.project_management.completions import rules
from services.project_management.completions.schemas import ReturnCreate
from services.project_management.costs.actions import carry_lines
from services.project_management.costs.queries import by_organisation
from services.project_management.forms.actions import carry_over
from services.project_management.outages.queries import running_on
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

AT_ONCE = 50


async def return_application(
    work: Work, application_id: UUID, fields: ReturnCreate, version: int | None
) -> Application:
    """Give it back to its lead for completion. What was handed in stays as it is meanwhile.

    Raises NotFound, Stale, Invalid, ApplicationNotReady, TooLateToReturn.
    """
    application, call = await _in_charge(work, application_id, version)
    rules.may_be_returned(CallState(call.state))
    if fault := rules.due_fault(work.now, fields.due_at, call.agreed.completion_days):
        raise Invalid.field("/due_at", fault)
    partners = await partners_of(work, application.id)
    fact, task = application.send_back(partners, reason=fields.reason, now=work.now, due_at=fields.due_at)
    work.emit(fact)
    if done := application.check_done(partners, "returned"):
        work.emit(done)
    work.emit(task)
    return application


async def let_stand(work: Work, application_id: UUID, version: int | None) -> Application:
    """Take it as it was handed in, before it is due. Raises NotFound, Stale, ApplicationNotReady."""
    application, call = await _in_charge(work, application_id, version)
    await _stand(work, application, call, N_("The programme office takes it as it was handed in."), "let stand")
    return application


async def end_completions(work: Work) -> None:
    """What was not completed in time stands as it was handed in. Run by the clock."""
    if not await running_on(work):
        return  # the service was down and is about to lengthen what it hit
    over = await work.rows(
        """SELECT id, call_id FROM applications WHERE state = 'returned' AND return_due_at <= %(now)s
           ORDER BY return_due_at LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in over:
        async with work.apart(application=row["id"]):
            application = await work.session.get(
                Application, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if application is not None and application.return_due_at and application.return_due_at <= work.now:
                call = await work.get(Call, row["call_id"], lock=False)
                await _stand(work, application, call, N_("It was not completed in time."), "not in time")


async def _in_charge(work: Work, application_id: UUID, version: int | None) -> tuple[Application, Call]:
    # The call before the application, as everybody locks them, so that nobody assigns experts meanwhile.
    await work.row(
        "SELECT 1 FROM calls WHERE id = (SELECT call_id FROM applications WHERE id = %(id)s) FOR SHARE",
        {"id": application_id},
    )
    application = await work.get(Application, application_id)
    call = await work.get(Call, application.call_id, lock=False)
    partners = await partners_of(work, application.id)
    rules.RETURN.require(
        work.actor,
        parties=application.parties(partners),
        office=call.organisation_id,
        label=SecurityLabel(application.label),
        thing="application",
    )
    work.must_match(application, version)
    return application, call


async def _stand(work: Work, application: Application, call: Call, reason: str, outcome: str) -> None:
    partners = await partners_of(work, application.id)
    kept = await work.session.get(ApplicationVersion, (application.id, application.submitted_version))
    content = json.loads(kept.content) if kept else {}
    work.emit(application.stand(partners, reason, content))
    await give_up_consents(work, application, content)
    if done := application.completion_done(partners, outcome):
        work.emit(done)
    for partner in partners:
        if partner.departure_id is not None:
            continue  # who is asked to take the part of one that left answers that
        if done := application.consent_done(partner, partners, outcome):
            work.emit(done)
    # A document that came in since was not handed in; it stays its owner's, for use elsewhere.
    await work.execute(
        """UPDATE documents SET owner_kind = NULL, owner_id = NULL
           WHERE owner_kind = 'application' AND owner_id = %(id)s AND NOT id = ANY(%(kept)s::uuid[])""",
        {"id": application.id, "kept": [document["id"] for document in content.get("documents", [])]},
    )
    if "answers" in content:
        await carry_over(work, application.id, content["answers"])
    if "budget" in content:
        await carry_lines(work, application.id, by_organisation(content["budget"]))
    if call.state in rules.WHILE:
        work.emit(application.ask_for_check(partners, call.organisation_id, work.now + rules.LEAST))
