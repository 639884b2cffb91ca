"""Reads about the people of applications."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.project_management.teams.model import Member
from services.project_management.teams.rules import ACCOUNT, Known
from shared.db.work import Rows, Work

_CHOICES = """
WITH now_at AS (
    SELECT DISTINCT ON (f.person_id) f.person_id, f.organisation_id FROM affiliations f
    WHERE f.person_id IN (SELECT person_id FROM affiliations WHERE organisation_id = ANY(%(organisations)s))
      AND (f.since IS NULL OR f.since <= %(now)s)
    ORDER BY f.person_id, f.version DESC),
catalogued AS (
    SELECT p.id::text AS key, p.id AS person_id, p.subject, p.name, p.name_zh, n.organisation_id,
           coalesce(c.clearance, '') AS clearance
    FROM now_at n JOIN people p ON p.id = n.person_id LEFT JOIN access_accounts c ON c.subject = p.subject
    WHERE n.organisation_id = ANY(%(organisations)s) AND p.name <> '')
SELECT * FROM catalogued
UNION ALL
SELECT DISTINCT ON (a.subject) %(account)s || a.subject, NULL::uuid, a.subject, coalesce(nullif(a.name, ''), a.subject),
       '', g.organisation_id, a.clearance
FROM access_accounts a JOIN access_grants g ON g.subject = a.subject
WHERE g.organisation_id = ANY(%(organisations)s) AND g.role IN ('applicant', 'representative') AND g.revoked_at IS NULL
  AND (g.ends_at IS NULL OR g.ends_at > %(now)s)
  AND NOT EXISTS (SELECT FROM catalogued c WHERE c.subject = a.subject)
ORDER BY 4, 1
"""
_RUNNING = """
SELECT m.id, (
    SELECT count(*) FROM projects p JOIN applications a ON a.id = p.application_id
    WHERE p.state <> 'completed'
      AND (coalesce(a.leader, a.drafted_by) = m.subject
           OR EXISTS (SELECT FROM application_members o
                      WHERE o.application_id = a.id AND o.state <> 'left'
                        AND (o.subject = m.subject OR o.person_id = m.person_id)))) AS running
FROM application_members m WHERE m.application_id = %(id)s AND m.state <> 'left' AND m.role = 'member'
"""
_NAMES = """
SELECT p.name, p.name_zh FROM people p
WHERE p.subject = %(leader)s
   OR p.id IN (SELECT person_id FROM application_members WHERE application_id = %(id)s AND state <> 'left')
UNION SELECT a.name, '' FROM access_accounts a WHERE a.subject = %(leader)s
UNION SELECT m.name, '' FROM application_members m WHERE m.application_id = %(id)s AND m.state <> 'left'
"""


async def choices(rows: Rows, organisations: Sequence[UUID]) -> list[Known]:
    """Who works for these organisations now, or acts for them here, by name."""
    asked = {"organisations": list(organisations), "now": rows.now, "account": ACCOUNT}
    return [Known(**row) for row in await rows.rows(_CHOICES, asked)]


async def members_of(work: Work, application_id: UUID) -> Sequence[Member]:
    """Everybody who was named, the leader first, also who left; to act on."""
    found = await work.session.execute(
        select(Member).where(Member.application_id == application_id).order_by(Member.position, Member.id)  # type: ignore[arg-type]
    )
    return found.scalars().all()


async def team(rows: Rows, application_id: UUID, *, left: bool = False) -> list[dict[str, Any]]:
    """The people of an application, the leader first; `left`: also who took the name off. Empty where nobody was named:
    who drafted it leads it alone."""
    return await rows.rows(
        """SELECT id, role, person_id, subject, name, email, orcid, organisation_id, organisation_name, part, months,
                  state, reason, answered_at
           FROM application_members WHERE application_id = %(id)s AND (%(left)s OR state <> 'left')
           ORDER BY state = 'left', position, id""",
        {"id": application_id, "left": left},
    )


async def taking_part(rows: Rows, application_id: UUID) -> dict[UUID, int]:
    """In how many running projects each member takes part now, by the id of the member."""
    found = await rows.rows(_RUNNING, {"id": application_id})
    return {row["id"]: row["running"] for row in found}


async def names_of(rows: Rows, application_id: UUID, leader: str) -> tuple[str, ...]:
    """What its people are called, in each writing that is known here."""
    found = await rows.rows(_NAMES, {"id": application_id, "leader": leader})
    return tuple(dict.fromkeys(name for row in found for name in (row["name"], row["name_zh"]) if name))


async def mine(rows: Rows) -> list[dict[str, Any]]:
    """Where the actor is named, the newest first."""
    return await rows.rows(
        f"{_MINE} WHERE m.subject = %(subject)s AND a.label = ANY(%(labels)s) ORDER BY m.id DESC LIMIT 200",
        {"subject": rows.actor.subject, "labels": rows.actor.clearance.readable_labels()},
    )


async def membership(rows: Rows, member_id: UUID) -> dict[str, Any] | None:
    """One part, with as much of the application as somebody needs to answer."""
    return await rows.row(f"{_MINE} WHERE m.id = %(id)s", {"id": member_id})


_MINE = """
SELECT m.id, m.version, m.application_id, m.role, m.subject, m.name, m.organisation_name, m.part, m.months, m.state,
       m.reason, m.answered_at, a.title, a.label, a.state AS application_state, a.call_id, a.call_title, a.lead_name,
       c.closes_at
FROM application_members m JOIN applications a ON a.id = m.application_id JOIN calls c ON c.id = a.call_id
"""
