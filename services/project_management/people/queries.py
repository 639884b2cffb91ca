"""Reads about people: the experts who can be asked, with all that conflicts are found from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.db.work import Rows

_EXPERTS = """
SELECT p.id, p.name, p.name_zh, p.subject, p.orcid, p.fields, p.review_cap,
       coalesce(a.clearance, 'public') AS clearance,
       coalesce((SELECT jsonb_agg(jsonb_build_object('organisation_id', f.organisation_id, 'name', f.organisation_name,
                                                     'since', f.since::date, 'until', f.until::date) ORDER BY f.version)
                 FROM (SELECT w.*, lead(w.since) OVER (ORDER BY w.version) AS until
                       FROM affiliations w WHERE w.person_id = p.id) f
                 WHERE f.organisation_id IS NOT NULL), '[]') AS employers,
       (SELECT jsonb_build_object('id', f.organisation_id, 'name', f.organisation_name, 'region', o.region)
        FROM affiliations f LEFT JOIN organisations o ON o.id = f.organisation_id
        WHERE f.person_id = p.id ORDER BY f.version DESC LIMIT 1) AS place,
       coalesce((SELECT jsonb_agg(DISTINCT g.organisation_id) FROM access_grants g
                 WHERE g.subject = p.subject AND g.revoked_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > %(now)s)
                   AND g.role IN ('applicant', 'representative')), '[]') AS acts_for,
       coalesce(d.verified, '{}') AS verified, coalesce(d.unverified, '{}') AS unverified,
       {reviews} AS reviewing
FROM people p LEFT JOIN access_accounts a ON a.subject = p.subject
     LEFT JOIN person_addresses d ON d.subject = p.subject
WHERE p.expert AND p.subject IS NOT NULL AND (%(ids)s::uuid[] IS NULL OR p.id = ANY(%(ids)s))
  AND (NOT %(reviewing)s OR {reviews})
ORDER BY p.name, p.id
"""
IS_REVIEWER = """EXISTS (SELECT FROM access_grants h WHERE h.subject = {subject} AND h.role = 'reviewer'
    AND h.revoked_at IS NULL AND h.starts_at <= %(now)s AND (h.ends_at IS NULL OR h.ends_at > %(now)s))"""
"""Whether a person (a column) may act as a reviewer now: who may not could neither answer nor write."""


async def experts(rows: Rows, ids: Sequence[UUID] | None = None, *, reviewing: bool = False) -> list[dict[str, Any]]:
    """Experts who can sign in, by name; only those of `ids` when given, and only those who may review where they shall.

    `employers` has since and until as dates, `place` is the present one with its region.
    """
    return await rows.rows(
        _EXPERTS.replace("{reviews}", IS_REVIEWER.format(subject="p.subject")),
        {"ids": list(ids) if ids is not None else None, "now": rows.now, "reviewing": reviewing},
    )


async def experts_without_role(rows: Rows) -> list[str]:
    """Names of experts who have a sign-in and no reviewer role: nobody can ask them."""
    able = {one["id"] for one in await experts(rows, reviewing=True)}
    return [str(one["name"]) for one in await experts(rows) if one["id"] not in able]
