"""Reads about projects and milestones: an organisation sees its own, the office all."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.delivery import rules
from services.project_management.delivery.rules import Side
from services.project_management.rights.queries import agreement_of
from shared.blobs.rows import documents_of
from shared.db.keyset import Orders, Page
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.clock import local_day
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import SecurityLabel

_PROJECTS = """
SELECT p.id, p.version, p.title, p.abstract, p.state, p.call_id, c.title AS call_title,
       c.title_zh AS call_title_zh, p.application_id, p.office_id,
       p.lead_id, p.lead_name, p.partners, p.field, p.stage, p.region, p.sector, p.label, p.amount_amount,
       p.amount_currency, p.starts_on, p.ends_on, p.sha256, p.office_signed_by, p.office_signed_at, p.lead_signed_by,
       p.lead_signed_at, p.started_at, p.grade, p.grade_reason, p.completed_at, p.created_at,
       (SELECT jsonb_build_object('id', r.id, 'title', r.title, 'likelihood', r.likelihood, 'impact', r.impact)
        FROM project_risks r WHERE r.project_id = p.id AND r.state IN ('open', 'watched')
        ORDER BY r.likelihood * r.impact DESC, r.impact DESC, r.number LIMIT 1) AS risk
FROM projects p JOIN calls c ON c.id = p.call_id
WHERE p.label = ANY(%(labels)s)
  AND (%(office)s OR p.office_id = ANY(%(offices)s) OR p.lead_id = ANY(%(own)s)
       OR EXISTS (SELECT FROM jsonb_array_elements(p.partners) one WHERE (one ->> 'id')::uuid = ANY(%(own)s)))
