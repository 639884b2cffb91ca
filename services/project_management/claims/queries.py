"""Reads about claims: the organisations of the project and the offices see them."""

from typing import Any
from uuid import UUID

from services.project_management.claims import rules
from services.project_management.delivery.queries import projects
from services.project_management.delivery.rules import ProjectState
from shared.blobs.rows import documents_of
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

_CLAIMS = """
SELECT c.id, c.version, c.project_id, c.project_title, c.number, c.organisation_id, c.organisation_name, c.office_id,
       c.parties, c.label, c.items, c.total_amount, c.total_currency, c.note, c.answer, c.state, c.trace,
       c.submitted_at, c.judged_at
FROM expenditure_claims c
WHERE c.label = ANY(%(labels)s)
  AND (%(all)s OR c.office_id = ANY(%(offices)s) OR EXISTS (SELECT FROM jsonb_array_elements_text(c.parties) one
                          WHERE one::uuid = ANY(%(organisations)s)))
"""


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "total": {"amount": row["total_amount"], "currency": row["total_currency"]}}


async def claims(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """A project's claims as far as they may be read, newest first."""
    found = await rows.rows(
        _CLAIMS + " AND c.project_id = %(project)s ORDER BY c.number DESC LIMIT 500",
        rules.READ.sight(rows.actor) | {"project": project_id},
    )
    return [_shaped(row) for row in found]


async def waiting_claims(rows: Rows) -> list[dict[str, Any]]:
    """Claims that wait for an answer or a correction, as far as they may be read, the oldest first."""
    found = await rows.rows(
        _CLAIMS + " AND c.state IN ('submitted', 'returned') ORDER BY c.submitted_at, c.id LIMIT 200",
        rules.READ.sight(rows.actor),
    )
    return [_shaped(row) for row in found]


async def money(rows: Rows) -> dict[str, Any]:
    """What waits for whoever looks after money, and how much of each running project's award is used: claims to judge
    or to correct, tranches of accepted milestones that are not released, and the projects with both."""
    paid_for = [ProjectState.RUNNING.value, ProjectState.COMPLETED.value]
    mine = (await projects(rows, states=paid_for, limit=500, policy=rules.READ)).items
    running = [one for one in mine if one["state"] == ProjectState.RUNNING.value]
    ids = {"ids": [one["id"] for one in mine]}
    tranches = await rows.rows(
        """SELECT m.id, m.number, m.title, m.project_id, p.title AS project_title, m.tranche_amount AS amount,
                  p.amount_currency AS currency, m.due_on
           FROM milestones m JOIN projects p ON p.id = m.project_id
           WHERE m.project_id = ANY(%(ids)s) AND m.state = 'accepted' AND m.released_at IS NULL AND m.tranche_amount > 0
           ORDER BY m.due_on, p.title, m.number""",
        ids,
    )
    used = await rows.rows(
        """SELECT p.id,
                  (SELECT coalesce(sum(m.tranche_amount), 0) FROM milestones m
                   WHERE m.project_id = p.id AND m.released_at IS NOT NULL) AS paid,
                  (SELECT coalesce(sum(c.total_amount), 0) FROM expenditure_claims c
                   WHERE c.project_id = p.id AND c.state IN ('submitted', 'approved')) AS claimed,
                  (SELECT coalesce(sum(c.total_amount), 0) FROM expenditure_claims c
                   WHERE c.project_id = p.id AND c.state = 'approved') AS approved
           FROM projects p WHERE p.id = ANY(%(ids)s)""",
        ids,
    )
    of = {row["id"]: row for row in used}
    return {
        "claims": await waiting_claims(rows),
        "tranches": [{**one, "amount": {"amount": one["amount"], "currency": one["currency"]}} for one in tranches],
        "projects": [
            {
                **{name: one[name] for name in ("id", "title", "lead_name", "ends_on", "amount")},
                **{
                    name: {"amount": of[one["id"]][name], "currency": one["amount_currency"]}
                    for name in ("paid", "claimed", "approved")
                },
            }
            for one in running
        ],
    }


async def claim(rows: Rows, claim_id: UUID) -> dict[str, Any]:
    """One claim with its receipts. Raises NotFound."""
    row = await rows.row(_CLAIMS + " AND c.id = %(id)s", rules.READ.sight(rows.actor) | {"id": claim_id})
    if row is None:
        raise NotFound(N_("There is no claim here that you may see."))
    receipts = [
        {"id": one.id, "filename": one.filename, "size": one.size, "sha256": one.sha256, "uploaded_at": one.created_at}
        for one in await documents_of(rows, "claim", claim_id)
    ]
    return {**_shaped(row), "receipts": receipts}


async def may_read_claim(rows: Rows, claim_id: UUID, actor: Actor) -> bool:
    """Whether the actor may read a claim's receipts; for document downloads."""
    row = await rows.row("SELECT parties, office_id, label FROM expenditure_claims WHERE id = %(id)s", {"id": claim_id})
    if row is None:
        return False
    owners = frozenset(UUID(one) for one in row["parties"])
    return rules.READ.allows(actor, owners=owners, office=row["office_id"], label=SecurityLabel(row["label"]))


async def settled(rows: Rows, project_id: UUID) -> bool:
    """Whether the money of a project that ended early is worked out. Such ends are a feature above this one."""
    query = "SELECT 1 FROM terminations WHERE project_id = %(id)s AND state IN ('settled', 'closed')"
    return await rows.row(query, {"id": project_id}) is not None
