"""Writes about the duplicate check: it is run, a person judges what was found, the lead explains."""

from collections.abc import Iterable
from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.calls.model import Call
from services.project_management.duplicates import rules
from services.project_management.duplicates.known import know_application
from services.project_management.duplicates.model import DuplicateCheck
from services.project_management.duplicates.queries import alike
from services.project_management.duplicates.rules import State, Verdict
from services.project_management.duplicates.schemas import VerdictCreate
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel

AT_ONCE = 20
OVER = ("withdrawn", "funded", "reserve", "declined")


async def run_check(work: Work, application_id: UUID) -> DuplicateCheck:
    """Check an application again, against all that is known now. Raises NotFound."""
    application, call = await _application(work, application_id, rules.JUDGE)
    if application.submitted_version is None:
        raise NotFound(N_("There is no application here that you may see."))
    return await _run(work, application, call)


async def check_new_applications(work: Work) -> None:
    """Check what was handed in and is not checked yet. Run by the clock."""
    waiting = await work.rows(
        """SELECT a.id, a.call_id FROM applications a
           WHERE a.state = 'submitted' AND NOT EXISTS (
               SELECT FROM duplicate_checks d
               WHERE d.application_id = a.id AND d.application_version = a.submitted_version)
           ORDER BY a.submitted_at LIMIT %(most)s""",
        {"most": AT_ONCE},
    )
    for row in waiting:
        async with work.apart(application=row["id"]):
            application = await work.session.get(
                Application, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if application is not None:
                await _run(work, application, await work.get(Call, row["call_id"], lock=False))


async def end_checks(work: Work) -> None:
    """Nobody is asked about an application that is decided or taken back. Run by the clock."""
    over = await work.rows(
        """SELECT d.id FROM duplicate_checks d JOIN applications a ON a.id = d.application_id
           WHERE d.task_id IS NOT NULL AND a.state = ANY(%(over)s) LIMIT %(most)s""",
        {"over": list(OVER), "most": AT_ONCE},
    )
    for row in over:
        async with work.apart(check=row["id"]):
            check = await work.get(DuplicateCheck, row["id"])
            _emit(work, check.over("decided otherwise"))


async def judge_check(work: Work, application_id: UUID, fields: VerdictCreate, version: int | None) -> DuplicateCheck:
    """Say what the evidence is; the application goes on whatever it is.

    Raises NotFound, Stale, Invalid, CheckNotReady.
    """
    await _application(work, application_id, rules.JUDGE)
    check = await _current(work, application_id, version)
    if fields.verdict is Verdict.OVERLAP and not fields.question:
        raise Invalid.field("/question", N_("Say what the lead is to explain."))
    _emit(
        work,
        check.judge(
            fields.verdict,
            reason=fields.reason,
            question=fields.question,
            subject=work.actor.subject,
            now=work.now,
        ),
    )
    return check


async def explain_overlap(work: Work, application_id: UUID, explanation: str, version: int | None) -> DuplicateCheck:
    """What the lead says to the office's question. Raises NotFound, Stale, CheckNotReady."""
    await _application(work, application_id, rules.EXPLAIN)
    # Whatever its label: the question alone is answered. And whatever else it is, or whether it is, is not the lead's
    # to know.
    check = await _newest(work, application_id)
    if check is None or check.state != State.EXPLAINING.value:
        raise rules.CheckNotReady(rules.NOTHING_TO_EXPLAIN)
    work.must_match(check, version)
    _emit(work, check.explain(explanation, work.actor.subject, work.now))
    return check


async def _run(work: Work, application: Application, call: Call) -> DuplicateCheck:
    said = await know_application(work, application.id)
    inputs = await alike(work, said, self_id=application.id, again=application.earlier_id)
    rows, against = inputs.pop("rows"), inputs.pop("against")
    trace = rules.compare(inputs)
    how = {one["id"]: one for one in inputs["found"]}
    found = [
        {**how[id], "title": rows[id]["title"], "label": rows[id]["label"], "score": rules.score(how[id])}
        for id in trace.result["listed"]
    ]
    before = await _newest(work, application.id)
    labels = [SecurityLabel(application.label), *(SecurityLabel(one["label"]) for one in found)]
    check = DuplicateCheck(
        id=new_id(),
        application_id=application.id,
        application_version=application.submitted_version or 1,
        number=before.number + 1 if before else 1,
        title=application.title,
        call_id=call.id,
        office_id=call.organisation_id,
        lead_id=application.lead_id,
        parties=sorted(str(one) for one in application.parties(await partners_of(work, application.id))),
        application_label=application.label,
        label=max(labels, key=lambda label: label.rank).value,
        state=State.CLEAR.value,
        found=found,
        trace=trace.model_dump(mode="json"),
        against=against,
        run_by=work.actor.subject,
        created_at=work.now,
    )
    facts = check.begun(before, work.now)
    await work.flush()  # the one that is replaced first: only one is current
    work.add(check)
    _emit(work, facts)
    return check


async def _newest(work: Work, application_id: UUID) -> DuplicateCheck | None:
    row = await work.row(
        "SELECT id FROM duplicate_checks WHERE application_id = %(id)s AND state <> 'superseded'",
        {"id": application_id},
    )
    return await work.get(DuplicateCheck, row["id"]) if row else None


async def _current(work: Work, application_id: UUID, version: int | None) -> DuplicateCheck:
    check = await _newest(work, application_id)
    if check is None or not SecurityLabel(check.label).readable_with(work.actor.clearance):
        raise rules.NotHandedIn(
            N_("There is no check here that you may judge. The first one takes a few seconds after it was handed in.")
        )
    work.must_match(check, version)
    return check


async def _application(work: Work, application_id: UUID, policy: Policy) -> tuple[Application, Call]:
    """Locked, so that two runs do not meet. Raises NotFound."""
    policy.admits(work.actor)
    application = await work.get(Application, application_id)
    call = await work.get(Call, application.call_id, lock=False)
    policy.require(
        work.actor,
        owners={application.lead_id},
        parties=application.parties(await partners_of(work, application.id)),
        office=call.organisation_id,
        label=SecurityLabel(application.label),
        thing="application",
    )
    return application, call


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
