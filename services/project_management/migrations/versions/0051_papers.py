"""Every signed, handed in or decided version has a paper with a number; what was there before gets one too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"

_KINDS = "kind IN ('report', 'review', 'minutes', 'task_book', 'agreement', 'evaluation')"
# The first twelve digits of a random UUID are random; the number is written as `receipts.rules.number_of` writes it.
_NUMBER = "'HC-' || upper(substr(r, 1, 4) || '-' || substr(r, 5, 4) || '-' || substr(r, 10, 4))"
_RANDOM = "LATERAL (SELECT gen_random_uuid()::text AS r WHERE {0} IS NOT NULL) AS random"
_INTO = "INSERT INTO issued_papers (number, kind, about_id, version, call_id, content, sha256, issued_at)"
_HASHED = "encode(sha256(convert_to(content, 'UTF8')), 'hex')"


def upgrade() -> None:
    # A constant, so no row is rewritten.
    op.add_column("issued_papers", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.execute(
        """UPDATE issued_papers p SET version = n.version
           FROM (SELECT number, row_number() OVER (PARTITION BY kind, about_id ORDER BY issued_at) AS version
                 FROM issued_papers) n
           WHERE n.number = p.number AND n.version > 1"""
    )
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX issued_papers_once")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE UNIQUE INDEX issued_papers_version ON issued_papers (kind, about_id, version)"
    )
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE issued_papers ALTER COLUMN content DROP NOT NULL")
    op.drop_constraint("issued_papers_kind", "issued_papers")
    op.create_check_constraint("issued_papers_kind", "issued_papers", _KINDS, postgresql_not_valid=True)
    op.execute("ALTER TABLE issued_papers VALIDATE CONSTRAINT issued_papers_kind")
    op.add_column(
        "task_book_versions",
        sa.Column("signatures", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
    )
    _task_books()
    _kept_elsewhere()
    _reviews_and_evaluations()


def _task_books() -> None:
    """The first version stood with its project until an amendment followed; amendments bear who asked and agreed."""
    op.execute(
        """INSERT INTO task_book_versions (project_id, number, content, sha256, at, signatures)
           SELECT p.id, 1, p.task_book, p.sha256, greatest(p.office_signed_at, p.lead_signed_at), '[]' FROM projects p
           WHERE p.office_signed_at IS NOT NULL AND p.lead_signed_at IS NOT NULL
             AND NOT EXISTS (SELECT FROM task_book_versions v WHERE v.project_id = p.id)"""
    )
    op.execute(
        """UPDATE task_book_versions v SET signatures = jsonb_build_array(
               jsonb_build_object('side', 'office', 'subject', p.office_signed_by, 'at', p.office_signed_at),
               jsonb_build_object('side', 'lead', 'subject', p.lead_signed_by, 'at', p.lead_signed_at))
           FROM projects p WHERE p.id = v.project_id AND v.number = 1"""
    )
    op.execute(
        """UPDATE task_book_versions v SET signatures = jsonb_build_array(
               jsonb_build_object('side', 'office', 'subject', c.judged_by, 'at', c.judged_at),
               jsonb_build_object('side', 'lead', 'subject', c.requested_by, 'at', c.created_at))
           FROM project_changes c WHERE c.project_id = v.project_id AND c.amendment = v.number"""
    )


def _kept_elsewhere() -> None:
    op.execute(
        f"""{_INTO} SELECT {_NUMBER}, 'task_book', v.project_id, v.number, p.call_id, NULL, v.sha256, v.at
            FROM task_book_versions v JOIN projects p ON p.id = v.project_id, {_RANDOM.format("v.number")}"""  # noqa: S608
    )
    op.execute(
        f"""{_INTO} SELECT {_NUMBER}, 'agreement', v.agreement_id, v.number, a.call_id, NULL, v.sha256, v.agreed_at
            FROM agreement_versions v JOIN agreements g ON g.id = v.agreement_id
            JOIN applications a ON a.id = g.application_id, {_RANDOM.format("v.number")}
            WHERE v.agreed_at IS NOT NULL"""  # noqa: S608
    )
    op.execute(
        f"""{_INTO} SELECT {_NUMBER}, 'minutes', p.id, 1, p.call_id, NULL, p.sha256, p.closed_at
            FROM panels p, {_RANDOM.format("p.id")} WHERE p.state = 'closed'"""  # noqa: S608
    )


def _reviews_and_evaluations() -> None:
    """They had no snapshot: this is what their paper says from now on."""
    op.execute(
        f"""{_INTO} SELECT {_NUMBER}, 'review', id, 1, call_id, content, {_HASHED}, completed_at
            FROM (SELECT r.id, r.call_id, r.completed_at, jsonb_build_object(
                      'review_id', r.id, 'call', c.title, 'application', r.application_title,
                      'criteria', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                       'name', one ->> 'name', 'weight', one ->> 'weight')), '[]')
                                   FROM jsonb_array_elements(c.criteria) one),
                      'scores', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                     'criterion', key, 'score', value)), '[]') FROM jsonb_each_text(r.scores)),
                      'total', r.total::text, 'to_applicant', r.to_applicant, 'to_panel', r.to_panel,
                      'completed_at', to_char(r.completed_at AT TIME ZONE 'UTC',
                                              'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))::text AS content
                  FROM reviews r JOIN calls c ON c.id = r.call_id WHERE r.state = 'completed') reviewed,
                 {_RANDOM.format("id")}"""  # noqa: S608
    )
    op.execute(
        f"""{_INTO} SELECT {_NUMBER}, 'evaluation', id, 1, call_id, content, {_HASHED}, decided_at
            FROM (SELECT e.id, p.call_id, e.decided_at, jsonb_build_object(
                      'evaluation_id', e.id, 'project_id', e.project_id, 'project', e.project_title, 'kind', e.kind,
                      'report', e.report, 'indicators', e.indicators, 'outputs', e.outputs,
                      'audit', e.audit, 'trace', e.trace, 'grade', e.grade, 'reason', e.grade_reason,
                      'comments', (SELECT coalesce(jsonb_agg(s.to_lead ORDER BY s.to_lead), '[]')
                                   FROM evaluation_sheets s WHERE s.evaluation_id = e.id AND s.state = 'handed_in'),
                      'decided_at', to_char(e.decided_at AT TIME ZONE 'UTC',
                                            'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'))::text AS content
                  FROM evaluations e JOIN projects p ON p.id = e.project_id WHERE e.state = 'decided') judged,
                 {_RANDOM.format("id")}"""  # noqa: S608
    )
