"""Reads for calendars: released calls, and what waits for a person by a day."""

from typing import Any

from services.project_management.calendars import rules
from shared.db.work import Row, Rows
from shared.kernel.marks import N_
from shared.kernel.types import Role

# A call's versions count its changes, a draft's deadline moves with its call: both numbers only rise.
_CALLS = """
SELECT c.id, c.title, c.title_zh, c.opens_at, c.closes_at, c.state, c.version - 1 AS sequence, c.organisation_name,
       greatest((SELECT max(v.released_at) FROM call_versions v WHERE v.call_id = c.id), c.released_at) AS changed_at
FROM calls c
WHERE c.released_at IS NOT NULL AND c.label = ANY(%(labels)s) AND c.closes_at > %(now)s - interval '90 days'
ORDER BY c.closes_at, c.id LIMIT 1000
"""
_CHANGED = "coalesce((SELECT max(o.recorded_at) FROM outbox o WHERE o.subject IN ({ids})), {else_})"
_DEADLINES = f"""
SELECT 'draft' AS kind, a.id, a.id AS about, a.title, a.label, c.closes_at AS at, NULL::date AS day,
       a.version + c.version AS sequence,
       {_CHANGED.format(ids="a.id, c.id", else_="a.created_at")} AS changed_at
FROM applications a JOIN calls c ON c.id = a.call_id
WHERE a.state = 'draft' AND a.label = ANY(%(labels)s) AND a.lead_id = ANY(%(applies)s) AND c.state = 'released'
  AND c.closes_at > %(now)s
UNION ALL
SELECT 'completion', a.id, a.id, a.title, a.label, a.return_due_at, NULL, a.version,
       {_CHANGED.format(ids="a.id", else_="a.created_at")}
FROM applications a
WHERE a.state = 'returned' AND a.label = ANY(%(labels)s) AND a.lead_id = ANY(%(applies)s)
UNION ALL
SELECT 'consent', a.id, a.id, a.title, a.label, c.closes_at, NULL, a.version + c.version,
       {_CHANGED.format(ids="a.id, c.id", else_="a.created_at")}
FROM application_partners p JOIN applications a ON a.id = p.application_id JOIN calls c ON c.id = a.call_id
WHERE p.answer = 'pending' AND a.state = 'draft' AND a.label = ANY(%(labels)s)
  AND p.organisation_id = ANY(%(represents)s) AND c.state = 'released' AND c.closes_at > %(now)s
UNION ALL
SELECT CASE WHEN a.lead_id = ANY(%(applies)s) THEN 'departure' ELSE 'succession' END, d.id, a.id, a.title, a.label,
       d.due_at, NULL, d.version, {_CHANGED.format(ids="a.id", else_="d.created_at")}
FROM application_departures d JOIN applications a ON a.id = d.application_id
WHERE a.label = ANY(%(labels)s) AND ((d.state IN ('open', 'asked') AND a.lead_id = ANY(%(applies)s))
   OR (d.state = 'asked' AND d.successor_id = ANY(%(represents)s)))
UNION ALL
SELECT 'milestone', m.id, m.id, m.title, p.label, NULL, m.due_on, m.version + p.version,
       {_CHANGED.format(ids="m.id, p.id", else_="p.created_at")}
FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.state IN ('pending', 'returned') AND p.state = 'running' AND p.label = ANY(%(labels)s)
  AND p.lead_id = ANY(%(leads)s)
UNION ALL
SELECT 'report', r.id, r.id, r.project_title, r.label, NULL, r.due_on, r.version,
       {_CHANGED.format(ids="r.id", else_="r.created_at")}
FROM progress_reports r
WHERE r.state IN ('planned', 'open', 'returned') AND r.label = ANY(%(labels)s) AND r.lead_id = ANY(%(leads)s)
UNION ALL
SELECT 'project', p.id, p.id, p.title, p.label, NULL, p.ends_on, p.version,
       {_CHANGED.format(ids="p.id", else_="p.created_at")}
FROM projects p
WHERE p.state = 'running' AND p.label = ANY(%(labels)s) AND p.lead_id = ANY(%(leads)s)
UNION ALL
SELECT 'review', r.id, r.id, '', 'confidential', r.due_at, NULL, r.version,
       {_CHANGED.format(ids="r.id", else_="r.created_at")}
FROM reviews r JOIN applications a ON a.id = r.application_id
WHERE r.expert_subject = %(subject)s AND r.state IN ('invited', 'accepted', 'scored') AND a.label = ANY(%(labels)s)
UNION ALL
SELECT 'sheet', s.id, s.id, '', 'confidential', s.due_at, NULL, s.version,
       {_CHANGED.format(ids="s.id", else_="s.created_at")}
FROM evaluation_sheets s JOIN evaluations e ON e.id = s.evaluation_id JOIN projects p ON p.id = e.project_id
WHERE s.expert_subject = %(subject)s AND s.state = 'asked' AND p.label = ANY(%(labels)s)
UNION ALL
SELECT 'follow_up', f.id, p.id, p.title, p.label, NULL, f.due_on, f.version,
       {_CHANGED.format(ids="f.id", else_="f.created_at")}
FROM follow_ups f JOIN projects p ON p.id = f.project_id
WHERE f.state <> 'answered' AND p.label = ANY(%(labels)s) AND p.lead_id = ANY(%(leads)s)
"""  # noqa: S608 -- constants only


