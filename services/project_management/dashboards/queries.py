"""Counts for the officers' dashboard: a few statements over whole tables, cut as the lists of the things are cut."""

from asyncio import gather
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from services.project_management.calls.queries import PHASE
from services.project_management.dashboards import rules
from services.project_management.dashboards.rules import PROMISES, TIMED, Step
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

LATE_LISTED = 12
EXPERTS_LISTED = 20
CALLS_LISTED = 25
CALLS_TOLD = 1_000
"""For programs and files."""


class Cut(TypedDict):
    """What of it all is wanted."""

    offices: list[UUID] | None
    call_id: UUID | None


# The calls whose course the reader may know: read by label, and none to which an organisation of theirs has applied.
# How many apply is the programme officers' until a call closes; that drafts were begun is nobody's until then.
_SEEN = f"""
involved AS MATERIALIZED (
    SELECT call_id FROM applications WHERE submitted_at IS NOT NULL AND lead_id = ANY(%(own)s)
    UNION SELECT a.call_id FROM application_partners p JOIN applications a ON a.id = p.application_id
          WHERE a.submitted_at IS NOT NULL AND p.organisation_id = ANY(%(own)s)),
seen AS MATERIALIZED (
    SELECT id, title, title_zh, organisation_id AS office_id, organisation_name AS office_name, closes_at,
           {PHASE} AS phase, state, closes_at <= %(now)s AS closed, (terms ->> 'answer_days')::int AS answer_days
    FROM calls
    WHERE released_at IS NOT NULL AND label = ANY(%(labels)s) AND state <> 'cancelled'
      AND (%(offices)s::uuid[] IS NULL OR organisation_id = ANY(%(offices)s))
      AND (%(call_id)s::uuid IS NULL OR id = %(call_id)s)
      AND id NOT IN (SELECT call_id FROM involved)),
theirs AS MATERIALIZED (
    SELECT a.id, a.title, a.call_id, a.state, a.created_at, a.submitted_at, a.checked_by, a.checked_at, s.closed,
           s.office_id, s.office_name, s.answer_days
    FROM applications a JOIN seen s ON s.id = a.call_id
    WHERE a.label = ANY(%(labels)s) AND (s.closed OR (%(officer)s AND a.submitted_at IS NOT NULL)))"""  # noqa: S608


def _params(rows: Rows, offices: list[UUID] | None, call_id: UUID | None, **more: Any) -> dict[str, Any]:
    actor = rows.actor
    return {
        "now": rows.now,
        "labels": actor.clearance.readable_labels(),
        "own": list(actor.organisations()),
        "officer": actor.has(Role.PROGRAMME_OFFICER),
        "offices": offices,
        "call_id": call_id,
        **rules.limits(),
        **more,
    }


_FUNNEL = f"""
WITH {_SEEN},
reviewed AS (
    SELECT r.application_id, max(r.completed_at) AS at FROM reviews r JOIN seen s ON s.id = r.call_id
    WHERE r.state IN ('invited', 'accepted', 'scored', 'completed')
    GROUP BY r.application_id HAVING bool_and(r.state = 'completed')),
course AS (
    SELECT t.call_id, t.closed, t.created_at, t.submitted_at, w.id IS NOT NULL AND d.id IS NOT NULL AS decided,
           t.checked_by IS NOT NULL AS checked,
           t.checked_at, v.at AS reviewed_at, CASE WHEN w.id IS NOT NULL THEN d.final_at END AS decided_at,
           w.outcome = 'funded' AND d.final_at IS NOT NULL AS awarded, p.started_at, p.completed_at
    FROM theirs t LEFT JOIN reviewed v ON v.application_id = t.id
         LEFT JOIN awards w ON w.application_id = t.id
         LEFT JOIN decisions d ON d.id = w.decision_id AND d.state = 'final'
         LEFT JOIN projects p ON p.application_id = t.id AND p.label = ANY(%(labels)s)),
counted AS MATERIALIZED (
    SELECT call_id,
           CASE WHEN bool_and(closed) THEN count(*) END AS begun,
           count(submitted_at) AS submitted,
           count(*) FILTER (WHERE checked OR reviewed_at IS NOT NULL OR decided) AS checked,
           count(*) FILTER (WHERE reviewed_at IS NOT NULL OR decided) AS reviewed, count(decided_at) AS decided,
           count(*) FILTER (WHERE awarded) AS awarded, count(started_at) AS running, count(completed_at) AS completed,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', submitted_at - created_at)) AS begun_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', checked_at - submitted_at)) AS submitted_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch',
               reviewed_at - coalesce(checked_at, submitted_at))) AS checked_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', decided_at - reviewed_at)) AS reviewed_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', started_at - decided_at)) AS awarded_time,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY date_part('epoch', completed_at - started_at)) AS running_time
    FROM course GROUP BY GROUPING SETS ((call_id), ()))
SELECT n.*, s.title, s.title_zh, s.phase, s.closes_at, s.office_name FROM counted n LEFT JOIN seen s ON s.id = n.call_id
ORDER BY n.call_id IS NOT NULL, s.closes_at DESC, s.id DESC LIMIT %(limit)s"""  # noqa: S608 -- constants only


