"""What moves while reviews are written leaves a mark, so that the clock need not look at every call and review."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"

MARKED = """
CREATE FUNCTION mark_for_reviews(kind text, key text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO review_marks (kind, key, xact) VALUES ($1, $2, pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION mark_its_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM mark_for_reviews('call', NEW.call_id::text); RETURN NULL; END $$;
CREATE FUNCTION mark_the_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM mark_for_reviews('call', NEW.id::text); RETURN NULL; END $$;
CREATE FUNCTION mark_it_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM mark_for_reviews('withdrawn', NEW.id::text); RETURN NULL; END $$;
CREATE FUNCTION mark_its_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM mark_for_reviews('reviewer', NEW.subject); RETURN NULL; END $$;

CREATE FUNCTION touch_for_ties(k text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO touched_people (key, touched_at) VALUES ($1, now())
    ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at
$$;
CREATE FUNCTION touch_its_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM touch_for_ties(NEW.subject); RETURN NULL; END $$;
CREATE FUNCTION touch_its_expert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM touch_for_ties(NEW.expert_id::text); RETURN NULL; END $$;
CREATE FUNCTION touch_its_application() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM reviews WHERE application_id = NEW.application_id AND state <> 'withdrawn') THEN
        PERFORM touch_for_ties(NEW.application_id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION mark_and_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_for_reviews('call', NEW.call_id::text);
    PERFORM touch_for_ties(NEW.application_id::text);
    RETURN NULL;
END $$;

-- As requests lock them: calls, then applications, then what belongs to these.
CREATE TRIGGER call_asks AFTER UPDATE OF state, reviewers_per_application ON calls FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state
          OR OLD.reviewers_per_application IS DISTINCT FROM NEW.reviewers_per_application)
    EXECUTE FUNCTION mark_the_call();
CREATE TRIGGER application_moved AFTER UPDATE OF state ON applications FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND OLD.state <> 'draft') EXECUTE FUNCTION mark_its_call();
CREATE TRIGGER application_withdrawn AFTER UPDATE OF state ON applications FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND OLD.state <> 'draft' AND NEW.state = 'withdrawn')
    EXECUTE FUNCTION mark_it_withdrawn();
CREATE TRIGGER partner_moved AFTER INSERT OR UPDATE OF answer, departure_id ON application_partners FOR EACH ROW
    EXECUTE FUNCTION touch_its_application();
CREATE TRIGGER departure_recorded AFTER INSERT ON application_departures FOR EACH ROW
    EXECUTE FUNCTION touch_its_application();
CREATE TRIGGER member_named AFTER INSERT OR UPDATE OF subject, person_id, orcid, state ON application_members
    FOR EACH ROW EXECUTE FUNCTION touch_its_application();
CREATE TRIGGER version_submitted AFTER INSERT ON application_versions FOR EACH ROW
    EXECUTE FUNCTION touch_its_application();
CREATE TRIGGER demand_given AFTER INSERT OR UPDATE ON reviewer_demands FOR EACH ROW EXECUTE FUNCTION mark_its_call();
CREATE TRIGGER assignment_made AFTER INSERT ON assignments FOR EACH ROW EXECUTE FUNCTION mark_its_call();
CREATE TRIGGER assignment_asks AFTER UPDATE OF gap_task_id, decision_task_id ON assignments FOR EACH ROW
    WHEN (OLD.gap_task_id IS DISTINCT FROM NEW.gap_task_id
          OR OLD.decision_task_id IS DISTINCT FROM NEW.decision_task_id) EXECUTE FUNCTION mark_its_call();
CREATE TRIGGER conflict_decided AFTER INSERT ON conflict_decisions FOR EACH ROW EXECUTE FUNCTION touch_its_expert();
CREATE TRIGGER review_given AFTER INSERT ON reviews FOR EACH ROW EXECUTE FUNCTION mark_and_touch();
CREATE TRIGGER review_moved AFTER UPDATE OF state ON reviews FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION mark_its_call();
CREATE TRIGGER relation_declared AFTER INSERT OR UPDATE ON declared_relations FOR EACH ROW
    EXECUTE FUNCTION touch_its_account();
CREATE TRIGGER reviewer_granted AFTER INSERT OR UPDATE ON access_grants FOR EACH ROW
    WHEN (NEW.role = 'reviewer') EXECUTE FUNCTION mark_its_account();
CREATE TRIGGER applicant_granted AFTER INSERT OR UPDATE ON access_grants FOR EACH ROW
    WHEN (NEW.role IN ('applicant', 'representative')) EXECUTE FUNCTION touch_its_account();

INSERT INTO touched_people (key, touched_at)
    SELECT DISTINCT a.id::text, now() FROM applications a JOIN calls c ON c.id = a.call_id
    JOIN reviews r ON r.application_id = a.id AND r.state <> 'withdrawn' WHERE c.state = 'deciding'
    ON CONFLICT DO NOTHING;
INSERT INTO review_marks (kind, key, xact) SELECT 'call', id::text, 0 FROM calls WHERE state = 'deciding';
INSERT INTO review_marks (kind, key, xact)
    SELECT DISTINCT 'withdrawn', a.id::text, 0 FROM applications a JOIN reviews r ON r.application_id = a.id
    WHERE a.state = 'withdrawn' AND r.state IN ('invited', 'accepted', 'scored');
"""


def upgrade() -> None:
    op.create_table(
        "review_marks",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("xact", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('call', 'withdrawn', 'reviewer')", name="review_marks_kind"),
        sa.PrimaryKeyConstraint("kind", "key", "xact"),
    )
    op.execute(MARKED)
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX access_grants_reviewing_until ON access_grants (ends_at)"
        " WHERE role = 'reviewer' AND ends_at IS NOT NULL"
    )
    op.create_index(
        "assignments_asking", "assignments", ["call_id"], postgresql_where=sa.text("conflict_task_id IS NOT NULL")
    )
