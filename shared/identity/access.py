"""Who may do what, as this service heard it from coordination: the same projection in every service's database.

Each reaction gives the same result whatever the order in which facts arrive and however often: a revocation that
comes before its grant leaves a tombstone; clearance and name remember the version that set them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.coordination import ClearanceChanged, RoleGranted, RoleRevoked, SessionRevoked
from shared.db.engine import Database
from shared.db.work import Work
from shared.kernel.actor import Grant, system_actor
from shared.kernel.types import Role, SecurityLabel

CACHE_SECONDS = 1.0
CACHED_SUBJECTS = 10_000

access_hears = Reactions()
AccessFact = RoleGranted | RoleRevoked | ClearanceChanged | SessionRevoked


@access_hears.on(RoleGranted, RoleRevoked, ClearanceChanged, SessionRevoked, ordered=True)
async def on_access_fact(work: Work, event: AccessFact, heard: Envelope) -> None:
    """One reaction for all four, because their versions count one account's facts together."""
    if isinstance(event, RoleGranted):
        await _granted(work, event)
    elif isinstance(event, RoleRevoked):
        await _revoked(work, event)
    elif isinstance(event, ClearanceChanged):
        await _cleared(work, event)
    else:
        await _signed_out(work, event)


async def _account(work: Work, event: AccessFact, name: str = "") -> None:
    await work.execute(
        """INSERT INTO access_accounts AS a (id, subject, name, name_version, version)
           VALUES (%(id)s, %(subject)s, %(name)s, %(name_version)s, %(version)s)
           ON CONFLICT (id) DO UPDATE
           SET version = greatest(a.version, excluded.version),
               name = CASE WHEN excluded.name_version > a.name_version THEN excluded.name ELSE a.name END,
               name_version = greatest(a.name_version, excluded.name_version)""",
        {
            "id": event.id,
            "subject": event.subject,
            "name": name,
            "name_version": event.version if name else 0,
            "version": event.version,
        },
    )


async def _granted(work: Work, event: RoleGranted) -> None:
    await _account(work, event, event.name)
    await work.execute(
        """INSERT INTO access_grants (id, subject, role, organisation_id, organisation_name, starts_at, ends_at)
           VALUES (%(grant_id)s, %(subject)s, %(role)s, %(organisation_id)s, %(organisation_name)s,
                   %(starts_at)s, %(ends_at)s)
           ON CONFLICT (id) DO UPDATE
           SET organisation_name = excluded.organisation_name, starts_at = excluded.starts_at,
               ends_at = excluded.ends_at""",
        event.model_dump(include={"grant_id", "subject", "organisation_id", "organisation_name"})
        | {"role": event.role.value, "starts_at": event.starts_at, "ends_at": event.ends_at},
    )


async def _revoked(work: Work, event: RoleRevoked) -> None:
    await _account(work, event)
    await work.execute(
        """INSERT INTO access_grants AS g
               (id, subject, role, organisation_id, organisation_name, starts_at, revoked_at)
           VALUES (%(grant_id)s, %(subject)s, %(role)s, %(organisation_id)s, '', %(now)s, %(now)s)
           ON CONFLICT (id) DO UPDATE SET revoked_at = coalesce(g.revoked_at, excluded.revoked_at)""",
        {
            "grant_id": event.grant_id,
            "subject": event.subject,
            "role": event.role.value,
            "organisation_id": event.organisation_id,
            "now": work.now,
        },
    )


async def _cleared(work: Work, event: ClearanceChanged) -> None:
    await _account(work, event, event.name)
    await work.execute(
        """UPDATE access_accounts SET clearance = %(clearance)s, clearance_version = %(version)s
           WHERE id = %(id)s AND clearance_version < %(version)s""",
        {"id": event.id, "clearance": event.clearance.value, "version": event.version},
    )