async def funnel(
    rows: Rows, *, offices: list[UUID] | None = None, call_id: UUID | None = None, limit: int = CALLS_TOLD
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The course of all applications together, and call by call, those that close last first."""
    found = await rows.rows(_FUNNEL, _params(rows, offices, call_id, limit=limit + 1))
    whole = next((_shaped(one) for one in found if one["call_id"] is None), None)
    return whole or _shaped({}), [_shaped(one) for one in found if one["call_id"] is not None]


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "call": {name: row[name] for name in ("call_id", "title", "title_zh", "phase", "closes_at", "office_name")}
        if row.get("call_id")
        else None,
        "counts": {step.value: row.get(step.value, 0) for step in Step},
        "seconds": {step.value: row.get(f"{step.value}_time") for step in TIMED},
    }


# A row for everything somebody is waited for: what, whose office, since when, until when, and the address's end.
_WAITING = f"""
WITH {_SEEN},
works AS MATERIALIZED (
    SELECT p.id, p.title, p.call_id, p.state, p.ends_on, s.office_id, s.office_name
    FROM projects p JOIN seen s ON s.id = p.call_id
    WHERE p.label = ANY(%(labels)s)),
waiting AS MATERIALIZED (
    SELECT 'check' AS kind, office_id, office_name, 'applications/' || id AS place, title, '' AS who,
           submitted_at AS since, submitted_at + %(limit_check)s AS due, NULL::uuid AS expert_id
    FROM theirs WHERE state = 'submitted' AND checked_by IS NULL
    UNION ALL
    SELECT CASE r.state WHEN 'invited' THEN 'invitation' ELSE 'review' END, t.office_id, t.office_name,
           'calls/' || r.call_id || '/assignment', r.application_title, r.expert_name, r.created_at,
           CASE r.state WHEN 'invited' THEN r.created_at + make_interval(days => t.answer_days)
                         ELSE r.due_at END, r.expert_id
    FROM reviews r JOIN theirs t ON t.id = r.application_id
    WHERE r.state IN ('invited', 'accepted', 'scored')
    UNION ALL
    SELECT 'decision', s.office_id, s.office_name, 'calls/' || s.id || '/ranking', s.title, '', s.closes_at,
           s.closes_at + %(limit_decision)s, NULL
    FROM seen s WHERE s.closed AND s.state IN ('released', 'closed', 'deciding')
      AND EXISTS (SELECT FROM theirs t WHERE t.call_id = s.id AND t.submitted_at IS NOT NULL)
    UNION ALL
    SELECT CASE WHEN m.state IN ('pending', 'returned') THEN 'evidence' WHEN m.state = 'accepted' THEN 'tranche'
                ELSE 'milestone' END,
           w.office_id, w.office_name, 'milestones/' || m.id, m.title, '',
           CASE WHEN m.state IN ('pending', 'returned') THEN m.due_on::timestamptz WHEN m.state = 'accepted'
                THEN m.judged_at ELSE m.submitted_at END,
           CASE WHEN m.state IN ('pending', 'returned') THEN m.due_on + interval '1 day' WHEN m.state = 'accepted'
                THEN m.judged_at + %(limit_tranche)s ELSE m.submitted_at + %(limit_milestone)s END, NULL
    FROM milestones m JOIN works w ON w.id = m.project_id
    WHERE (w.state = 'running' AND (m.state = 'evidence_submitted'
                                    OR (m.state IN ('pending', 'returned') AND m.due_on < %(now)s::date)))
       OR (w.state IN ('running', 'completed') AND m.state = 'accepted' AND m.released_at IS NULL)
    UNION ALL
    SELECT 'claim', w.office_id, w.office_name, 'claims/' || c.id, c.project_title, c.organisation_name,
           c.submitted_at, c.submitted_at + %(limit_claim)s, NULL
    FROM expenditure_claims c JOIN works w ON w.id = c.project_id
    WHERE c.state = 'submitted' AND c.label = ANY(%(labels)s)
    UNION ALL
    SELECT 'change', w.office_id, w.office_name, 'changes/' || g.id, g.project_title, '', g.created_at,
           g.created_at + %(limit_change)s, NULL
    FROM project_changes g JOIN works w ON w.id = g.project_id
    WHERE g.state = 'requested' AND g.label = ANY(%(labels)s)
    UNION ALL
    SELECT 'evaluation', w.office_id, w.office_name, 'evaluations/' || e.id, e.project_title, '', e.since,
           e.since + %(limit_evaluation)s, NULL
    FROM (SELECT *, greatest(reported_at, (earlier -> -1 ->> 'reopened_at')::timestamptz) AS since
          FROM evaluations) e JOIN works w ON w.id = e.project_id
    WHERE e.state IN ('reported', 'judged') AND e.label = ANY(%(labels)s)
    UNION ALL
    SELECT 'sheet', w.office_id, w.office_name, 'evaluations/' || e.id, e.project_title, h.expert_name, h.created_at,
           h.due_at, NULL
    FROM evaluation_sheets h JOIN evaluations e ON e.id = h.evaluation_id JOIN works w ON w.id = e.project_id
    WHERE h.state = 'asked' AND e.state = 'in_review' AND e.label = ANY(%(labels)s)
    UNION ALL
    SELECT 'completion', w.office_id, w.office_name, 'projects/' || w.id, w.title, '', w.ends_on::timestamptz,
           w.ends_on + %(limit_completion)s, NULL
    FROM works w WHERE w.state = 'running' AND w.ends_on < %(now)s::date
      AND NOT EXISTS (SELECT FROM evaluations e WHERE e.project_id = w.id AND e.kind = 'completion'
                      AND e.state <> 'cancelled')),
tallied AS (
    SELECT office_id, office_name, kind, count(*) AS n, count(*) FILTER (WHERE due < %(now)s) AS late,
           min(since) AS oldest
    FROM waiting GROUP BY office_id, office_name, kind)
SELECT coalesce((SELECT jsonb_agg(tallied ORDER BY office_name, kind) FROM tallied), '[]') AS tallies,
       coalesce((SELECT jsonb_agg(late ORDER BY due) FROM (
           SELECT kind, office_name, place, title, who, since, due FROM waiting
           WHERE due < %(now)s ORDER BY due LIMIT %(limit)s) late), '[]') AS late,
       coalesce((SELECT jsonb_agg(busy ORDER BY late DESC, invited + open DESC, expert_name, expert_id) FROM (
           SELECT expert_id, who AS expert_name, count(*) FILTER (WHERE kind = 'invitation') AS invited,
                  count(*) FILTER (WHERE kind = 'review') AS open, count(*) FILTER (WHERE due < %(now)s) AS late,
                  min(due) AS next_due
           FROM waiting WHERE expert_id IS NOT NULL GROUP BY expert_id, who
           ORDER BY late DESC, count(*) DESC, who, expert_id LIMIT %(experts)s) busy), '[]') AS experts"""  # noqa: S608 -- constants only


async def waiting(
    rows: Rows, *, offices: list[UUID] | None = None, call_id: UUID | None = None
) -> tuple[list[dict[str, Any]], ...]:
    """What waits, by office and kind; what is late the longest; the experts who are waited for, the late ones first."""
    row = await rows.row(_WAITING, _params(rows, offices, call_id, limit=LATE_LISTED, experts=EXPERTS_LISTED))
    assert row
    return _dated(row["tallies"], "oldest"), _dated(row["late"], "since", "due"), _dated(row["experts"], "next_due")


def _dated(items: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """JSON has no times."""
    return [
        {**one, **{name: datetime.fromisoformat(one[name]) if one[name] else None for name in names}} for one in items
    ]


_KEPT = f"""
WITH {_SEEN},
works AS MATERIALIZED (SELECT p.id FROM projects p JOIN seen s ON s.id = p.call_id WHERE p.label = ANY(%(labels)s)),
promised AS (
    SELECT 'reviews' AS what, r.due_at AS due, r.completed_at AS kept
    FROM reviews r JOIN theirs t ON t.id = r.application_id WHERE r.state IN ('accepted', 'scored', 'completed')
    UNION ALL
    SELECT 'milestones', m.due_on + interval '1 day', m.submitted_at
    FROM milestones m JOIN works w ON w.id = m.project_id
    UNION ALL
    SELECT 'decisions', s.closes_at + %(limit_decision)s, d.final_at
    FROM seen s LEFT JOIN decisions d ON d.call_id = s.id AND d.state = 'final'
    WHERE s.closed AND EXISTS (SELECT FROM theirs t WHERE t.call_id = s.id AND t.submitted_at IS NOT NULL)
    UNION ALL
    SELECT 'payments', m.judged_at + %(limit_tranche)s, m.released_at
    FROM milestones m JOIN works w ON w.id = m.project_id WHERE m.state = 'accepted'
    UNION ALL
    SELECT 'claims', c.submitted_at + %(limit_claim)s, c.judged_at
    FROM expenditure_claims c JOIN works w ON w.id = c.project_id
    WHERE c.state <> 'withdrawn' AND c.label = ANY(%(labels)s))
SELECT what, count(*) FILTER (WHERE kept < due) AS kept, count(*) AS due
FROM promised WHERE least(due, kept) <= %(now)s AND due > %(from)s GROUP BY what"""  # noqa: S608 -- constants only


async def kept(rows: Rows, *, offices: list[UUID] | None = None, call_id: UUID | None = None) -> list[dict[str, Any]]:
    """Of what was due within the last year, or done before it was due: how much was on time."""
    found = await rows.rows(_KEPT, _params(rows, offices, call_id, **{"from": rows.now - rules.PERIOD}))
    by = {one["what"]: one for one in found}
    return [
        {
            "what": what,
            "kept": by.get(what, {}).get("kept", 0),
            "due": by.get(what, {}).get("due", 0),
            "share": rules.on_time_share(by.get(what, {}).get("kept", 0), by.get(what, {}).get("due", 0)),
        }
        for what in PROMISES
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """All of it."""

    whole: dict[str, Any]
    calls: list[dict[str, Any]]
    tallies: list[dict[str, Any]]
    late: list[dict[str, Any]]
    experts: list[dict[str, Any]]
    kept: list[dict[str, Any]]


async def everything(rows: Rows, cut: Cut, *, limit: int = CALLS_TOLD) -> Found:
    """The three counts side by side, for each reads whole tables and none needs another. `rows` must be a Read."""
    (whole, calls), (tallies, late, busy), shares = await gather(
        funnel(rows, **cut, limit=limit), waiting(rows, **cut), kept(rows, **cut)
    )
    return Found(whole, calls, tallies, late, busy, shares)


async def course_of(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The call, if its course may be known: id, title, title_zh. Raises NotFound."""
    row = await rows.row(f"WITH {_SEEN} SELECT id, title, title_zh FROM seen", _params(rows, None, call_id))  # noqa: S608
    if row is None:
        raise NotFound(N_("There is no call here whose course you may follow."))
    return row


async def offices(rows: Rows) -> list[dict[str, Any]]:
    """The offices whose calls the reader may know, by name."""
    return await rows.rows(
        f"WITH {_SEEN} SELECT DISTINCT office_id AS id, office_name AS name FROM seen ORDER BY name, id",  # noqa: S608
        _params(rows, None, None),
    )
