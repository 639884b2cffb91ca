"""Reads about declared relations."""

from typing import Any

from shared.db.work import Rows


async def mine(rows: Rows) -> list[dict[str, Any]]:
    """What the actor declared and did not take back, the newest first."""
    return await rows.rows(
        """SELECT r.id, r.kind, r.name, r.orcid, r.organisation_id, r.since, r.until, r.note, r.declared_at,
                  coalesce(o.name, '') AS organisation
           FROM declared_relations r LEFT JOIN organisations o ON o.id = r.organisation_id
           WHERE r.subject = %(subject)s AND r.withdrawn_at IS NULL ORDER BY r.id DESC LIMIT 200""",
        {"subject": rows.actor.subject},
    )
