"""What happened to a thing, read from the outbox, which is kept and is the audit trail."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def history(rows: Rows, *subjects: UUID) -> list[dict[str, Any]]:
    """Facts about the things, newest first: recorded_at, actor, name (empty when unknown), type, data."""
    return await rows.rows(
        """SELECT recorded_at, actor, coalesce(a.name, '') AS name, type, data
           FROM outbox LEFT JOIN access_accounts a ON a.subject = outbox.actor
           WHERE outbox.subject = ANY(%(subjects)s) AND type NOT LIKE '%%.task.%%'
           ORDER BY recorded_at DESC, seq DESC LIMIT 200""",
        {"subjects": list(subjects)},
    )


async def names(rows: Rows, subjects: Iterable[str]) -> dict[str, str]:
    """What people are called, by their subject; somebody this service has not heard of stands for themselves."""
    asked = set(subjects)
    found = await rows.rows(
        "SELECT subject, name FROM access_accounts WHERE subject = ANY(%(subjects)s)", {"subjects": list(asked)}
    )
    return {one: one for one in asked} | {row["subject"]: row["name"] for row in found if row["name"]}
