"""Writes about the early end of a project."""

from collections.abc import Iterable
from uuid import UUID

from services.project_management.budgets.queries import keeper
from services.project_management.changes.actions import end_change
from services.project_management.delivery.actions import end_milestones, project_for
from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import ProjectState, Side
from services.project_management.evaluations.actions import end_evaluation
from services.project_management.evaluations.following import follow
from services.project_management.lapses.actions import review_done
from services.project_management.reports.actions import reports_reviewed
from services.project_management.rights.actions import end_agreement
from services.project_management.standing.actions import propose_by_rule
from services.project_management.standing.rules import Kind
from services.project_management.terminations import queries, rules
from services.project_management.terminations.model import Termination
from services.project_management.terminations.rules import State, Way
from services.project_management.terminations.schemas import TerminationCreate
from shared.blobs.rows import attach
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import Role


async def propose_termination(work: Work, project_id: UUID, fields: TerminationCreate) -> Termination:
    """Propose that a project ends: for agreement, or by the office once a milestone or report is three months late.

    Raises NotFound, TerminationNotReady, TerminationOpen, NoGround, NoSuchDocument.
    """
    project = await project_for(work, project_id, rules.PROPOSE)
    office = rules.PROPOSE.in_charge(work.actor, project.office_id, project.owners)
    if fields.way is Way.OFFICE and not office:
        raise NotFound(N_("Only the programme office ends a project by itself; propose to end it together."))
    rules.require_endable(ProjectState(project.state), fields.way)
    rules.require_ground(fields.way, await queries.late(work, project.id))
    await _require_none(work, project)
    termination = _new(work, project, fields.way, Side.OFFICE if office else Side.LEAD, fields.reason)
    termination.rights = fields.rights.value
    work.add(termination)
    await work.session.flush()
    for id in dict.fromkeys(fields.document_ids):
        await attach(work, id, "termination", termination.id)
    _emit(work, termination.proposed(project))
    return termination


async def keep_project(work: Work, project_id: UUID, reason: str) -> Termination:
    """The office has reviewed the delay and lets the project go on. Raises NotFound, NoGround, TerminationOpen."""
    project = await project_for(work, project_id, rules.RUN)
    rules.require_endable(ProjectState(project.state), Way.OFFICE)
    rules.require_ground(Way.OFFICE, await queries.late(work, project.id))
    await _require_none(work, project)
    kept = _new(work, project, Way.OFFICE, Side.OFFICE, reason)
    kept.state, kept.decided_by, kept.decided_at = State.KEPT.value, work.actor.subject, work.now
    work.add(kept)
    _emit(work, kept.kept_running(project))
    await review_done(work, project)
    await reports_reviewed(work, project.id)
    return kept


async def answer_termination(work: Work, termination_id: UUID, reason: str, version: int | None) -> Termination:
    """The lead says why the project should go on. Raises NotFound, Stale, TerminationNotReady."""
    project, termination = await _termination(work, termination_id, rules.ANSWER, version)
    _emit(work, termination.answered(project, reason))
    return termination


async def decide_termination(work: Work, termination_id: UUID, reason: str, version: int | None) -> Termination:
    """The office ends the project, after the lead's answer or the time for it.

    Raises NotFound, Stale, TerminationNotReady, StillTimeToAnswer, NoGround.
    """
    project, termination = await _termination(work, termination_id, rules.RUN, version)
    rules.next_state("decide", State(termination.state), Way(termination.way))
    rules.require_answered(answered=bool(termination.answer), over=termination.answer_until <= work.now)
    # What was late may be here by now, or its day moved: then the office withdraws.
    rules.require_ground(Way.OFFICE, await queries.late(work, project.id))
    await _end(work, project, termination, "decide", reason)
    return termination


async def agree_termination(work: Work, termination_id: UUID, reason: str, version: int | None) -> Termination:
    """The other side agrees, and the project ends. Raises NotFound, Stale, TerminationNotReady, OwnProposal."""
    project, termination = await _termination(work, termination_id, rules.PROPOSE, version)
    rules.next_state("agree", State(termination.state), Way(termination.way))
    _other_side(work, project, termination)
    await _end(work, project, termination, "agree", reason)
    return termination


async def refuse_termination(work: Work, termination_id: UUID, reason: str, version: int | None) -> Termination:
    """The other side does not agree: the project goes on. Raises NotFound, Stale, TerminationNotReady, OwnProposal."""
    project, termination = await _termination(work, termination_id, rules.PROPOSE, version)
    rules.next_state("refuse", State(termination.state), Way(termination.way))
    _other_side(work, project, termination)
    _emit(work, termination.drop(project, "refuse", reason))
    return termination


async def withdraw_termination(work: Work, termination_id: UUID, reason: str, version: int | None) -> Termination:
    """Who proposed it takes it back. Raises NotFound, Stale, TerminationNotReady, OwnProposal."""
    project, termination = await _termination(work, termination_id, rules.PROPOSE, version)
    rules.next_state("withdraw", State(termination.state), Way(termination.way))
    if _side(work, project) is not Side(termination.side):
        raise rules.OwnProposal(N_("Only the side that proposed it takes it back."))
    _emit(work, termination.drop(project, "withdraw", reason))
    return termination