async def _signed_out(work: Work, event: SessionRevoked) -> None:
    await _account(work, event)
    if event.session_id is None:
        await work.execute(
            "UPDATE access_accounts SET void_before = greatest(void_before, %(at)s) WHERE id = %(id)s",
            {"id": event.id, "at": event.revoked_at},
        )
        return
    await work.execute(
        """INSERT INTO revoked_sessions (session_id, subject, revoked_at) VALUES (%(session)s, %(subject)s, %(at)s)
           ON CONFLICT (session_id) DO NOTHING""",
        {"session": event.session_id, "subject": event.subject, "at": event.revoked_at},
    )


@dataclass(frozen=True, slots=True)
class Access:
    """What the projection says of one subject."""

    name: str = ""
    clearance: SecurityLabel = SecurityLabel.PUBLIC
    void_before: datetime | None = None
    revoked_sessions: frozenset[str] = frozenset()
    held: tuple[tuple[Grant, datetime, datetime | None], ...] = ()

    def grants(self, now: datetime) -> tuple[Grant, ...]:
        """The grants that count at this moment, not at the moment they were read."""
        return tuple(grant for grant, starts, ends in self.held if starts <= now and (ends is None or now < ends))

    def voids(self, issued_at: datetime | None) -> bool:
        """Whether a sign-in or token of that time was revoked; one without a time is, once anything was."""
        return self.void_before is not None and (issued_at is None or issued_at < self.void_before)


_READ = """
SELECT a.name, a.clearance, a.void_before,
       coalesce((SELECT array_agg(s.session_id) FROM revoked_sessions s
                 WHERE s.subject = %(subject)s), '{}') AS sessions,
       coalesce((SELECT json_agg(json_build_object('role', g.role, 'organisation_id', g.organisation_id,
                                                   'organisation_name', g.organisation_name,
                                                   'starts_at', g.starts_at, 'ends_at', g.ends_at)
                                 ORDER BY g.starts_at, g.id)
                 FROM access_grants g WHERE g.subject = %(subject)s AND g.revoked_at IS NULL), '[]') AS grants
FROM access_accounts a WHERE a.subject = %(subject)s
"""


class AccessReader:
    """Reads the projection, with a memory of at most a second: a revocation counts within that time of arriving."""

    def __init__(
        self,
        database: Database,
        *,
        seconds: float = CACHE_SECONDS,
        size: int = CACHED_SUBJECTS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._size = size
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, Access]] = OrderedDict()

    def forget(self, subject: str | None = None) -> None:
        """Read the subject (everybody, when none is named) afresh next time."""
        if subject is None:
            self._kept.clear()
        else:
            self._kept.pop(subject, None)

    async def of(self, subject: str) -> Access:
        """What is known of a subject; an unknown one has no grants and the lowest clearance."""
        asked = self._monotonic()
        kept = self._kept.get(subject)
        if kept is not None and kept[0] > asked:
            return kept[1]
        async with self._database.read(system_actor(self._database.service)) as read:
            row = await read.row(_READ, {"subject": subject})
        access = _access(row) if row else Access()
        self._kept[subject] = (asked + self._seconds, access)
        self._kept.move_to_end(subject)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return access


def _access(row: dict[str, Any]) -> Access:
    return Access(
        name=row["name"],
        clearance=SecurityLabel(row["clearance"]),
        void_before=row["void_before"],
        revoked_sessions=frozenset(row["sessions"]),
        held=tuple(
            (
                Grant(Role(grant["role"]), UUID(grant["organisation_id"]), grant["organisation_name"]),
                datetime.fromisoformat(grant["starts_at"]),
                datetime.fromisoformat(grant["ends_at"]) if grant["ends_at"] else None,
            )
            for grant in row["grants"]
        ),
    )


async def forget_old_sessions(work: Work) -> None:
    """A revoked session past every absolute limit needs no memory: its cookie is refused anyway."""
    await work.execute(
        "DELETE FROM revoked_sessions WHERE revoked_at < %(now)s - interval '32 days'", {"now": work.now}
    )
