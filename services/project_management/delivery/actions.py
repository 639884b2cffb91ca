"""Writes about projects and their milestones."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of, taking_part
from services.project_management.awards.model import Award
from services.project_management.budgets import rules as budgets
from services.project_management.budgets.approved import approved_lines, in_years
from services.project_management.budgets.model import WHOLE, BudgetLine
from services.project_management.budgets.queries import keeper
from services.project_management.calls.model import Call
from services.project_management.delivery import rules
from services.project_management.delivery.model import Milestone, Project
from services.project_management.delivery.queries import gate_inputs
from services.project_management.delivery.rules import ProjectState, Side
from services.project_management.delivery.schemas import (
    AcceptanceCreate,
    EvidenceCreate,
    ProjectCreate,
    ReturnCreate,
    SignatureCreate,
    TaskBookFields,
)
from services.project_management.delivery.versions import keep_version
from services.project_management.rights.actions import agreement_on, begin_agreement
from services.project_management.teams.queries import team
from services.project_management.teams.rules import Role as Part
from shared.blobs.rows import attach
from shared.contracts.base import Event
from shared.contracts.projects import ProjectCompleted
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.policy import Policy
from shared.kernel.types import Role, SecurityLabel


def _say(work: Work, *facts: Event | None) -> None:
    for fact in facts:
        if fact:
            work.emit(fact)


async def create_project(work: Work, fields: ProjectCreate) -> Project:
    """Draw up the task book of a funded application and ask both sides to sign it.

    Raises NotFound, NotFunded, ProjectExists, Invalid.
    """
    rules.DRAFT.admits(work.actor)
    application = await work.get(Application, fields.application_id)
    partners = await partners_of(work, application.id)
    label = SecurityLabel(application.label)
    call = await work.get(Call, application.call_id, lock=False)
    rules.DRAFT.require(
        work.actor,
        owners={application.lead_id},
        parties=application.parties(partners),
        office=call.organisation_id,
        label=label,
        thing="application",
    )
    found = await work.session.execute(select(Award).where(Award.application_id == application.id))  # type: ignore[arg-type]
    award = found.scalars().first()
    if award is None or award.outcome != "funded":
        raise rules.NotFunded(N_("Draw up a task book only for an application that the call's decision funds."))
    if await work.row("SELECT 1 FROM projects WHERE application_id = %(id)s", {"id": application.id}):
        raise rules.ProjectExists(N_("The task book of this application is drawn up already. Open the project."))
    inside = taking_part(partners)
    parties = {str(one.organisation_id): one.name for one in inside} | {str(application.lead_id): application.lead_name}
    if not fields.budget:
        approved = await approved_lines(work, application.id, award.amount_amount)
        fields.budget = in_years(approved, fields.starts_on.year, fields.ends_on.year, award.amount_currency)
    require_sound(fields, award.amount_amount, award.amount_currency, parties)
    home = await work.row("SELECT region, sector FROM organisations WHERE id = %(id)s", {"id": application.lead_id})
    project = Project(
        id=new_id(),
        call_id=call.id,
        application_id=application.id,
        title=application.title,
        abstract=application.abstract,
        office_id=call.organisation_id,
        lead_id=application.lead_id,
        lead_name=application.lead_name,
        partners=[one.ref.model_dump() for one in inside],
        field=call.field,
        stage=call.stage,
        region=home["region"] if home else "",
        sector=(home["sector"] if home else "") or "civil",
        label=application.label,
        amount_amount=award.amount_amount,
        amount_currency=award.amount_currency,
        starts_on=fields.starts_on,
        ends_on=fields.ends_on,
        created_at=work.now,
    )
    milestones, lines = rows_of(project, fields, work.now)
    more = {"people": await people_of(work, application.id, fields), "indicators": promises_of(fields)}
    _say(work, *project.draw_up(milestones, lines, more))
    work.add(project)
    await work.session.flush()
    for row in (*milestones, *lines):
        work.add(row)
    _say(work, *award.book_over(application, call.organisation_id, "done"))
    await begin_agreement(work, application, call)
    return project


def require_sound(fields: TaskBookFields, amount: Decimal, currency: str, parties: Collection[str]) -> None:
    """Whether the wording fits the award. Raises Invalid with each fault at its place."""
    faults = rules.faults(
        award=amount,
        currency=currency,
        starts_on=fields.starts_on,
        ends_on=fields.ends_on,
        milestones=[(one.due_on, one.tranche.amount, one.tranche.currency) for one in fields.milestones],
    )
    faults += budgets.faults(
        [(one.category, one.year, one.amount.amount, one.amount.currency) for one in fields.budget],
        award=amount,
        currency=currency,
        first=fields.starts_on.year,
        last=fields.ends_on.year,
        whose=[str(one.organisation_id) if one.organisation_id else None for one in fields.budget],
        parties=parties,
    )
    if faults:
        raise Invalid(
            N_("Correct the marked entries and send them again."),
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in faults],
        )


def rows_of(project: Project, fields: TaskBookFields, now: datetime) -> tuple[list[Milestone], list[BudgetLine]]:
    """The milestones and budget lines that a wording promises."""
    milestones = [
        Milestone(
            id=new_id(),
            project_id=project.id,
            number=n,
            title=one.title,
            deliverable=one.deliverable,
            test=one.test,
            due_on=one.due_on,
            tranche_amount=one.tranche.amount,
            tranche_currency=one.tranche.currency,
            created_at=now,
        )
        for n, one in enumerate(fields.milestones, 1)
    ]
    names = {project.lead.id: project.lead_name} | {one["id"]: one["name"] for one in project.partners}
    lines = [
        BudgetLine(
            project_id=project.id,
            organisation_id=one.organisation_id or WHOLE,
            organisation_name=names.get(str(one.organisation_id), ""),
            category=one.category.value,
            year=one.year,
            amount=one.amount.amount,
        )
        for one in fields.budget
    ]
    return milestones, lines


def promises_of(fields: TaskBookFields) -> list[dict[str, str]]:
    """What is promised as a number. Raises Invalid for a milestone that there is not."""
    promised = fields.indicators or []
    faults = [
        {"pointer": f"/indicators/{n}/milestone", "detail": N_("The plan has no milestone of this number.")}
        for n, one in enumerate(promised)
        if one.milestone > len(fields.milestones)
    ]
    if faults:
        raise Invalid(N_("Correct the marked entries and send them again."), errors=faults)
    return [one.kept() for one in promised]


async def people_of(work: Work, application_id: UUID, fields: TaskBookFields) -> list[dict[str, str]]:
    """Who works in it beside its leader: the application's people, unless others are named."""
    if fields.people is not None:
        return [one.model_dump() for one in fields.people]
    named = await team(work, application_id)
    return [{"name": one["name"], "part": one["part"]} for one in named if one["role"] == Part.MEMBER.value]


