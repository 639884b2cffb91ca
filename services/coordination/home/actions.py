"""Remembering a visit."""

from datetime import datetime

from services.coordination.home.rules import SAME_VISIT
from shared.db.work import Work


async def remember_visit(work: Work) -> datetime | None:
    """Note that the actor is here now; returns the end of the visit before this one, None on the first."""
    row = await work.row(
        """INSERT INTO visits AS v (subject, seen_at) VALUES (%(subject)s, %(now)s)
           ON CONFLICT (subject) DO UPDATE
           SET before_at = CASE WHEN v.seen_at < %(now)s - %(same)s THEN v.seen_at ELSE v.before_at END,
               seen_at = greatest(v.seen_at, excluded.seen_at)
           RETURNING before_at""",
        {"subject": work.actor.subject, "now": work.now, "same": SAME_VISIT},
    )
    return row["before_at"] if row else None
