"""Hears which projects run, and what was paid for them."""

from services.finance_matching.projects.actions import record_project, record_tranche
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.project_delivery import ProjectTerminated
from shared.contracts.projects import MilestoneAccepted, ProjectCompleted, ProjectStarted
from shared.db.work import Work

hears = Reactions()


@hears.on(ProjectStarted, ProjectCompleted, ProjectTerminated)
async def on_project_fact(
    work: Work, event: ProjectStarted | ProjectCompleted | ProjectTerminated, heard: Envelope
) -> None:
    await record_project(work, event)


@hears.on(MilestoneAccepted)
async def on_milestone_accepted(work: Work, event: MilestoneAccepted, heard: Envelope) -> None:
    await record_tranche(work, event)
