"""Hears what waits for people, from every service that says so."""

from services.coordination.worklist.actions import close_task, open_task
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts import catalog, finance, ip, projects
from shared.contracts.base import TaskAssigned, TaskDone
from shared.db.work import Work

hears = Reactions()


@hears.on(
    projects.TaskAssigned,
    projects.TaskDone,
    ip.TaskAssigned,
    ip.TaskDone,
    catalog.TaskAssigned,
    catalog.TaskDone,
    finance.TaskAssigned,
    finance.TaskDone,
)
async def on_task_fact(work: Work, event: TaskAssigned | TaskDone, heard: Envelope) -> None:
    """The newest fact about a task counts, so "done" heard before "assigned" leaves it done."""
    if isinstance(event, TaskAssigned):
        await open_task(work, event, event.service(), heard.time)
    else:
        await close_task(work, event, event.service(), heard.time)
