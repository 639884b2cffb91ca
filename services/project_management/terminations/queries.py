"""Reads about the early end of projects: who reads the project reads them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.delivery.model import Project
from services.project_management.lapses.rules import REVIEW_GRADE
from services.project_management.reports.rules import REVIEW_GRADE as REPORT_REVIEW
from services.project_management.terminations import rules
from shared.blobs.rows import documents_of
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

_SEEN = """SELECT t.* FROM terminations t WHERE t.label = ANY(%(labels)s)
  AND (%(all)s OR t.office_id = ANY(%(offices)s) OR EXISTS (SELECT FROM jsonb_array_elements_text(t.parties) one
                          WHERE one::uuid = ANY(%(organisations)s)))"""


async def terminations(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """Of one project, newest first."""
    found = await rows.rows(
        _SEEN + " AND t.project_id = %(project)s ORDER BY t.id DESC LIMIT 50",
        rules.READ.sight(rows.actor) | {"project": project_id},
    )
    return [await _whole(rows, one) for one in found]


async def termination(rows: Rows, termination_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    row = await rows.row(_SEEN + " AND t.id = %(id)s", rules.READ.sight(rows.actor) | {"id": termination_id})
    if row is None:
        raise NotFound(N_("There is no end of a project here that you may see."))
    return await _whole(rows, row)


async def _whole(rows: Rows, row: dict[str, Any]) -> dict[str, Any]:
    files = await documents_of(rows, "termination", row["id"])
    shown = [{"id": one.id, "filename": one.filename, "size": one.size, "sha256": one.sha256} for one in files]
    return row | {"evidence": shown}


async def late(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """Open milestones and reports whose delay has drawn the review of whether to end the project."""
    return await rows.rows(
        """SELECT 'milestone' AS kind, m.id, m.number, m.title, m.due_on FROM milestones m
           WHERE m.project_id = %(id)s AND m.state <> 'accepted'
             AND EXISTS (SELECT FROM milestone_lapses l WHERE l.milestone_id = m.id AND l.due_on = m.due_on
                                                          AND l.grade >= %(grade)s)
           UNION ALL
           SELECT 'report', r.id, r.number, '', r.due_on FROM progress_reports r
           WHERE r.project_id = %(id)s AND r.state IN ('open', 'returned') AND r.grade >= %(report)s
           ORDER BY kind, number""",
        {"id": project_id, "grade": REVIEW_GRADE, "report": REPORT_REVIEW},
    )


async def money_of(rows: Rows, project: Project) -> dict[str, Any]:
    """What the settlement is worked out from, and how many claims wait for an answer."""
    found = await rows.row(
        """SELECT coalesce(sum(m.tranche_amount) FILTER (WHERE m.released_at IS NOT NULL), 0) AS released,
                  coalesce(sum(m.tranche_amount) FILTER (WHERE m.state = 'accepted' AND m.released_at IS NULL), 0)
                      AS accepted,
                  (SELECT coalesce(sum(c.total_amount), 0) FROM expenditure_claims c
                   WHERE c.project_id = %(id)s AND c.state = 'approved') AS spent,
                  (SELECT count(*) FROM expenditure_claims c
                   WHERE c.project_id = %(id)s AND (c.state = 'submitted' OR (c.state = 'returned' AND EXISTS (
                       SELECT FROM terminations t WHERE t.project_id = c.project_id AND t.state = 'ended'
                         AND t.decided_at > %(now)s - %(time)s)))) AS waiting,
                  EXISTS (SELECT FROM budget_lines b WHERE b.project_id = %(id)s) AS budgeted
           FROM milestones m WHERE m.project_id = %(id)s""",
        # A claim that was sent back is corrected within the time there is for an answer; then it is left out.
        {"id": project.id, "now": rows.now, "time": rules.TIME_TO_ANSWER},
    )
    assert found
    inputs = {name: f"{Decimal(found[name]):.2f}" for name in ("released", "accepted", "spent")} | {
        "award": f"{project.amount_amount:.2f}",
        "currency": project.amount_currency,
        "budgeted": found["budgeted"],
    }
    return {"inputs": inputs, "waiting": found["waiting"]}


async def may_read_termination(rows: Rows, termination_id: UUID, actor: Actor) -> bool:
    """Whether the actor may read the evidence; for document downloads."""
    row = await rows.row("SELECT parties, office_id, label FROM terminations WHERE id = %(id)s", {"id": termination_id})
    if row is None:
        return False
    owners = frozenset(UUID(one) for one in row["parties"])
    return rules.READ.allows(actor, owners=owners, office=row["office_id"], label=SecurityLabel(row["label"]))