"""
_FILTER = """ AND (%(search)s::text = '' OR p.title ILIKE %(search)s OR p.lead_name ILIKE %(search)s)
              AND (%(states)s::text[] IS NULL OR p.state = ANY(%(states)s))"""
# What of a project waits for its office, and what is late. Later features' tables are read by SQL, as delays are.
_WAITS: dict[str, str] = {
    "late": """EXISTS (SELECT FROM milestones m WHERE m.project_id = p.id AND m.state IN ('pending', 'returned')
                       AND m.due_on < %(today)s) AND p.state = 'running'""",
    "milestones": "EXISTS (SELECT FROM milestones m WHERE m.project_id = p.id AND m.state = 'evidence_submitted')",
    "tranches": """EXISTS (SELECT FROM milestones m WHERE m.project_id = p.id AND m.state = 'accepted'
                           AND m.released_at IS NULL)""",
    "claims": "EXISTS (SELECT FROM expenditure_claims m WHERE m.project_id = p.id AND m.state = 'submitted')",
    "changes": "EXISTS (SELECT FROM project_changes m WHERE m.project_id = p.id AND m.state = 'requested')",
    "evaluations": """EXISTS (SELECT FROM evaluations m WHERE m.project_id = p.id
                              AND m.state IN ('reported', 'judged'))""",
    "signatures": "p.state = 'drafted' AND p.office_signed_by IS NULL",
}
_FILTER += f""" AND (%(waits)s::text[] IS NULL OR {
    " OR ".join(f"('{name}' = ANY(%(waits)s) AND {clause})" for name, clause in _WAITS.items())
})"""
_NEXT = """(SELECT min(m.due_on) FROM milestones m
            WHERE m.project_id = p.id AND m.state IN ('pending', 'returned') AND p.state <> 'completed')"""
_LISTED = f""", {_NEXT} AS next_due,
       (SELECT array_agg(name) FROM (VALUES {
    ", ".join(f"('{name}', {clause})" for name, clause in _WAITS.items())
}) waits (name, holds) WHERE holds) AS waits"""  # noqa: S608 -- constants only
ORDERS = Orders(
    {
        "created_at": ("p.created_at", "timestamptz"),
        "title": ("p.title", "text"),
        "field": ("p.field", "text"),
        "amount": ("p.amount_amount", "numeric"),
        "ends_on": ("p.ends_on", "date"),
        "next_due": (f"coalesce({_NEXT}, '9999-12-31'::date)", "date"),
    },
    "-created_at",
    "p.id",
)


def _may(rows: Rows, policy: Policy = rules.READ) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "office": rows.actor.has(*rules.OVERSEERS),
        "own": list(rows.actor.organisations(*(policy.roles or ()))),
        "offices": list(rows.actor.organisations(*policy.officers)),
    }


def _asked(rows: Rows, search: str, states: Sequence[str], waits: Sequence[str]) -> dict[str, Any]:
    return {
        "search": containing(search) if search else "",
        "states": list(states) or None,
        "waits": list(waits) or None,
        "today": rows.now.date(),
    }


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "lead": {"id": row["lead_id"], "name": row["lead_name"]},
        "amount": {"amount": row["amount_amount"], "currency": row["amount_currency"]},
    }


async def projects(
    rows: Rows,
    *,
    search: str = "",
    states: Sequence[str] = (),
    waits: Sequence[str] = (),
    sort: str = "",
    cursor: str | None = None,
    limit: int = 50,
    policy: Policy = rules.READ,
) -> Page[dict[str, Any]]:
    """Newest first unless sorted otherwise; `search` finds a part of the title or of the lead's name; `waits` those
    of which one of these things waits; of those that `policy` lets the actor read."""
    order = ORDERS.asked(sort, cursor)
    found = await rows.rows(
        _PROJECTS.replace("\nFROM projects", f"{_LISTED}, {order.column}\nFROM projects", 1) + _FILTER + order.tail,
        _may(rows, policy) | _asked(rows, search, states, waits) | order.params | {"limit": limit + 1},
    )
    page = order.page(found, limit)
    return Page([_shaped(row) | {"waits": row["waits"] or []} for row in page.items], page.next_cursor)


async def count_projects(rows: Rows, *, search: str = "", states: Sequence[str] = (), waits: Sequence[str] = ()) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM ({_PROJECTS + _FILTER}) found",  # noqa: S608 -- constants only
        _may(rows) | _asked(rows, search, states, waits),
    )
    return int(row["n"]) if row else 0


async def project(rows: Rows, project_id: UUID, policy: Policy = rules.READ) -> dict[str, Any]:
    """One project with its milestones, signatures and money. Raises NotFound, also where `policy` asks for more than
    reading it and the actor has that elsewhere."""
    row = await rows.row(_PROJECTS + " AND p.id = %(id)s", _may(rows, policy) | {"id": project_id})
    if row is None:
        raise NotFound(N_("There is no such project."))
    found = await rows.rows(_MILESTONES + " WHERE m.project_id = %(id)s ORDER BY m.number", {"id": project_id})
    milestones = [await _milestone(rows, one) for one in found]
    currency = row["amount_currency"]
    paid = sum((one["tranche_amount"] for one in found if one["released_at"]), Decimal(0))
    signed = [
        (Side.OFFICE, row["office_signed_by"], row["office_signed_at"]),
        (Side.LEAD, row["lead_signed_by"], row["lead_signed_at"]),
    ]
    return {
        **_shaped(row),
        "milestones": milestones,
        "agreement": await agreement_of(rows, row["application_id"]),
        "paid": {"amount": paid, "currency": currency},
        "remaining": {"amount": row["amount_amount"] - paid, "currency": currency},
        "signatures": [
            {"side": side, "subject": subject, "signed_at": at} for side, subject, at in signed if subject is not None
        ],
    }


_MILESTONES = """
SELECT m.id, m.version, m.project_id, p.title AS project_title, p.state AS project_state, p.application_id, p.call_id,
       c.title AS call_title, p.office_id, p.lead_id, p.lead_name, p.partners, p.label, m.number, m.title,
       m.deliverable, m.due_on, m.tranche_amount, m.tranche_currency, m.state, m.note, m.answer, m.document_id,
       m.submitted_at, m.judged_at, m.test, m.findings, m.released_at, c.title_zh AS call_title_zh
