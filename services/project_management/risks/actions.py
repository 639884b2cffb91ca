"""Writes about risks, each by an organisation of the project."""

from typing import Any
from uuid import UUID

from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import ProjectState
from services.project_management.risks import rules
from services.project_management.risks.model import Risk
from services.project_management.risks.schemas import RiskCreate, RiskUpdate
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel


async def record_risk(work: Work, project_id: UUID, fields: RiskCreate) -> Risk:
    """Put a risk into the register. Raises NotFound, ProjectOver, TooManyRisks."""
    rules.WRITE.admits(work.actor)
    project = await work.get(Project, project_id)
    rules.WRITE.require(work.actor, owners=project.owners, label=SecurityLabel(project.label), thing="project")
    rules.require_project(ProjectState(project.state))
    counted = await work.row("SELECT count(*) AS n FROM project_risks WHERE project_id = %(id)s", {"id": project_id})
    count = counted["n"] if counted else 0
    rules.require_room(count)
    risk = Risk(
        id=new_id(),
        project_id=project.id,
        project_title=project.title,
        office_id=project.office_id,
        lead_id=project.lead_id,
        parties=sorted(str(one) for one in project.owners),
        label=project.label,
        number=count + 1,
        created_at=work.now,
        **_values(fields),
    )
    work.add(risk)
    work.emit(risk.recorded(work.actor.subject, work.now))
    return risk


async def assess_risk(work: Work, risk_id: UUID, fields: RiskUpdate, version: int | None) -> Risk:
    """Describe and weigh it anew; every earlier weight stays. Raises NotFound, Stale, RiskNotReady, ProjectOver."""
    risk = await _risk(work, risk_id, version)
    work.emit(risk.assess(_values(fields), fields.reason, work.actor.subject, work.now))
    return risk


async def watch_risk(work: Work, risk_id: UUID, reason: str, version: int | None) -> Risk:
    """Raises NotFound, Stale, RiskNotReady, ProjectOver."""
    return await _go(work, risk_id, "watch", reason, version)


async def reopen_risk(work: Work, risk_id: UUID, reason: str, version: int | None) -> Risk:
    """Raises NotFound, Stale, RiskNotReady, ProjectOver."""
    return await _go(work, risk_id, "reopen", reason, version)


async def tell_occurrence(work: Work, risk_id: UUID, reason: str, version: int | None) -> Risk:
    """Say that it has happened. Raises NotFound, Stale, RiskNotReady, ProjectOver."""
    return await _go(work, risk_id, "occur", reason, version)


async def close_risk(work: Work, risk_id: UUID, reason: str, version: int | None) -> Risk:
    """Raises NotFound, Stale, RiskNotReady, ProjectOver."""
    return await _go(work, risk_id, "close", reason, version)


async def _go(work: Work, risk_id: UUID, verb: str, reason: str, version: int | None) -> Risk:
    risk = await _risk(work, risk_id, version)
    work.emit(risk.go(verb, reason))
    return risk


async def _risk(work: Work, risk_id: UUID, version: int | None) -> Risk:
    """A risk of a project that is not over, the project locked first. Raises NotFound, Stale, ProjectOver."""
    rules.WRITE.admits(work.actor)
    seen = await work.get(Risk, risk_id, lock=False)
    rules.WRITE.require(
        work.actor, owners={UUID(one) for one in seen.parties}, label=SecurityLabel(seen.label), thing="risk"
    )
    project = await work.get(Project, seen.project_id)
    risk = await work.get(Risk, risk_id)
    work.must_match(risk, version)
    rules.require_project(ProjectState(project.state))
    return risk


def _values(fields: RiskCreate) -> dict[str, Any]:
    return {**fields.model_dump(exclude={"reason"}), "response": fields.response.value}
