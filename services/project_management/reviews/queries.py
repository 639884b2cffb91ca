"""Reads about reviews. A review exists only for its reviewer and for the programme office."""

import json
from typing import Any
from uuid import UUID

from services.project_management.applications.queries import LABEL, involved
from services.project_management.calls.terms import SCALE
from services.project_management.forms.checking import counting
from services.project_management.forms.queries import names_of, version_form
from services.project_management.forms.questions import Kind
from services.project_management.reviews import rules
from shared.blobs.rows import documents_of
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

# What a reviewer has not handed in yet is a draft, and nobody else's business (decision record 10).
_SELECT = """
SELECT r.id, r.version, r.state, r.call_id, c.title AS call_title, r.application_id, r.application_title, c.field,
       r.due_at, r.reason, r.named, r.conflict, r.conflict_kind, c.criteria, r.total, r.completed_at,
       c.title_zh AS call_title_zh, CASE WHEN told THEN r.scores ELSE '{}' END AS scores,
       CASE WHEN told THEN r.to_applicant ELSE '' END AS to_applicant,
       CASE WHEN told THEN r.to_panel ELSE '' END AS to_panel,
       c.blindness = 'double' AND r.expert_subject = %(subject)s AS blind,
       r.expert_id, r.expert_name, r.expert_subject, a.abstract, a.requested_amount, a.requested_currency, a.label,
       CASE WHEN c.blindness = 'double' AND r.expert_subject = %(subject)s THEN '[]'::jsonb ELSE
       jsonb_build_array(jsonb_build_object('id', a.lead_id, 'name', a.lead_name, 'role', 'lead')) ||
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', p.organisation_id, 'name', p.name, 'role', 'partner')
                                  ORDER BY p.position)
                 FROM application_partners p WHERE p.application_id = a.id AND p.left_at IS NULL
                   AND (p.departure_id IS NULL OR p.answer = 'consented')), '[]') END AS organisations,
       coalesce((SELECT jsonb_agg(jsonb_build_object(
                            'name', CASE WHEN c.blindness = 'double' AND r.expert_subject = %(subject)s THEN ''
                                         ELSE d.name END,
                            'joined', d.joined, 'at', d.at) ORDER BY d.at)
                 FROM (SELECT name, false AS joined, created_at AS at FROM application_departures
                       WHERE application_id = a.id
                       UNION ALL SELECT successor_name, true, answered_at FROM application_departures
                       WHERE application_id = a.id AND state = 'replaced') d), '[]') AS changes,
       CASE WHEN c.blindness = 'double' AND r.expert_subject = %(subject)s THEN '[]'::jsonb ELSE
       coalesce((SELECT jsonb_agg(jsonb_build_object('name', m.name, 'role', m.role, 'part', m.part,
                                                     'organisation', m.organisation_name) ORDER BY m.position, m.id)
                 FROM application_members m WHERE m.application_id = a.id AND m.state <> 'left'), '[]') END AS people
FROM reviews r JOIN calls c ON c.id = r.call_id JOIN applications a ON a.id = r.application_id
     CROSS JOIN LATERAL (SELECT r.state = 'completed' OR r.expert_subject = %(subject)s AS told) to_asker
"""
OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR)