FROM milestones m JOIN projects p ON p.id = m.project_id JOIN calls c ON c.id = p.call_id
"""


async def spending(rows: Rows, project_id: UUID) -> list[tuple[date, Decimal]]:
    """Approved expenditure by the day of its approval. Claims are read by SQL: their feature stands above."""
    found = await rows.rows(
        "SELECT judged_at, total_amount FROM expenditure_claims WHERE project_id = %(id)s AND state = 'approved'",
        {"id": project_id},
    )
    return [(local_day(one["judged_at"]), one["total_amount"]) for one in found]


def parties(row: dict[str, Any]) -> frozenset[UUID]:
    """The organisations that take part: the lead and its partners."""
    return frozenset({row["lead_id"], *(UUID(one["id"]) for one in row["partners"])})


async def _milestone(rows: Rows, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "tranche": {"amount": row["tranche_amount"], "currency": row["tranche_currency"]},
        "gate": rules.gate(await gate_inputs(rows, row["id"])).model_dump(mode="json"),
        "lapses": await rows.rows(
            """SELECT due_on, grade, response, rule, reason, at FROM milestone_lapses
               WHERE milestone_id = %(id)s ORDER BY at, grade""",
            {"id": row["id"]},
        ),
        "explanations": await rows.rows(
            """SELECT number, due_on, text, given_at FROM milestone_explanations
               WHERE milestone_id = %(id)s ORDER BY number""",
            {"id": row["id"]},
        ),
        "evidence": [
            {"id": one.id, "filename": one.filename, "size": one.size, "sha256": one.sha256}
            for one in await documents_of(rows, "milestone", row["id"])
        ],
    }


_GATE = """
SELECT m.state = 'accepted' AS accepted, m.document_id IS NOT NULL AS evidence, m.test <> '' AS test,
       m.findings <> '' AS findings,
       coalesce((SELECT jsonb_agg(e.number ORDER BY e.number) FROM milestones e
                 WHERE e.project_id = m.project_id AND e.number < m.number AND e.released_at IS NULL), '[]') AS earlier,
       coalesce((SELECT jsonb_agg(DISTINCT o.number) FROM milestones o
                 JOIN milestone_lapses l ON l.milestone_id = o.id AND l.due_on = o.due_on
                 JOIN projects q ON q.id = o.project_id
                 WHERE o.project_id = m.project_id AND o.state IN ('pending', 'returned')
                   AND q.state = 'running' AND l.grade >= %(stop)s), '[]') AS missed,
       coalesce((SELECT jsonb_agg(r.number ORDER BY r.number) FROM progress_reports r
                 WHERE r.project_id = m.project_id AND r.state IN ('open', 'returned') AND r.stops_payments
                   AND r.grade >= %(stop)s), '[]') AS reports,
       EXISTS (SELECT FROM agreements g JOIN projects p ON p.application_id = g.application_id
               WHERE p.id = m.project_id AND g.in_force IS NOT NULL) AS rights
FROM milestones m WHERE m.id = %(id)s
"""


async def gate_inputs(rows: Rows, milestone_id: UUID) -> dict[str, Any]:
    """What the payment gate is judged on. Delays are read by SQL: the feature that finds them stands above."""
    found = await rows.row(_GATE, {"id": milestone_id, "stop": rules.STOP_GRADE})
    assert found
    return dict(found)


async def milestone(rows: Rows, milestone_id: UUID) -> dict[str, Any]:
    """One milestone. Raises NotFound, also when its project may not be known."""
    row = await rows.row(_MILESTONES + " WHERE m.id = %(id)s", {"id": milestone_id})
    visible = row and await rows.row(_PROJECTS + " AND p.id = %(id)s", _may(rows) | {"id": row["project_id"]})
    if not row or not visible:
        raise NotFound(N_("There is no such milestone."))
    return await _milestone(rows, row)


async def versions(rows: Rows, project_id: UUID) -> list[dict[str, Any]]:
    """The signed versions of its task book, newest first; for whoever has read the project."""
    return await rows.rows(
        "SELECT number, at FROM task_book_versions WHERE project_id = %(id)s ORDER BY number DESC", {"id": project_id}
    )


async def visible(rows: Rows, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these projects that the actor may see."""
    found = await rows.rows(_PROJECTS + " AND p.id = ANY(%(ids)s)", _may(rows) | {"ids": list(ids)})
    return {row["id"] for row in found}


async def project_of(rows: Rows, application_id: UUID) -> UUID | None:
    """The project that an application has become, if any."""
    row = await rows.row("SELECT id FROM projects WHERE application_id = %(id)s", {"id": application_id})
    return row["id"] if row else None


async def may_read_milestone(rows: Rows, milestone_id: UUID, actor: Actor) -> bool:
    """Whether the actor may read a milestone's evidence; for document downloads."""
    row = await rows.row(
        "SELECT p.lead_id, p.partners, p.office_id, p.label FROM milestones m JOIN projects p ON p.id = m.project_id"
        " WHERE m.id = %(id)s",
        {"id": milestone_id},
    )
    if row is None:
        return False
    return rules.READ.allows(actor, owners=parties(row), office=row["office_id"], label=SecurityLabel(row["label"]))
