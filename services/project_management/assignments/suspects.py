"""Reviews whose pair may have a conflict of interest by now: cheap to find, for a rule that then looks closely."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.reviews.rules import ANSWERED, OPEN
from shared.db.work import Rows

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LIVE = sorted({one.value for one in (*OPEN, *ANSWERED)})
_HAS = """
FROM reviews r JOIN calls c ON c.id = r.call_id JOIN applications a ON a.id = r.application_id
JOIN people p ON p.id = r.expert_id
CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT a.lead_id UNION SELECT q.organisation_id FROM application_partners q
                 WHERE q.application_id = a.id
                   AND (q.departure_id IS NULL OR q.answer = 'consented'
                        OR EXISTS (SELECT FROM application_departures d WHERE d.application_id = a.id
                                   AND d.organisation_id = q.organisation_id))) AS organisations,
           ARRAY(SELECT a.drafted_by UNION SELECT v.submitted_by FROM application_versions v
                 WHERE v.application_id = a.id
                 UNION SELECT coalesce(m.subject, m.person_id::text) FROM application_members m
                 WHERE m.application_id = a.id AND m.state <> 'left') AS subjects,
           ARRAY(SELECT m.orcid FROM application_members m
                 WHERE m.application_id = a.id AND m.state <> 'left' AND m.orcid <> '') AS orcids) has
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(last.kind) FILTER (WHERE last.decision = 'waive'), '{}') AS waived
    FROM (SELECT DISTINCT ON (d.kind) d.kind, d.decision FROM conflict_decisions d
          WHERE d.call_id = r.call_id AND d.application_id = r.application_id AND d.expert_id = r.expert_id
          ORDER BY d.kind, d.id DESC) last) decided
WHERE c.state = 'deciding' AND r.state = ANY(%(live)s)
"""
_KIND = "CASE WHEN d.kind = 'close' THEN 'close' ELSE 'supervision' END"
_DECLARED = f"""
SELECT DISTINCT r.application_id, r.application_title AS application, r.expert_id, r.expert_name AS expert {_HAS}
  AND r.call_id = %(call)s
  AND EXISTS (SELECT FROM declared_relations d LEFT JOIN people o ON o.orcid = d.orcid
              WHERE d.withdrawn_at IS NULL AND d.declared_at > r.created_at AND d.subject = ANY(has.subjects)
                AND NOT {_KIND} = ANY(decided.waived)
                AND (o.id = p.id OR EXISTS (SELECT FROM affiliations w WHERE w.person_id = p.id
                                            AND w.organisation_id = d.organisation_id)))
ORDER BY 1, 3 LIMIT 200
"""  # noqa: S608 -- constants only

_NEAR = """
WITH known AS (SELECT p.id, p.subject, p.orcid FROM people p WHERE p.id = ANY(%(ids)s) OR p.subject = ANY(%(keys)s)),
marks AS (SELECT coalesce(array_agg(DISTINCT m), '{}') AS them FROM person_addresses d
          CROSS JOIN LATERAL unnest(d.verified || d.unverified) m
          WHERE d.subject = ANY(%(keys)s) OR d.subject IN (SELECT subject FROM known)),
same AS (SELECT id, subject FROM known
         UNION SELECT p.id, p.subject FROM people p JOIN known k ON p.orcid = k.orcid
         UNION SELECT p.id, d.subject
         FROM person_addresses d CROSS JOIN marks LEFT JOIN people p ON p.subject = d.subject
         WHERE d.verified && marks.them OR d.unverified && marks.them
         UNION SELECT NULL, unnest(%(keys)s::text[])),
places AS (SELECT f.organisation_id AS id FROM affiliations f
           WHERE f.person_id IN (SELECT id FROM known) AND f.organisation_id IS NOT NULL
           UNION SELECT unnest(%(ids)s::uuid[]))
SELECT r.id, r.call_id, r.application_id, r.expert_id
FROM reviews r JOIN calls c ON c.id = r.call_id JOIN applications a ON a.id = r.application_id
WHERE c.state = 'deciding' AND r.state = ANY(%(live)s)
  AND (r.application_id = ANY(%(ids)s)
       OR r.expert_id IN (SELECT id FROM same) OR r.expert_subject IN (SELECT subject FROM same)
       OR EXISTS (SELECT FROM affiliations f WHERE f.person_id = r.expert_id
                  AND f.organisation_id IN (SELECT id FROM places))
       OR a.drafted_by IN (SELECT subject FROM same) OR a.leader IN (SELECT subject FROM same)
       OR a.lead_id IN (SELECT id FROM places)
       OR EXISTS (SELECT FROM application_versions v WHERE v.application_id = a.id
                  AND v.submitted_by IN (SELECT subject FROM same))
       OR EXISTS (SELECT FROM application_members m WHERE m.application_id = a.id AND m.state <> 'left'
                  AND (m.subject IN (SELECT subject FROM same) OR m.person_id IN (SELECT id FROM same)
                       OR m.organisation_id IN (SELECT id FROM places) OR m.orcid IN (SELECT orcid FROM known)
                       OR m.address_mark = ANY((SELECT them FROM marks)::text[]))))
ORDER BY r.call_id, r.id
"""
"""Reviews of these applications, and those whose expert, or somebody of whose application, may be one of these people,
or of the same organisation: a name counts where people have an organisation in common. An account counts as itself
too: who applies need not be in the catalogue."""


async def touched(rows: Rows, most: int) -> list[dict[str, Any]]:
    """Of whom something was learnt and who is due to be looked at, the longest ago first. Only a search that failed
    waits for its time: triggers write the time of the database, which may be ahead of the clock here."""
    return await rows.rows(
        """SELECT key, touched_at FROM touched_people WHERE failed = 0 OR touched_at <= %(now)s
           ORDER BY touched_at, key LIMIT %(most)s""",
        {"most": most, "now": rows.now},
    )


async def near(rows: Rows, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Running reviews that may concern these people, call by call."""
    ids = [UUID(one) for one in keys if _UUID.fullmatch(one)]
    return await rows.rows(_NEAR, {"live": LIVE, "keys": list(keys), "ids": ids})


async def learnt(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """What was found since of pairs whose review still counts."""
    return await rows.rows(
        """SELECT p.application_id, r.application_title AS application, p.expert_id, r.expert_name AS expert, p.kind,
                  p.reason
           FROM potential_conflicts p
           JOIN reviews r ON r.application_id = p.application_id AND r.expert_id = p.expert_id
           WHERE p.call_id = %(call)s AND r.state = ANY(%(live)s)
           ORDER BY p.application_id, p.expert_id, p.kind LIMIT 200""",
        {"live": LIVE, "call": call_id},
    )


async def declared_by_applicants(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """Pairs of which somebody of the application declared something after the review was given."""
    return await rows.rows(_DECLARED, {"live": LIVE, "call": call_id})


async def calls_asked(rows: Rows) -> list[UUID]:
    """Where the office is asked to confirm or waive, and may have to be no more."""
    found = await rows.rows(
        "SELECT DISTINCT call_id FROM assignments WHERE conflict_task_id IS NOT NULL ORDER BY call_id"
    )
    return [row["call_id"] for row in found]
