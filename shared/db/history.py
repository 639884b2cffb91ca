"""What happened to a thing, read from the outbox, which is kept and is the audit trail."""

from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def history(rows: Rows, *subjects: UUID) -> list[dict[str, Any]]:
    """Facts about the things, newest first: recorded_at, actor, type, data."""
    return await rows.rows(
        """SELECT recorded_at, actor, type, data FROM outbox
           WHERE subject = ANY(%(subjects)s) AND type NOT LIKE '%%.task.%%'
           ORDER BY recorded_at DESC, seq DESC LIMIT 200""",
        {"subjects": list(subjects)},
    )