async def calls(rows: Rows) -> list[Row]:
    """Released calls that the actor may see and that close later than three months ago."""
    return await rows.rows(_CALLS, {"now": rows.now, "labels": rows.actor.clearance.readable_labels()})


async def deadlines(rows: Rows) -> list[Row]:
    """What waits for the actor by a time (`at`) or a day (`day`): drafts, completions, consents, milestones,
    ends of projects, reviews, evaluations, and what became of results. A title is there only where its label lets it
    leave the platform."""
    actor = rows.actor
    found = await rows.rows(
        f"SELECT * FROM ({_DEADLINES}) d ORDER BY coalesce(at, day::timestamptz), id LIMIT 1000",  # noqa: S608
        {
            "now": rows.now,
            "labels": actor.clearance.readable_labels(),
            "subject": actor.subject,
            "applies": list(actor.organisations(Role.APPLICANT)),
            "represents": list(actor.organisations(Role.REPRESENTATIVE)),
            "leads": list(actor.organisations(Role.APPLICANT, Role.REPRESENTATIVE)),
        },
    )
    return [{**row, "title": row["title"] if row["label"] in rules.NAMED else ""} for row in found]


async def current(rows: Rows, subject: str) -> dict[str, Any] | None:
    """The person's address that still answers."""
    return await rows.row(
        "SELECT id, sha256, created_at FROM calendar_addresses WHERE subject = %(subject)s AND revoked_at IS NULL",
        {"subject": subject},
    )


async def own_address(rows: Rows, key: str, platform: str) -> dict[str, Any]:
    """The actor's own address, told to nobody else. `url` is None when there is none, or when the key has changed."""
    row = await current(rows, rows.actor.subject)
    if row is None:
        return {"url": None, "made_at": None}
    secret = rules.secret_of(key, row["id"])
    known = rules.fingerprint(secret) == row["sha256"]
    url = f"{platform}/projects/api/v1/calendars/{secret}/deadlines.ics" if known else None
    return {"url": url, "made_at": row["created_at"]}


async def owner_of(rows: Rows, secret: str) -> dict[str, Any]:
    """Whose calendar lies at the address: subject, language. Raises AddressUnknown."""
    row = await rows.row(
        "SELECT subject, language FROM calendar_addresses WHERE sha256 = %(sha256)s AND revoked_at IS NULL",
        {"sha256": rules.fingerprint(secret)},
    )
    if row is None:
        raise rules.AddressUnknown(N_("Make a new address on the page Calendars, and subscribe to that one."))
    return row
