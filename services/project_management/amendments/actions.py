"""Writes about the versions of a released call."""

from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from shared.db.work import Work

AT_ONCE = 200
"""How many leads are told in one unit of work; the next second brings the others."""


async def tell_of_changes(work: Work) -> None:
    """Whoever began an application for an earlier version of its call is told, once, that there is a newer one."""
    behind = await work.rows(
        """SELECT a.id, c.closes_at FROM applications a JOIN calls c ON c.id = a.call_id
           WHERE c.state = 'released' AND c.closes_at > %(now)s AND a.call_version < c.released_version
             AND a.changes_task_id IS NULL AND a.state IN ('draft', 'submitted')
           ORDER BY a.id LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in behind:
        async with work.apart(application=row["id"]):
            application = await work.session.get(
                Application, row["id"], with_for_update={"skip_locked": True}, populate_existing=True
            )
            if application is not None and application.changes_task_id is None:
                work.emit(application.tell_changes(await partners_of(work, application.id), row["closes_at"]))
