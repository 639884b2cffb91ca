"""Reads of the worklist: mine by name, or mine by a role I hold."""

from typing import Any

from services.coordination.worklist.rules import NEVER, urgency
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Row, Rows

# A task given to me by name is mine whatever its label: a review is confidential to keep it from everybody else.
_MINE = """t.state = 'open' AND (t.subject = %(me)s OR (t.subject IS NULL AND t.label = ANY(%(labels)s)
    AND NOT %(me)s = ANY(t.except_for) AND EXISTS (
    SELECT FROM unnest(%(roles)s::text[], %(organisations)s::uuid[]) AS held (role, organisation_id)
    WHERE held.role = t.role AND (t.organisation_id IS NULL OR t.organisation_id = held.organisation_id))))"""
_DUE = f"coalesce(t.due_at, make_timestamptz({NEVER}, 1, 1, 0, 0, 0))"


def _sight(rows: Rows) -> dict[str, Any]:
    actor = rows.actor
    return {
        "labels": actor.clearance.readable_labels(),
        "me": actor.subject,
        "roles": [grant.role.value for grant in actor.grants],
        "organisations": [grant.organisation_id for grant in actor.grants],
    }


async def my_tasks(rows: Rows, *, cursor: str | None = None, limit: int = 50) -> Page[Row]:
    """What waits for the actor, the most urgent first: overdue, then by due date, then what has none."""
    after = decode_cursor(cursor, 3)
    found = await rows.rows(
        f"""SELECT t.id, t.service, t.kind, t.title, t.url, t.subject, t.role, t.organisation_id, t.about_kind,
                   t.about_id, t.label, t.assigned_at, t.due_at, {_DUE} AS due_key
            FROM tasks t
            WHERE {_MINE} AND (%(due)s::timestamptz IS NULL
                               OR ({_DUE}, t.assigned_at, t.id) > (%(due)s, %(at)s::timestamptz, %(id)s::uuid))
            ORDER BY due_key, t.assigned_at, t.id LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_sight(rows),
            "due": after[0] if after else None,
            "at": after[1] if after else None,
            "id": after[2] if after else None,
            "limit": limit + 1,
        },
    )
    page = page_of(found, limit, "due_key", "assigned_at", "id")
    for task in page.items:
        del task["due_key"]
        task["urgency"] = urgency(rows.now, task["due_at"])
    return page


async def count_my_tasks(rows: Rows) -> dict[str, int]:
    """How much waits for the actor, and how much of it is overdue."""
    row = await rows.row(
        f"""SELECT count(*) AS open, count(*) FILTER (WHERE t.due_at < %(now)s) AS overdue
            FROM tasks t WHERE {_MINE}""",  # noqa: S608 -- constants only
        {**_sight(rows), "now": rows.now},
    )
    return {"open": int(row["open"]), "overdue": int(row["overdue"])} if row else {"open": 0, "overdue": 0}
