"""What the clock does about awards: it reminds of the task books that are to be drawn up."""

from collections.abc import Sequence

from services.project_management.applications.model import Application
from services.project_management.awards.model import Award
from services.project_management.calls.model import Call
from shared.contracts.base import Event
from shared.db.work import Work

AT_ONCE = 50


async def remind_of_books(work: Work) -> None:
    """A week before the day, and on it; who was never asked is asked now."""
    found = await work.rows(
        """SELECT id, application_id, call_id FROM awards
           WHERE draft_task_id IS NOT NULL AND book_remind_at <= %(now)s
           ORDER BY book_remind_at, id LIMIT %(most)s""",
        {"now": work.now, "most": AT_ONCE},
    )
    for row in found:
        async with work.apart(award=row["id"]):
            call = await work.get(Call, row["call_id"], lock=False)
            application = await work.get(Application, row["application_id"])
            award = await work.get(Award, row["id"])
            if award.draft_task_id is None or award.book_remind_at is None or award.book_remind_at > work.now:
                continue
            if award.book_due_at is None:  # granted before its lead was asked and a day was set
                facts: Sequence[Event] = [
                    *award.book_over(application, call.organisation_id, "asked anew"),
                    *award.book_due(application, call.organisation_id, work.now),
                ]
            else:
                facts = award.remind(application, call.organisation_id, work.now)
            for fact in facts:
                work.emit(fact)
