"""Many calls, applications, reviews and projects at once, written by SQL: for counting and measuring."""

from uuid import UUID

from shared.kernel.actor import system_actor
from tests.kit.platform import Running

_TERMS = '{"approvals": [], "notice_days": 0, "letter_scores": "none", "appeal_days": 0}'
_CALLS = """
INSERT INTO calls (id, version, created_at, title, title_zh, summary, field, stage, budget_amount, budget_currency,
    ceiling_amount, ceiling_currency, opens_at, closes_at, kinds, regions, sectors, credit, reviewers_per_application,
    blindness, criteria, portfolio, award_terms, inventor_floor, label, state, state_reason, organisation_id,
    organisation_name, drafted_by, released_at, released_version, sha256)
SELECT md5('call' || n)::uuid, 2, now() - interval '300 days', 'Call ' || n, '', 'Summary', 'Materials', 'research',
    1000000, 'CNY', 500000, 'CNY', now() - interval '200 days',
    now() - make_interval(days => 1 + n % 150), '[]', '[]',
    '[]', '', 3, 'single', '[]', '[]', %(terms)s, '1/2', 'public',
    CASE WHEN n % 4 = 0 THEN 'closed' ELSE 'deciding' END, '',
    %(office)s, 'Office', 'x', now() - interval '200 days', 1, repeat('0', 64)
FROM generate_series(1, %(calls)s) n"""
_APPLICATIONS = """
INSERT INTO applications (id, version, created_at, call_id, call_title, call_version, title, abstract, field,
    requested_amount, requested_currency, lead_id, lead_name, label, state, state_reason, drafted_by, submitted_at,
    submitted_version, sha256, checked_by, checked_at)
SELECT md5('application' || n)::uuid, 3, now() - interval '199 days', md5('call' || 1 + n %% %(calls)s)::uuid, 'Call',
    1, 'Application ' || n, '', '', 100000, 'CNY', md5('lead' || n %% 500)::uuid, 'Lead ' || n %% 500, 'internal',
    CASE WHEN n %% 10 = 9 THEN 'draft' ELSE 'submitted' END, '', 'x',
    CASE WHEN n %% 10 <> 9 THEN now() - interval '160 days' END, CASE WHEN n %% 10 <> 9 THEN 1 END,
    CASE WHEN n %% 10 <> 9 THEN repeat('1', 64) END, CASE WHEN n %% 10 < 8 THEN 'x' END,
    CASE WHEN n %% 10 < 8 THEN now() - interval '150 days' END
FROM generate_series(0, %(applications)s - 1) n"""
_REVIEWS = """
INSERT INTO reviews (id, version, created_at, call_id, application_id, application_title, expert_id, expert_name,
    expert_subject, affinity, state, reason, conflict, named, scores, to_applicant, to_panel, total, due_at,
    completed_at)
SELECT md5('review' || n)::uuid, 1, now() - interval '100 days', md5('call' || 1 + (n / 3) %% %(calls)s)::uuid,
    md5('application' || n / 3)::uuid, 'Application', md5('expert' || (n * 7 + n / 3) %% 900)::uuid,
    'Expert ' || (n * 7 + n / 3) %% 900, 'expert', 100, CASE WHEN n %% 6 = 0 THEN 'accepted' ELSE 'completed' END, '',
    false, '', '{}', '', '', 7, now() - interval '80 days',
    CASE WHEN n %% 6 <> 0 THEN now() - make_interval(days => 75 + n %% 12) END
FROM generate_series(0, 3 * %(applications)s - 1) n WHERE (n / 3) %% 10 < 8"""
_PROJECTS = """
INSERT INTO projects (id, version, created_at, call_id, application_id, title, abstract, office_id, lead_id, lead_name,
    partners, field, stage, region, sector, label, amount_amount, amount_currency, starts_on, ends_on, state,
    task_book, sha256, office_signed_by, office_signed_at, lead_signed_by, lead_signed_at, started_at, grade_reason)
SELECT md5('project' || id)::uuid, 1, now(), call_id, id, title, '', %(office)s, lead_id, lead_name, '[]', 'Materials',
    'research', 'Chengdu', 'civil', 'internal', 100000, 'CNY', current_date - 100, current_date + 300, 'running', '',
    '', 'a', now(), 'b', now(), now() - interval '40 days', ''
FROM applications WHERE state = 'submitted' AND substr(id::text, 1, 1) IN ('0', '1')"""
_MILESTONES = """
INSERT INTO milestones (id, version, created_at, project_id, number, title, deliverable, due_on, tranche_amount,
    tranche_currency, state, test, note, answer, findings, submitted_at, judged_at, document_id)
SELECT md5('milestone' || id || n)::uuid, 1, now(), id, n, 'Milestone ' || n, 'Report', current_date - 60 + 40 * n,
    50000, 'CNY', (ARRAY['accepted', 'evidence_submitted', 'pending'])[n], '', '', '', '',
    CASE WHEN n < 3 THEN now() - interval '30 days' END, CASE WHEN n = 1 THEN now() - interval '20 days' END, id
FROM projects CROSS JOIN generate_series(1, 3) n"""


async def crowd(projects: Running, office: UUID, *, calls: int, applications: int) -> None:
    """Of ten applications eight are checked and have three reviews, one waits for its check, one is a draft."""
    async with projects.work(system_actor("projects")) as work:
        for statement in (_CALLS, _APPLICATIONS, _REVIEWS, _PROJECTS, _MILESTONES):
            await work.execute(
                statement if "%%" in statement else statement.replace("n % ", "n %% "),
                {"office": office, "calls": calls, "applications": applications, "terms": _TERMS},
            )
