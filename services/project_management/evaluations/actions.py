"""Writes about evaluations and the sheets of their panels."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from services.project_management.delivery.actions import complete_project, milestones_of, project_for, regrade_project
from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import MilestoneState, ProjectNotReady, ProjectState
from services.project_management.evaluations import queries, rules
from services.project_management.evaluations.following import follow
from services.project_management.evaluations.model import Evaluation, Sheet
from services.project_management.evaluations.papers import keep_decision
from services.project_management.evaluations.rules import Kind, Reached, SheetState, State
from services.project_management.evaluations.schemas import (
    EvaluationDecisionCreate,
    ReportCreate,
    SheetCreate,
)
from services.project_management.indicators.schemas import plain
from services.project_management.outputs.queries import outputs_of
from services.project_management.standing.actions import propose_by_rule, take_back_by_rule
from services.project_management.standing.rules import GRADES
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel

AT_ONCE = 100


async def open_evaluation(work: Work, project_id: UUID, kind: Kind) -> Evaluation:
    """Begin a review of a running project; a completion review when every milestone is accepted.

    Raises NotFound, ProjectNotReady, EvaluationOpen.
    """
    project = await project_for(work, project_id, rules.RUN)
    if project.state != ProjectState.RUNNING.value:
        raise ProjectNotReady(N_("A project is evaluated while it runs."))
    waiting = [one for one in await milestones_of(work, project.id) if one.state != MilestoneState.ACCEPTED.value]
    if kind is Kind.COMPLETION:
        rules.require_over(
            [(one.number, one.title) for one in waiting],
            over=await queries.over(work, project.id, local_day(work.now)),
        )
    await _require_none_open(work, project)
    evaluation = Evaluation(
        id=new_id(),
        project_id=project.id,
        project_title=project.title,
        kind=kind.value,
        office_id=project.office_id,
        lead_id=project.lead_id,
        parties=sorted(str(one) for one in project.owners),
        label=project.label,
        indicators=await queries.promised(work, project.id),
        created_at=work.now,
    )
    work.add(evaluation)
    _emit(work, evaluation.opened(work.now))
    return evaluation


async def _require_none_open(work: Work, project: Project) -> None:
    found = await work.row(
        "SELECT round FROM evaluations WHERE project_id = %(id)s AND state NOT IN ('decided', 'cancelled')",
        {"id": project.id},
    )
    if found and found["round"] > 1:
        raise rules.EvaluationOpen(
            N_("Decide the evaluation that is opened again, or let the decision before stand, before you open another.")
        )
    if found:
        raise rules.EvaluationOpen(N_("Decide the evaluation that is open, or call it off, before you open another."))


async def report_evaluation(work: Work, evaluation_id: UUID, fields: ReportCreate, version: int | None) -> Evaluation:
    """The lead says what is reached. Raises NotFound, Stale, EvaluationNotReady, Invalid for an unknown milestone."""
    project, evaluation = await _evaluation(work, evaluation_id, rules.REPORT, version)
    rules.next_state("report", State(evaluation.state))
    promised = await queries.promised(work, project.id)
    told = {one.number: one for one in fields.indicators}
    values = {one.indicator: plain(one.value) for one in fields.values if one.value is not None}
    faults = rules.report_faults(
        [one.number for one in fields.indicators], [one.indicator for one in fields.values], promised
    )
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    indicators = []
    for one in promised:
        said = told.get(one["number"])
        reached = rules.measured(one["measures"], values) if "measures" in one else {}
        claimed = said.reached.value if said else Reached.NONE.value
        indicators.append(one | {"reached": claimed, "said": said.said if said else ""} | reached)
    outputs = [
        {"kind": one["kind"], "title": one["title"], "reference": str(one["id"])}
        for one in await outputs_of(work, project.id)
    ]
    outputs += [{"kind": "other", "title": one.title, "reference": one.reference} for one in fields.outputs]
    _emit(work, evaluation.hand_in(indicators, outputs, fields.report, work.now))
    return evaluation


async def return_report(work: Work, evaluation_id: UUID, reason: str, version: int | None) -> Evaluation:
    """Raises NotFound, Stale, EvaluationNotReady."""
    _, evaluation = await _evaluation(work, evaluation_id, rules.RUN, version)
    _emit(work, evaluation.send_back(reason, work.now))
    return evaluation


async def appoint_panel(work: Work, evaluation_id: UUID, expert_ids: Sequence[UUID], version: int | None) -> Evaluation:
    """Ask experts for a sheet; who is too close to the project is refused, by the rules for reviewers.

    Raises NotFound, Stale, EvaluationNotReady, Invalid with the conflict of each.
    """
    project, evaluation = await _evaluation(work, evaluation_id, rules.RUN, version)
    rules.next_state("appoint", State(evaluation.state))
    present = await _sheets(work, evaluation)
    wanted = list(dict.fromkeys(expert_ids))
    behind = {name: getattr(project, name) for name in ("application_id", "call_id", "partners")}
    found = {one["id"]: one for one in await queries.candidates_for(work, behind, wanted)}
    before = {one.expert_id for one in present}
    judged = await queries.judged_before(work, evaluation.id, evaluation.round)
    faults = []
    for n, id in enumerate(wanted):
        if id not in found:
            detail = N_("This is no expert who can sign in with the reviewer role. Look in the catalogue.")
        elif id in before:
            detail = N_("This expert was asked already.")
        elif id in judged:
            detail = rules.JUDGED_BEFORE
        else:
            detail = found[id]["reason"]
        if detail:
            faults.append({"pointer": f"/expert_ids/{n}", "detail": detail})
    states = [SheetState(one.state) for one in present] + [SheetState.ASKED] * len(wanted)
    if not faults and rules.short_of(states):
        faults = [
            {"pointer": "/expert_ids", "detail": S_("A panel has at least %(least)s members.", least=rules.LEAST)}
        ]
    if not faults and sum(one is not SheetState.DECLINED for one in states) > rules.MOST:
        faults = [{"pointer": "/expert_ids", "detail": S_("A panel has at most %(most)s members.", most=rules.MOST)}]
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    _emit(work, evaluation.appoint(await queries.audit_of(work, project), work.now))
    for id in wanted:
        sheet = Sheet(
            id=new_id(),
            evaluation_id=evaluation.id,
            round=evaluation.round,
            expert_id=id,
            expert_name=found[id]["name"],
            expert_subject=found[id]["subject"],
            due_at=work.now + rules.TIME_TO_JUDGE,
            created_at=work.now,
        )
        work.add(sheet)
        work.emit(sheet.asked())
    return evaluation


async def hand_in_sheet(work: Work, sheet_id: UUID, fields: SheetCreate, version: int | None) -> Sheet:
    """With the last sheet the rule proposes a grade. Raises NotFound, Stale, SheetNotReady, Invalid."""
    project, evaluation, sheet = await _sheet(work, sheet_id, version)
    rules.next_sheet("hand_in", SheetState(sheet.state))
    given = {one.criterion: str(one.score) for one in fields.scores}
    lacking = [rules.ASKS[name] for name in rules.CRITERIA if name not in given]
    if lacking or set(given) - set(rules.CRITERIA):
        raise Invalid(
            N_("Give one score for each criterion."),
            errors=[{"pointer": "/scores", "detail": one} for one in lacking],
        )
    _emit(work, sheet.hand_in(given, fields.to_lead, fields.to_office, work.now))
    await judge_when_in(work, project, evaluation)
    return sheet


async def decline_sheet(work: Work, sheet_id: UUID, reason: str, version: int | None) -> Sheet:
    """The expert cannot judge. Raises NotFound, Stale, SheetNotReady."""
    project, evaluation, sheet = await _sheet(work, sheet_id, version)
    _emit(work, sheet.decline(reason))
    await judge_when_in(work, project, evaluation)
    return sheet


async def judge_when_in(work: Work, project: Project, evaluation: Evaluation) -> None:
    """Propose the grade once nobody is waited for; ask for another member where too few are left."""
    await work.session.flush()
    sheets = await _sheets(work, evaluation)
    states = [SheetState(one.state) for one in sheets]
    if rules.short_of(states):
        _emit(work, evaluation.too_few(work.now), unnamed=True)
    if not rules.all_in(states):
        return
    audit = await queries.audit_of(work, project)
    evaluation.audit = audit
    late = [one for one in evaluation.indicators if one["accepted_on"] and one["accepted_on"] > one["due_on"]]
    final = evaluation.kind == Kind.COMPLETION.value
    missing = sum(one.state != MilestoneState.ACCEPTED.value for one in await milestones_of(work, project.id)) * final
    trace = rules.grading(
        {
            "sheets": [one.scores for one in sheets if one.state == SheetState.HANDED_IN.value],
            "reached": [one.get("worth") or one["reached"] for one in evaluation.indicators],
            "award": audit["award"],
            "spent": audit["spent"],
            "overrun": queries.overrun(audit),
            "late": len(late),
            **({"undelivered": missing} if missing else {}),
        }
    )
    _emit(work, evaluation.judge(trace, work.now), unnamed=True)  # the lead reads it, and not who sits on the panel


async def decide_evaluation(
    work: Work, evaluation_id: UUID, fields: EvaluationDecisionCreate, version: int | None
) -> Evaluation:
    """The office's grade with its reasons. A completion review completes the project, and follows it for years.

    Raises NotFound, Stale, EvaluationNotReady, ProjectNotReady.
    """
    project, evaluation = await _evaluation(work, evaluation_id, rules.RUN, version)
    await _decide(work, project, evaluation, fields)
    return evaluation


async def reopen_evaluation(work: Work, evaluation_id: UUID, reason: str, version: int | None) -> Evaluation:
    """Another person of the office has a decision looked at again, after an appeal or a mistake that came to light. It
    stands, with all that follows from it, until there is another.

    Raises NotFound, Stale, EvaluationNotReady, SameHand, ProjectNotReady, EvaluationOpen.
    """
    project, evaluation = await _evaluation(work, evaluation_id, rules.RUN, version)
    rules.next_state("reopen", State(evaluation.state))
    rules.require_other_hand(work.actor.subject, evaluation.deciders)
    rules.require_reopenable(Kind(evaluation.kind), ProjectState(project.state))
    await _require_none_open(work, project)
    _emit(work, evaluation.reopen(reason, work.actor.subject, work.now))
    return evaluation


async def let_stand(work: Work, evaluation_id: UUID, reason: str, version: int | None) -> Evaluation:
    """Nothing is decided anew; sheets that are waited for are withdrawn. As little as one decides anew does one end
    the review of the own decision. Raises NotFound, Stale, EvaluationNotReady, SameHand."""
    _, evaluation = await _evaluation(work, evaluation_id, rules.RUN, version)
    rules.next_state("let_stand", State(evaluation.state))
    rules.require_other_hand(work.actor.subject, evaluation.deciders)
    await _withdraw_sheets(work, evaluation)
    _emit(work, evaluation.let_stand(reason))
    return evaluation


async def complete_by_evaluation(
    work: Work, project_id: UUID, fields: EvaluationDecisionCreate, version: int | None
) -> Project:
    """Complete a project: the decision of its completion review, whose panel has judged.

    Raises NotFound, Stale, ProjectNotReady, EvaluationOutstanding.
    """
    project = await project_for(work, project_id, rules.RUN)
    work.must_match(project, version)
    found = await work.session.execute(
        select(Evaluation)
        .where(Evaluation.project_id == project.id, Evaluation.kind == "completion", Evaluation.state == "judged")  # type: ignore[arg-type]
        .with_for_update()
    )
    evaluation = found.scalars().first()
    if project.state != ProjectState.RUNNING.value:
        raise ProjectNotReady(N_("A project is evaluated while it runs."))
    if evaluation is None:
        raise rules.EvaluationOutstanding(
            N_("Open the completion review of this project; its panel judges before the office completes it.")
        )
    await _decide(work, project, evaluation, fields)
    return project


async def _decide(work: Work, project: Project, evaluation: Evaluation, fields: EvaluationDecisionCreate) -> None:
    again = evaluation.round > 1
    if again:
        rules.next_state("decide", State(evaluation.state))
        rules.require_other_hand(work.actor.subject, evaluation.deciders)
    _emit(work, evaluation.decide(fields.grade, fields.reason, work.actor.subject, work.now))
    await keep_decision(work, project, evaluation)
    if evaluation.kind != Kind.COMPLETION.value:
        return
    if again:
        before = project.grade
        await regrade_project(work, project, fields.grade, fields.reason)
        if before == fields.grade.value:
            return  # for another reason: what the grade proposed stays
        await take_back_by_rule(work, _cause(evaluation), N_("The evaluation was decided anew, with another grade."))
    else:
        await complete_project(work, project, fields.grade, fields.reason)
        follow(work, project.id, rules.FOLLOW_UP_YEARS)
    if fields.grade.value in GRADES:
        await propose_by_rule(
            work,
            GRADES[fields.grade.value],
            project.id,
            cause=_cause(evaluation) + (f" round {evaluation.round}" if again else ""),
            by_rule="evaluation.grade/1",
            reason=fields.reason,
            about=evaluation.ref,
            title=project.title,
        )


def _cause(evaluation: Evaluation) -> str:
    return f"evaluation {evaluation.id}"


async def end_evaluation(work: Work, project_id: UUID, reason: str) -> None:
    """Call off what is open about a project that is over; for the features above, which have asked their policy."""
    row = await work.row(
        "SELECT id FROM evaluations WHERE project_id = %(id)s AND state NOT IN ('decided', 'cancelled')",
        {"id": project_id},
    )
    if row:
        evaluation = await work.get(Evaluation, row["id"])
        if evaluation.round == 1:
            await _cancel(work, evaluation, reason)
        else:
            await _withdraw_sheets(work, evaluation)
            _emit(work, evaluation.let_stand(reason))


async def cancel_evaluation(work: Work, evaluation_id: UUID, reason: str, version: int | None) -> Evaluation:
    """Call it off; sheets that are waited for are withdrawn. Raises NotFound, Stale, EvaluationNotReady."""
    _, evaluation = await _evaluation(work, evaluation_id, rules.RUN, version)
    await _cancel(work, evaluation, reason)
    return evaluation


async def _cancel(work: Work, evaluation: Evaluation, reason: str) -> None:
    _emit(work, evaluation.cancel(reason))
    await _withdraw_sheets(work, evaluation)


async def _withdraw_sheets(work: Work, evaluation: Evaluation) -> None:
    for sheet in await _sheets(work, evaluation):
        if sheet.state == SheetState.ASKED.value:
            _emit(work, sheet.withdraw())


async def _evaluation(
    work: Work, evaluation_id: UUID, policy: Policy, version: int | None
) -> tuple[Project, Evaluation]:
    """An evaluation with its project, both locked, the project first. Raises NotFound, Stale."""
    policy.admits(work.actor)
    seen = await work.get(Evaluation, evaluation_id, lock=False)
    try:
        project = await project_for(work, seen.project_id, policy)
    except NotFound:  # "no project" would tell that there is such an evaluation
        raise NotFound(S_("There is no %(thing)s here that you may see.", thing="evaluation")) from None
    evaluation = await work.get(Evaluation, evaluation_id)
    work.must_match(evaluation, version)
    return project, evaluation


async def _sheet(work: Work, sheet_id: UUID, version: int | None) -> tuple[Project, Evaluation, Sheet]:
    """An expert's own sheet, with what it is part of; locked from the top. Raises NotFound, Stale."""
    rules.SHEET.admits(work.actor)
    seen = await work.get(Sheet, sheet_id, lock=False)
    place = await work.get(Evaluation, seen.evaluation_id, lock=False)
    gone = seen.state == SheetState.WITHDRAWN.value and seen.expert_subject == work.actor.subject
    rules.SHEET.require(work.actor, person=seen.expert_subject, label=SecurityLabel(place.label), thing="sheet")
    if gone:
        raise NotFound(N_("There is no sheet here that you may see."))
    project = await work.get(Project, place.project_id)
    evaluation = await work.get(Evaluation, place.id)
    sheet = await work.get(Sheet, sheet_id)
    work.must_match(sheet, version)
    return project, evaluation, sheet


async def _sheets(work: Work, evaluation: Evaluation) -> list[Sheet]:
    """Those of this round."""
    found = await work.session.execute(
        select(Sheet)
        .where(Sheet.evaluation_id == evaluation.id, Sheet.round == evaluation.round)  # type: ignore[arg-type]
        .order_by(Sheet.id)  # type: ignore[arg-type]
    )
    return list(found.scalars().all())


def _emit(work: Work, facts: Iterable[Event], *, unnamed: bool = False) -> None:
    for fact in facts:
        work.emit(fact, unnamed=unnamed)