async def begin_missing_agreements(work: Work) -> None:
    """Projects that were begun before agreements were asked for wait for one as well."""
    waiting = await work.rows(
        """SELECT p.application_id, p.call_id FROM projects p
           WHERE p.state IN ('drafted', 'running')
             AND NOT EXISTS (SELECT FROM agreements g WHERE g.application_id = p.application_id)
           ORDER BY p.id LIMIT 50"""
    )
    for row in waiting:
        async with work.apart(application=row["application_id"]):
            application = await work.get(Application, row["application_id"])
            await begin_agreement(work, application, await work.get(Call, row["call_id"], lock=False))


async def milestones_of(work: Work, project_id: UUID) -> list[Milestone]:
    found = await work.session.execute(
        select(Milestone)
        .where(Milestone.project_id == project_id)  # type: ignore[arg-type]
        .order_by(Milestone.number)  # type: ignore[arg-type]
        .with_for_update()
    )
    return list(found.scalars().all())


async def project_for(work: Work, project_id: UUID, policy: Policy) -> Project:
    """The project, locked, if the policy allows it; also for features above. Raises NotFound."""
    policy.admits(work.actor)
    project = await work.get(Project, project_id)
    policy.require(
        work.actor,
        owners={project.lead_id},
        parties=project.owners,
        office=project.office_id,
        label=SecurityLabel(project.label),
        thing="project",
    )
    return project


async def sign_project(work: Work, project_id: UUID, fields: SignatureCreate, version: int | None) -> Project:
    """Sign the task book for one side; with the second signature the project starts.

    Raises NotFound, Stale, ProjectNotReady, SignedAlready, RightsNotAgreed, Invalid.
    """
    project = await project_for(work, project_id, rules.SIGN)
    work.must_match(project, version)
    may = rules.sides(
        officer=rules.SIGN.in_charge(work.actor, project.office_id, project.owners),
        lead=project.lead_id in work.actor.organisations(Role.REPRESENTATIVE),
    )
    side = fields.side or may[0]
    if side not in may:
        raise Invalid.field("/side", rules.SIGNS_FOR[may[0]])
    rules.project_after("sign", ProjectState(project.state))
    agreement = await agreement_on(work, project.application_id)
    others = [project.signed_by(one) for one in Side if one is not side]
    rules.require_rights(last=all(others), in_force=agreement is not None and agreement.in_force is not None)
    _say(work, *project.sign(side, work.actor.subject, work.now))
    if project.fully_signed:
        office, lead = (
            (project.office_signed_by, project.office_signed_at),
            (project.lead_signed_by, project.lead_signed_at),
        )
        keep_version(work, project, 1, [office, lead])
        _say(work, project.start(work.now))
        _say(work, *(one.evidence_due(project) for one in await milestones_of(work, project.id)))
    return project


async def _milestone(work: Work, milestone_id: UUID, version: int | None, policy: Policy) -> tuple[Project, Milestone]:
    """A project's milestone, both locked, the project first. Raises NotFound, Stale, ProjectNotReady."""
    policy.admits(work.actor)
    seen = await work.get(Milestone, milestone_id, lock=False)
    try:
        project = await project_for(work, seen.project_id, policy)
    except NotFound:  # "no project" would tell that there is such a milestone
        raise NotFound(N_("There is no milestone here that you may see.")) from None
    milestone = await work.get(Milestone, milestone_id)
    work.must_match(milestone, version)
    rules.require_project("release" if policy is rules.PAY else "reach", ProjectState(project.state))
    return project, milestone


