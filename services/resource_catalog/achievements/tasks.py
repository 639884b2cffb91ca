"""Who has to act on an achievement now, said to the worklist. One task is open at a time."""

from typing import Any

from services.resource_catalog.achievements import queries
from services.resource_catalog.achievements.model import Achievement
from shared.contracts.base import ThingRef
from shared.contracts.catalog import TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel


async def ask_for_review(work: Work, achievement: Achievement) -> None:
    """The organisation's representatives; the coordination office where the author is the only one."""
    finish(work, achievement, "requested")
    if await queries.has_other_representative(work, achievement.organisation_id, achievement.author):
        reviewer: dict[str, Any] = {"role": Role.REPRESENTATIVE, "organisation_id": achievement.organisation_id}
    else:
        reviewer = {"role": Role.COORDINATOR}
    title = S_("Check the label of “%(title)s”", title=achievement.title)
    _assign(work, achievement, title, "achievement.security_review", reviewer)


def ask_to_correct(work: Work, achievement: Achievement) -> None:
    finish(work, achievement, "returned")
    title = S_("Correct “%(title)s” and ask again", title=achievement.title)
    _assign(work, achievement, title, "achievement.correct", {"subject": achievement.author})


def ask_to_release(work: Work, achievement: Achievement) -> None:
    finish(work, achievement, "approved")
    title = S_("Release “%(title)s”", title=achievement.title)
    _assign(work, achievement, title, "achievement.release", {"subject": achievement.author})


def finish(work: Work, achievement: Achievement, outcome: str) -> None:
    """Close the open task, if there is one."""
    if achievement.task_id is None:
        return
    work.emit(
        TaskDone(
            id=achievement.task_id,
            version=2,
            title=achievement.title,
            label=SecurityLabel(achievement.label),
            owners=(achievement.organisation_id,),
            outcome=outcome,
        )
    )
    achievement.task_id = None


def _assign(work: Work, achievement: Achievement, title: str, kind: str, whom: dict[str, Any]) -> None:
    achievement.task_id = new_id()
    work.emit(
        TaskAssigned(
            id=achievement.task_id,
            version=1,
            title=title,
            kind=kind,
            url=f"/catalog/achievements/{achievement.id}",
            about=ThingRef(kind="achievement", id=achievement.id),
            label=SecurityLabel(achievement.label),
            owners=(achievement.organisation_id,),
            **whom,
        )
    )