async def mine(
    rows: Rows, *, states: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """The actor's own reviews, newest first; one that was taken back stays, for its expert reads why."""
    after = decode_cursor(cursor, 1)
    found = await rows.rows(
        _SELECT
        + """WHERE r.expert_subject = %(subject)s AND a.label = ANY(%(labels)s)
               AND (%(states)s::text[] IS NULL OR r.state = ANY(%(states)s))
               AND (%(after)s::uuid IS NULL OR r.id < %(after)s)
             ORDER BY r.id DESC LIMIT %(limit)s""",
        {
            "subject": rows.actor.subject,
            "labels": rows.actor.clearance.readable_labels(),
            "states": states or None,
            "after": _uuid(after[0]) if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "id")


async def count_mine(rows: Rows, *, states: list[str] | None = None) -> int:
    row = await rows.row(
        """SELECT count(*) AS n FROM reviews r JOIN applications a ON a.id = r.application_id
           WHERE r.expert_subject = %(subject)s AND r.state <> 'withdrawn' AND a.label = ANY(%(labels)s)
             AND (%(states)s::text[] IS NULL OR r.state = ANY(%(states)s))""",
        {"subject": rows.actor.subject, "labels": rows.actor.clearance.readable_labels(), "states": states or None},
    )
    return int(row["n"]) if row else 0


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid.field("/cursor", N_("Use the cursor exactly as the previous page gave it.")) from None


async def review(rows: Rows, review_id: UUID) -> dict[str, Any]:
    """One review with, once accepted, the text of the application; scores and comments once handed in.

    Raises NotFound for everybody else's, also in a call to which an organisation of the asker has applied.
    """
    row = await rows.row(
        _SELECT
        + f"""WHERE r.id = %(id)s AND a.label = ANY(%(labels)s)
               AND (r.expert_subject = %(subject)s OR (%(office)s AND NOT {involved("r.call_id")}))""",
        {
            "id": review_id,
            "labels": rows.actor.clearance.readable_labels(),
            "subject": rows.actor.subject,
            "office": rows.actor.has(*OVERSEERS),
            "own": list(rows.actor.organisations()),
        },
    )
    if row is None:
        raise NotFound(N_("There is no such review."))
    row["mine"] = row["expert_subject"] == rows.actor.subject
    if row["mine"]:
        row["reason"] = rules.told(
            rules.State(row["state"]), row["reason"], blind=row["blind"], kind=row["conflict_kind"]
        )
    order = [one["name"] for one in row["criteria"]]
    tops = {one["name"]: one.get("scale", SCALE) for one in row["criteria"]}
    given = sorted(row["scores"].items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    row["scores"] = [
        {"criterion": name, "score": float(score), "scale": tops.get(name, SCALE)} for name, score in given
    ]
    row["application"] = None
    if row["state"] in rules.ANSWERED:
        row["application"] = {
            "abstract": row["abstract"],
            "requested": {"amount": row["requested_amount"], "currency": row["requested_currency"]},
            "documents": [
                {"id": one.id, "filename": one.filename, "size": one.size, "sha256": one.sha256}
                for one in await documents_of(rows, "application", row["application_id"])
            ],
        }
        row["application"] |= await _form(rows, row["application_id"], blind=row["blind"])
    return row


async def _form(rows: Rows, application_id: UUID, *, blind: bool) -> dict[str, Any]:
    """What was answered to the call's form, as it was handed in; who shall not know who applies is not told by it."""
    kept = await rows.row(
        "SELECT content FROM application_versions WHERE application_id = %(id)s ORDER BY number DESC LIMIT 1",
        {"id": application_id},
    )
    content = json.loads(kept["content"]) if kept else {}
    form = await version_form(rows, application_id, content.get("call", {}).get("version") or 0)
    answers = counting(form, content.get("answers", {}))
    withheld = [one.key for one in form.questions if blind and one.identifying and one.key in answers]
    shown = {key: answer for key, answer in answers.items() if key not in withheld}
    files = await names_of(rows, application_id)
    named = {id for one in form.questions if one.kind is Kind.ATTACHMENT for id in shown.get(one.key, [])}
    return {
        "form": form,
        "answers": shown,
        "withheld": len(withheld),
        "files": {id: name for id, name in files.items() if id in named},
    }


async def may_read_application(rows: Rows, application_id: UUID, actor: Actor) -> bool:
    """Whether the actor reviews the application, has accepted to, and still reaches its label; for downloads."""
    return bool(
        await rows.row(
            """SELECT 1 FROM reviews r JOIN applications a ON a.id = r.application_id
               WHERE r.application_id = %(id)s AND r.expert_subject = %(subject)s AND r.state = ANY(%(states)s)
                 AND a.label = ANY(%(labels)s)""",
            {
                "id": application_id,
                "subject": actor.subject,
                "states": [state.value for state in rules.ANSWERED],
                "labels": actor.clearance.readable_labels(),
            },
        )
    )


async def calls_under_review(rows: Rows) -> list[dict[str, Any]]:
    """Closed and deciding calls with how far their reviews are, for the programme office."""
    return await rows.rows(
        f"""SELECT c.id, c.title, c.title_zh, c.state, c.closes_at,
                  (SELECT count(*) FROM applications a
                   WHERE a.call_id = c.id AND a.state NOT IN ('draft', 'withdrawn')) AS applications,
                  (SELECT count(*) FROM reviews r
                   WHERE r.call_id = c.id AND r.state NOT IN ('withdrawn', 'declined', 'set_aside')) AS reviews,
                  (SELECT count(*) FROM reviews r WHERE r.call_id = c.id AND r.state = 'completed') AS completed
           FROM calls c
           WHERE c.state IN ('closed', 'deciding') AND {LABEL} = ANY(%(labels)s)
             AND NOT {involved("c.id")}
           ORDER BY c.closes_at, c.id LIMIT 200""",  # noqa: S608 -- constants only
        {"labels": rows.actor.clearance.readable_labels(), "own": list(rows.actor.organisations())},
    )


async def to_remind(rows: Rows) -> list[UUID]:
    """Reviews of which a reminder is due."""
    found = await rows.rows(
        "SELECT id FROM reviews WHERE remind_at <= %(now)s ORDER BY remind_at, id LIMIT 200", {"now": rows.now}
    )
    return [row["id"] for row in found]
