"""The kernel's own tables in every service's database, as SQL: outbox, inbox, parked events, idempotency keys.

Raw DDL, because partitions, partial indexes and the partition function are not what an ORM's metadata describes.
A service's first migration runs `kernel_1()`; a later change is `kernel_2()`, run by a new migration of each service.
"""

KERNEL_TABLES = frozenset(
    {
        "outbox",
        "inbox",
        "inbox_heads",
        "inbox_eras",
        "parked_events",
        "idempotency_keys",
        "documents",
        "access_accounts",
        "access_grants",
        "revoked_sessions",
    }
)
"""Left out of `alembic check`: their DDL is here, not in a service's models."""

_OUTBOX = """
CREATE TABLE outbox (
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    event_id       uuid        NOT NULL,
    type           text        NOT NULL,
    subject        uuid        NOT NULL,
    version        integer     NOT NULL CHECK (version > 0),
    actor          text        NOT NULL,
    correlation_id uuid        NOT NULL,
    causation_id   uuid,
    data           jsonb       NOT NULL,
    published_at   timestamptz,
    PRIMARY KEY (recorded_at, seq)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
CREATE INDEX outbox_unpublished ON outbox (seq) WHERE published_at IS NULL;
CREATE INDEX outbox_subject ON outbox (subject, version);
CREATE INDEX outbox_event_id ON outbox (event_id);

CREATE FUNCTION outbox_partitions(first date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    day  date;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('outbox_partitions'));
    FOR day IN SELECT first + n FROM generate_series(0, days - 1) AS n LOOP
        IF to_regclass(format('outbox_%s', to_char(day, 'YYYYMMDD'))) IS NULL
           AND NOT EXISTS (SELECT FROM outbox_default
                           WHERE recorded_at >= day::timestamp AT TIME ZONE 'UTC'
                             AND recorded_at < (day + 1)::timestamp AT TIME ZONE 'UTC') THEN
            EXECUTE format('CREATE TABLE outbox_%s PARTITION OF outbox FOR VALUES FROM (%L) TO (%L)',
                           to_char(day, 'YYYYMMDD'),
                           day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT outbox_partitions((now() AT TIME ZONE 'UTC')::date, 8);
"""

_INBOX = """
CREATE TABLE inbox (
    reaction   text        NOT NULL,
    event_id   uuid        NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reaction, event_id)
);
CREATE TABLE inbox_heads (
    reaction text    NOT NULL,
    thing    text    NOT NULL,
    subject  uuid    NOT NULL,
    version  integer NOT NULL,
    PRIMARY KEY (reaction, subject, thing)
);
CREATE TABLE inbox_eras (
    reaction text PRIMARY KEY,
    era      integer NOT NULL DEFAULT 1
);
CREATE TABLE parked_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reaction    text        NOT NULL,
    event_id    uuid        NOT NULL,
    type        text        NOT NULL,
    thing       text        NOT NULL,
    subject     uuid        NOT NULL,
    version     integer     NOT NULL,
    envelope    jsonb       NOT NULL,
    state       text        NOT NULL CHECK (state IN ('retrying', 'parked', 'behind', 'done', 'dropped')),
    reason      text        NOT NULL,
    tries       integer     NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    parked_at   timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    UNIQUE (reaction, event_id)
);
CREATE INDEX parked_events_open ON parked_events (reaction, subject, version) WHERE resolved_at IS NULL;
"""

_IDEMPOTENCY = """
CREATE TABLE idempotency_keys (
    subject     text        NOT NULL,
    key         text        NOT NULL,
    fingerprint text        NOT NULL,
    status      integer,
    headers     jsonb,
    body        bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
"""

_DOCUMENTS = """
CREATE TABLE documents (
    id              uuid PRIMARY KEY,
    organisation_id uuid        NOT NULL,
    label           text        NOT NULL DEFAULT 'internal'
                    CHECK (label IN ('public', 'internal', 'controlled', 'confidential')),
    owner_kind      text,
    owner_id        uuid,
    filename        text        NOT NULL,
    media_type      text        NOT NULL,
    size            bigint,
    sha256          text,
    state           text        NOT NULL CHECK (state IN ('pending', 'clean', 'refused', 'deleted')),
    reason          text        NOT NULL DEFAULT '',
    uploaded_by     text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    checked_at      timestamptz,
    verified_at     timestamptz,
    object_key      text,
    CHECK (state <> 'clean' OR (size IS NOT NULL AND sha256 IS NOT NULL AND object_key IS NOT NULL))
);
CREATE INDEX documents_owner ON documents (owner_kind, owner_id);
CREATE INDEX documents_sha256 ON documents (sha256) WHERE state = 'clean';
CREATE INDEX documents_pending ON documents (created_at) WHERE state = 'pending';
"""

_ACCESS = """
CREATE TABLE access_accounts (
    id        uuid PRIMARY KEY,
    subject   text    NOT NULL UNIQUE,
    name      text    NOT NULL DEFAULT '',
    name_version integer NOT NULL DEFAULT 0,
    clearance text    NOT NULL DEFAULT 'public'
              CHECK (clearance IN ('public', 'internal', 'controlled', 'confidential')),
    clearance_version integer NOT NULL DEFAULT 0,
    void_before timestamptz,
    version   integer NOT NULL
);
CREATE TABLE access_grants (
    id                uuid PRIMARY KEY,
    subject           text        NOT NULL,
    role              text        NOT NULL,
    organisation_id   uuid        NOT NULL,
    organisation_name text        NOT NULL,
    starts_at         timestamptz NOT NULL,
    ends_at           timestamptz,
    revoked_at        timestamptz
);
CREATE INDEX access_grants_subject ON access_grants (subject) WHERE revoked_at IS NULL;
CREATE TABLE revoked_sessions (
    session_id text PRIMARY KEY,
    subject    text        NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX revoked_sessions_subject ON revoked_sessions (subject);
CREATE INDEX revoked_sessions_revoked_at ON revoked_sessions (revoked_at);
"""


def kernel_1() -> str:
    """The kernel's tables as first released."""
    return "".join((_OUTBOX, _INBOX, _IDEMPOTENCY, _DOCUMENTS, _ACCESS))
