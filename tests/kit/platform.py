"""A real service in the test's own process: real database, real store, its routes called without a socket."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import psycopg

from infra.host import build, host
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reaction
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.actor import Actor, Grant, system_actor
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role, SecurityLabel
from shared.service import Service
from tests.kit.tokens import headers_for

_EMPTY = """
DO $$
DECLARE
    one record;
    holds boolean;
    large regclass[] := '{}';
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN
        SELECT c.oid::regclass AS name,
               coalesce((SELECT sum(pg_relation_size(p.relid)) FROM pg_partition_tree(c.oid) p),
                        pg_relation_size(c.oid)) > 1000000 AS large
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one.name) INTO holds;
        IF holds AND one.large THEN
            large := large || one.name;
        ELSIF holds THEN
            EXECUTE format('DELETE FROM %s', one.name);
        END IF;
    END LOOP;
    IF cardinality(large) > 0 THEN
        EXECUTE format('TRUNCATE %s CASCADE', array_to_string(large, ', '));
    END IF;
    PERFORM setval(s.seqrelid, s.seqstart, false) FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    WHERE c.relnamespace = 'public'::regnamespace;
END $$
"""
"""Deletes without looking at references, for nothing stays that could refer: to truncate takes four times as long, as
every table and index gets a new file, and was a sixth of all tests. What deletes have swollen is still truncated."""


@dataclass(frozen=True)
class Someone:
    """A person of a test: a subject with grants and a clearance, known to the service's access projection."""

    subject: str
    grants: tuple[Grant, ...] = ()
    clearance: SecurityLabel = SecurityLabel.INTERNAL

    @property
    def actor(self) -> Actor:
        return Actor(subject=self.subject, name=self.subject, grants=self.grants, clearance=self.clearance)

    @property
    def organisation_id(self) -> UUID:
        return self.grants[0].organisation_id


def someone(
    *roles: Role,
    organisation_id: UUID | None = None,
    organisation_name: str = "Institute of Tests",
    clearance: SecurityLabel = SecurityLabel.INTERNAL,
    subject: str = "",
) -> Someone:
    """A fresh person with these roles for one organisation (a fresh one unless named)."""
    where = organisation_id or new_id()
    grants = tuple(Grant(role, where, organisation_name) for role in roles)
    return Someone(subject or f"person-{new_id().hex[-12:]}", grants, clearance)


@dataclass
class Running:
    """A service whose routes can be called and whose database can be asked."""

    service: Service
    settings: Settings
    _known: set[str] = field(default_factory=set)

    async def know(self, person: Someone) -> None:
        """Put the person into the access projection, as coordination's facts would."""
        async with self.service.database.work(system_actor(self.service.name)) as work:
            await work.execute(
                """INSERT INTO access_accounts (id, subject, name, clearance, version)
                   VALUES (%(id)s, %(subject)s, %(subject)s, %(clearance)s, 1)
                   ON CONFLICT (subject) DO UPDATE SET clearance = excluded.clearance""",
                {"id": new_id(), "subject": person.subject, "clearance": person.clearance.value},
            )
            for grant in person.grants:
                await work.execute(
                    """INSERT INTO access_grants (id, subject, role, organisation_id, organisation_name, starts_at)
                       VALUES (%(id)s, %(subject)s, %(role)s, %(org)s, %(name)s, '2020-01-01+00')""",
                    {
                        "id": new_id(),
                        "subject": person.subject,
                        "role": grant.role.value,
                        "org": grant.organisation_id,
                        "name": grant.organisation_name,
                    },
                )
        self.service.identity.access.forget(person.subject)
        self._known.add(person.subject)

    @asynccontextmanager
    async def client(self, person: Someone | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client signed in as the person (nobody: a visitor)."""
        headers: dict[str, str] = {}
        if person is not None:
            if person.subject not in self._known:
                await self.know(person)
            headers = headers_for(person.subject)
        transport = httpx.ASGITransport(host([self.service]), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            yield client

    @asynccontextmanager
    async def work(self, person: Someone | Actor) -> AsyncIterator[Work]:
        """A unit of work of the person, committed at the end of the block."""
        actor = person.actor if isinstance(person, Someone) else person
        async with self.service.database.work(actor) as work:
            yield work

    async def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        async with self.service.database.read(system_actor(self.service.name)) as read:
            return await read.rows(sql, params)

    async def said(self, event_type: type[Event] | None = None) -> list[dict[str, Any]]:
        """What stands in the outbox: type, subject, version, data, actor; oldest first."""
        wanted = event_type.type if event_type else None
        return await self.rows(
            """SELECT type, subject, version, data, actor, correlation_id, causation_id FROM outbox
               WHERE %(wanted)s::text IS NULL OR type = %(wanted)s ORDER BY seq""",
            wanted=wanted,
        )

    async def hear(self, *events: Event, times: int = 1, actor: str = "system:test") -> None:
        """Deliver facts to every reaction of the service that listens for them, each fact `times` times.

        The inbox is passed by, so a second delivery really runs the reaction a second time.
        """
        for _ in range(times):
            for event in events:
                for reaction in self.listeners(event):
                    async with self.service.database.work(system_actor(self.service.name)) as work:
                        known = None if reaction.kind == "everything" else event
                        await reaction.run(work, [(known, envelope(event, actor))])

    def listeners(self, event: Event) -> Sequence[Reaction]:
        return [r for r in self.service.reactions if r.kind == "everything" or event.type in r.types]

    async def clear(self) -> None:
        """Empty every table; migrations stay."""
        async with await psycopg.AsyncConnection.connect(
            self.settings.migration_url(self.service.name), autocommit=True
        ) as connection:
            await connection.execute(_EMPTY)
        self._known.clear()
        self.service.identity.access.forget()


def envelope(event: Event, actor: str = "system:test") -> Envelope:
    return Envelope(
        id=new_id(),
        type=event.type,
        source=f"/{event.service()}",
        subject=event.id,
        version=event.version,
        time=datetime.now(UTC),
        actor=actor,
        correlation_id=new_id(),
        causation_id=None,
        data=event.model_dump(mode="json"),
    )


@asynccontextmanager
async def running(settings: Settings, name: str) -> AsyncIterator[Running]:
    """The service with its database and store open, its bus not: facts are handed over by `hear`."""
    service = _idle(settings, name)
    await service.database.open()
    await service.blobs.open()
    try:
        yield Running(service, settings)
    finally:
        await service.blobs.close()
        await service.identity.close()
        await service.database.close()
        _IDLE.append((settings, service))


_IDLE: list[tuple[Settings, Service]] = []


def _idle(settings: Settings, name: str) -> Service:
    """One that an earlier test has left, with new connections: the routes of a service take a seventh of a second."""
    for n, (known, service) in enumerate(_IDLE):
        if service.name == name and known == settings:
            del _IDLE[n]
            service.renew()
            return service
    return build(settings, [name])[0]
