"""Who stands behind applications: organisations, people and writers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.db.work import Rows


async def authors(rows: Rows, applications: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The catalogue's records of people who wrote, submitted or take part in one of the applications, and what was
    said of those it does not know. `subject` is what the application names them by."""
    return await rows.rows(
        """SELECT p.id, coalesce(p.subject, p.id::text) AS subject, p.orcid, p.name, p.name_zh,
                  ARRAY(SELECT f.organisation_id::text FROM affiliations f
                        WHERE f.person_id = p.id AND f.organisation_id IS NOT NULL) AS places,
                  coalesce(d.verified, '{}') AS verified, coalesce(d.unverified, '{}') AS unverified
           FROM people p LEFT JOIN person_addresses d ON d.subject = p.subject
           WHERE p.subject = ANY(%(keys)s) OR p.id::text = ANY(%(keys)s)
           UNION ALL
           SELECT a.id, a.subject, NULL, a.name, '', '{}', d.verified, d.unverified
           FROM person_addresses d JOIN access_accounts a ON a.subject = d.subject
           WHERE d.subject = ANY(%(keys)s) AND NOT EXISTS (SELECT FROM people p WHERE p.subject = d.subject)
           UNION ALL
           SELECT m.id, m.id::text, nullif(m.orcid, ''), m.name, '', ARRAY[m.organisation_id::text], '{}',
                  array_remove(ARRAY[m.address_mark], '')
           FROM application_members m
           WHERE m.id::text = ANY(%(keys)s) AND m.person_id IS NULL AND m.subject IS NULL
           ORDER BY 1""",
        {"keys": sorted({key for one in applications for key in (*one["subjects"], *one["members"])})},
    )


async def competing_with(rows: Rows, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What conflicts are found from. Of the text only the affinities stay, which it is not told from."""
    return await rows.rows(
        """SELECT a.id::text AS id, a.title, a.label,
                  jsonb_build_array(jsonb_build_object('id', a.lead_id, 'name', a.lead_name, 'role', 'lead')) ||
                  coalesce((SELECT jsonb_agg(jsonb_build_object(
                                       'id', p.organisation_id, 'name', p.name,
                                       'role', CASE WHEN p.left_at IS NULL THEN 'partner' ELSE 'former' END)
                                             ORDER BY p.position)
                            FROM application_partners p WHERE p.application_id = a.id
                              AND (p.departure_id IS NULL OR p.answer = 'consented'
                                   OR EXISTS (SELECT FROM application_departures d WHERE d.application_id = a.id
                                              AND d.organisation_id = p.organisation_id))), '[]') AS organisations,
                  ARRAY(SELECT a.drafted_by UNION SELECT v.submitted_by FROM application_versions v
                        WHERE v.application_id = a.id ORDER BY 1) AS subjects,
                  ARRAY(SELECT coalesce(m.subject, m.person_id::text, m.id::text) FROM application_members m
                        WHERE m.application_id = a.id AND m.state <> 'left' ORDER BY m.position, m.id) AS members
           FROM applications a WHERE a.id = ANY(%(ids)s) ORDER BY a.id""",
        {"ids": list(ids)},
    )
