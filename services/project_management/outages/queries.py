"""Reads about the service's own outages."""

from typing import Any

from services.project_management.outages import rules
from shared.db.work import Rows


async def running_on(rows: Rows) -> bool:
    """False between an outage and the beat that makes it good; nothing is closed then."""
    row = await rows.row("SELECT max(until) AS until FROM uptimes")
    return row is None or row["until"] is None or not rules.silent(row["until"], rows.now)


async def outages(rows: Rows) -> list[dict[str, Any]]:
    """The latest outages: id, started_at, ended_at, seconds, calls that close later for it."""
    return await rows.rows(
        """SELECT id, started_at, ended_at, extract(epoch FROM ended_at - started_at)::int AS seconds, calls
           FROM outages ORDER BY started_at DESC LIMIT 100"""
    )