async def submit_evidence(work: Work, milestone_id: UUID, fields: EvidenceCreate, version: int | None) -> Milestone:
    """Show by a document that a milestone is reached. Raises NotFound, Stale, MilestoneNotReady, NoSuchDocument,
    DocumentNotClean, DocumentTaken."""
    project, milestone = await _milestone(work, milestone_id, version, rules.SUBMIT)
    rules.milestone_after("submit", rules.MilestoneState(milestone.state))
    document = await attach(work, fields.document_id, "milestone", milestone.id)
    _say(work, *milestone.submit(project, document.id, document.sha256 or "", fields.note, work.now))
    return milestone


async def accept_milestone(work: Work, milestone_id: UUID, fields: AcceptanceCreate, version: int | None) -> Milestone:
    """Accept the evidence once the acceptance test is passed; the tranche then waits at its gate.

    Raises NotFound, Stale, MilestoneNotReady, OutOfOrder, Invalid.
    """
    project, milestone = await _milestone(work, milestone_id, version, rules.JUDGE)
    rules.milestone_after("accept", rules.MilestoneState(milestone.state))
    if milestone.test and not fields.findings:
        raise Invalid.field("/findings", N_("An acceptance test was agreed: say what it showed."))
    earlier = [one for one in await milestones_of(work, project.id) if one.number < milestone.number]
    accepted = rules.MilestoneState.ACCEPTED.value
    rules.require_order([(one.number, one.title, one.state == accepted) for one in earlier])
    whose = await keeper(work, project.office_id)
    _say(work, *milestone.accept(project, fields.note, fields.findings, work.now, whose))
    if all(one.state == rules.MilestoneState.ACCEPTED.value for one in await milestones_of(work, project.id)):
        _say(work, project.judgement_due())
    return milestone


async def release_tranche(work: Work, milestone_id: UUID, version: int | None) -> Milestone:
    """Let the money of an accepted milestone pass its gate. Raises NotFound, Stale, MilestoneNotReady, GateClosed."""
    project, milestone = await _milestone(work, milestone_id, version, rules.PAY)
    rules.milestone_after("release", rules.MilestoneState(milestone.state))
    trace = rules.gate(await gate_inputs(work, milestone.id))
    rules.require_open(trace)
    _say(work, *milestone.release(project, trace.model_dump(mode="json"), work.now))
    return milestone


async def return_milestone(work: Work, milestone_id: UUID, fields: ReturnCreate, version: int | None) -> Milestone:
    """Send the evidence back with the reason. Raises NotFound, Stale, MilestoneNotReady."""
    project, milestone = await _milestone(work, milestone_id, version, rules.JUDGE)
    _say(work, *milestone.send_back(project, fields.reason, work.now))
    return milestone


async def complete_project(work: Work, project: Project, grade: rules.Grade, reason: str) -> None:
    """Close a locked project with the grade of its evaluation. Raises ProjectNotReady for a better grade than fail
    while a milestone is open, and while it is proposed to end it early: that is a feature above this one."""
    rules.project_after("complete", ProjectState(project.state))
    if await work.row(
        "SELECT 1 FROM terminations WHERE project_id = %(id)s AND state = 'proposed'", {"id": project.id}
    ):
        raise rules.ProjectNotReady(N_("Somebody proposes to end the project. Answer or withdraw that first."))
    waiting = [one for one in await milestones_of(work, project.id) if one.state != "accepted"]
    if waiting and grade is not rules.Grade.FAIL:
        raise rules.ProjectNotReady(
            S_(
                "Milestone %(number)s is not accepted yet: “%(title)s”.",
                number=waiting[0].number,
                title=waiting[0].title,
            )
        )
    _say(work, *project.complete(grade, reason, work.now))
    await end_milestones(work, project, unpaid=False)


async def regrade_project(work: Work, project: Project, grade: rules.Grade, reason: str) -> None:
    """Its evaluation was decided anew: said again, with a new version, for all who follow the grade. Raises
    ProjectNotReady for a better grade than fail where a milestone was never accepted."""
    waiting = [one for one in await milestones_of(work, project.id) if one.state != "accepted"]
    if waiting and grade is not rules.Grade.FAIL:
        raise rules.ProjectNotReady(
            S_(
                "Milestone %(number)s was not accepted: “%(title)s”.",
                number=waiting[0].number,
                title=waiting[0].title,
            )
        )
    project.grade, project.grade_reason = grade.value, reason
    work.emit(
        ProjectCompleted(
            version=project.touch(), lead=project.lead, grade=grade.value, reason=reason, **project.frame()
        )
    )


async def end_milestones(work: Work, project: Project, *, unpaid: bool) -> None:
    """What nobody will deliver any more; for the features above. `unpaid`: accepted money is settled there as well."""
    for one in await milestones_of(work, project.id):
        _say(work, *one.end(project, unpaid=unpaid))
