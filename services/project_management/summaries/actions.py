"""Writes about summaries of reviews."""

from uuid import UUID

from services.project_management.applications.model import Application
from services.project_management.receipts.actions import issue_paper
from services.project_management.receipts.queries import paper
from services.project_management.snapshots import canonical
from services.project_management.summaries import queries, rules
from shared.db.work import Work
from shared.kernel.marks import N_


async def issue_summary(work: Work, application_id: UUID) -> str:
    """Fix what the reviews of an application come to now, with a number. Where nothing differs from the last one, that
    stands. Returns the number. Raises NotFound, OwnApplication, NothingReviewed.
    """
    rules.ISSUE.admits(work.actor)
    about = await queries.reviewed(work, application_id)
    rules.ISSUE.require(work.actor, office=about["call"]["organisation_id"], thing="application")
    # Before the lock, for a large call takes its solver longer than others wait for the application.
    before, content = await paper(work, "summary", application_id), await queries.content_of(work, about)
    await work.get(Application, application_id)  # locked: two at once would issue one version twice
    last = await paper(work, "summary", application_id)
    if last != before:  # it may say more than what was worked out here
        content = await queries.content_of(work, about)
    if not content["reviews"]:
        raise rules.NothingReviewed(N_("A summary can be issued when a review of it is handed in."))
    if last and last["sha256"] == canonical(content)[1]:
        return str(last["number"])
    return issue_paper(
        work,
        kind="summary",
        about_id=application_id,
        call_id=about["call_id"],
        content=content,
        version=last["version"] + 1 if last else 1,
    )