async def settle_termination(work: Work, termination_id: UUID, version: int | None) -> Termination:
    """Work out what was spent, is owed, or must be paid back. With nothing left to pay it is closed at once.

    Raises NotFound, Stale, TerminationNotReady, ClaimsOpen.
    """
    project, termination = await _termination(work, termination_id, rules.SETTLE, version)
    rules.next_state("settle", State(termination.state), Way(termination.way))
    money = await queries.money_of(work, project)
    if money["waiting"]:
        raise rules.ClaimsOpen(
            N_(
                "Judge the claims that are handed in first: they belong to the settlement. One that was sent back has "
                "fifteen days from the end to come in again."
            )
        )
    trace = rules.settlement(money["inputs"])
    termination.settled_by = work.actor.subject
    _emit(
        work,
        termination.settle(
            project, trace.model_dump(mode="json"), await keeper(work, project.office_id, work.actor.subject)
        ),
    )
    if not termination.balance:
        await _close(work, project, termination, "")
    return termination


async def clear_termination(work: Work, termination_id: UUID, reference: str, version: int | None) -> Termination:
    """The balance is paid: the rest of the award is free.

    Raises NotFound, Stale, TerminationNotReady, OwnSettlement.
    """
    project, termination = await _termination(work, termination_id, rules.SETTLE, version)
    rules.next_state("clear", State(termination.state), Way(termination.way))
    rules.require_other_eyes(termination.settled_by, work.actor.subject)
    await _close(work, project, termination, reference)
    return termination


async def _close(work: Work, project: Project, termination: Termination, reference: str) -> None:
    _emit(work, termination.clear(project, reference, work.actor.subject, work.now))
    # The reserve list is asked by rule as long as the call is not filed away.
    await work.execute(
        """UPDATE decisions SET offers_due = true WHERE call_id = %(call)s
           AND EXISTS (SELECT FROM calls WHERE id = %(call)s AND state = 'decided')""",
        {"call": project.call_id},
    )


async def _end(work: Work, project: Project, termination: Termination, verb: str, reason: str) -> None:
    ran = project.state == ProjectState.RUNNING.value
    whose = await keeper(work, project.office_id)
    _emit(work, termination.end(project, verb, reason, work.actor.subject, work.now, whose))
    _emit(work, project.terminate(termination.reason))
    await end_milestones(work, project, unpaid=True)
    await end_evaluation(work, project.id, N_("The project ended."))
    await end_change(work, project.id, N_("The project ended."))
    await review_done(work, project)
    await reports_reviewed(work, project.id)
    await end_agreement(work, project.application_id, stays=termination.rights == rules.Rights.STAYS.value)
    if ran and termination.rights == rules.Rights.STAYS.value:
        follow(work, project.id, (rules.FOLLOW_UP_YEARS,))
    if termination.way == Way.OFFICE.value:
        await propose_by_rule(
            work,
            Kind.PROJECT_ENDED,
            project.id,
            cause=f"termination {termination.id}",
            by_rule="delivery.lapse/1 §4",
            reason=termination.reason,
            about=project.ref,
            title=project.title,
        )


def _new(work: Work, project: Project, way: Way, side: Side, reason: str) -> Termination:
    return Termination(
        id=new_id(),
        project_id=project.id,
        application_id=project.application_id,
        project_title=project.title,
        office_id=project.office_id,
        lead_id=project.lead_id,
        parties=sorted(str(one) for one in project.owners),
        label=project.label,
        way=way.value,
        side=side.value,
        reason=reason,
        rights=rules.Rights.STAYS.value,
        proposed_by=work.actor.subject,
        answer_until=work.now + rules.TIME_TO_ANSWER,
        created_at=work.now,
    )


def _side(work: Work, project: Project) -> Side:
    office = rules.PROPOSE.in_charge(work.actor, project.office_id, project.owners)
    return Side.OFFICE if office and project.lead_id not in work.actor.organisations(Role.REPRESENTATIVE) else Side.LEAD


def _other_side(work: Work, project: Project, termination: Termination) -> None:
    """Raises OwnProposal."""
    if _side(work, project) is Side(termination.side) or work.actor.subject == termination.proposed_by:
        raise rules.OwnProposal(N_("Your side proposed it. The other side agrees or refuses."))


async def _require_none(work: Work, project: Project) -> None:
    if await work.row(
        "SELECT 1 FROM terminations WHERE project_id = %(id)s AND state NOT IN ('refused', 'withdrawn', 'kept')",
        {"id": project.id},
    ):
        raise rules.TerminationOpen(N_("Answer the proposal that is open, or withdraw it, before another."))


async def _termination(
    work: Work, termination_id: UUID, policy: Policy, version: int | None
) -> tuple[Project, Termination]:
    """With its project, both locked, the project first. Raises NotFound, Stale."""
    policy.admits(work.actor)
    seen = await work.get(Termination, termination_id, lock=False)
    try:
        project = await project_for(work, seen.project_id, policy)
    except NotFound:  # "no project" would tell that there is such an end
        raise NotFound(N_("There is no end of a project here that you may see.")) from None
    termination = await work.get(Termination, termination_id)
    work.must_match(termination, version)
    return project, termination


def _emit(work: Work, facts: Iterable[Event]) -> None:
    for fact in facts:
        work.emit(fact)
