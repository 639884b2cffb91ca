"""The hearing side's memory: what a reaction has acted on, up to which version, and what is set aside.

Three rules decide about each fact, per reaction and aggregate:
* seen already, or not newer than the newest acted on: skip it;
* something older of the same aggregate is still set aside: stand behind it;
* the reaction hears every version and one is missing: stand aside until it comes.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from shared.bus.envelope import Envelope, to_wire
from shared.bus.reactions import Reaction
from shared.db.work import Work
from shared.kernel.marks import N_, S_

Aggregate = tuple[str, UUID]
GAP_SECONDS = 1.0
IDLE_LIMIT = "10s"
"""A process that was stopped inside a batch holds locks on the inbox; its successor must not wait for them for long."""

_STANDING = """
WITH heard AS (SELECT DISTINCT * FROM unnest(%(things)s::text[], %(subjects)s::uuid[]) AS h (thing, subject)),
     era AS (SELECT era FROM inbox_eras WHERE reaction = %(reaction)s FOR SHARE)
SELECT NULL::text AS thing, NULL::uuid AS subject, era AS version, 'era' AS kind FROM era
UNION ALL
SELECT set_config('idle_in_transaction_session_timeout', %(idle)s, true), NULL, NULL, 'limit'
UNION ALL
SELECT thing, subject, version, 'head' FROM inbox_heads JOIN heard USING (thing, subject) WHERE reaction = %(reaction)s
UNION ALL
SELECT thing, subject, min(version), 'open' FROM parked_events JOIN heard USING (thing, subject)
WHERE reaction = %(reaction)s AND resolved_at IS NULL GROUP BY thing, subject
"""
_ADMIT = """
WITH heads AS (
    INSERT INTO inbox_heads (reaction, thing, subject, version)
    SELECT %(reaction)s, * FROM unnest(%(things)s::text[], %(subjects)s::uuid[], %(versions)s::int[])
    ON CONFLICT (reaction, thing, subject) DO UPDATE SET version = excluded.version
    WHERE inbox_heads.version < excluded.version)
INSERT INTO inbox (reaction, event_id) SELECT %(reaction)s, unnest(%(ids)s::uuid[])
ON CONFLICT DO NOTHING RETURNING event_id
"""
_PARK = """
INSERT INTO parked_events
       (reaction, event_id, type, thing, subject, version, envelope, state, reason, tries, next_try_at)
SELECT %(reaction)s, %(id)s, %(type)s, %(thing)s, %(subject)s, %(version)s, %(envelope)s::jsonb, %(state)s, %(reason)s,
       %(tries)s, now() + make_interval(secs => %(wait)s)
WHERE NOT EXISTS (SELECT FROM inbox WHERE reaction = %(reaction)s AND event_id = %(id)s)
ON CONFLICT (reaction, event_id) DO NOTHING
"""


class EraChanged(Exception):
    """Somebody asked for the reaction to hear everything again; what is in hand belongs to before."""


@dataclass
class Admitted:
    """What a batch comes to: facts to act on, facts set aside, and how many were skipped."""

    fresh: list[Envelope] = field(default_factory=list)
    aside: int = 0
    skipped: int = 0


def reason_of(problem: BaseException) -> str:
    """Why it failed, in words that repeat nothing of the event: no values, no SQL parameters."""
    if isinstance(problem, DBAPIError) and problem.orig:
        return reason_of(problem.orig)
    name = type(problem).__name__
    if isinstance(problem, ValidationError):
        fields = ", ".join(".".join(map(str, error["loc"])) for error in problem.errors(include_input=False)[:5])
        return f"{name}: {problem.title} does not take {fields}"
    diagnosis = getattr(problem, "diag", None)
    words = getattr(diagnosis, "message_primary", None) or str(problem).partition("\n")[0]
    return f"{name}: {words}"[:500]


async def era_of(work: Work, reaction: str) -> int:
    """How often the reaction was told to hear everything again."""
    await work.execute(
        "INSERT INTO inbox_eras (reaction) VALUES (%(reaction)s) ON CONFLICT DO NOTHING", {"reaction": reaction}
    )
    row = await work.row("SELECT era FROM inbox_eras WHERE reaction = %(reaction)s", {"reaction": reaction})
    return int(row["era"]) if row else 0


async def admit(work: Work, reaction: Reaction, batch: Sequence[Envelope], era: int) -> Admitted:
    """Records a batch in stream order and returns what to act on.

    Raises EraChanged.
    """
    heads, open_ = await _standing(work, reaction.name, {(e.thing, e.subject) for e in batch}, era)
    admitted = Admitted()
    record: list[UUID] = []
    raised: dict[Aggregate, int] = {}
    candidates: dict[UUID, Envelope] = {}
    for envelope in batch:
        aggregate = (envelope.thing, envelope.subject)
        head = heads.get(aggregate, 0)
        if open_.get(aggregate, math.inf) <= envelope.version:
            await park(work, reaction.name, envelope, "behind", N_("an older event of the same thing waits"), 0)
            admitted.aside += 1
        elif reaction.ordered and envelope.version > head + 1:
            reason = S_("version %(version)s has not come yet", version=head + 1)
            await park(work, reaction.name, envelope, "retrying", reason, GAP_SECONDS)
            open_[aggregate] = envelope.version
            admitted.aside += 1
        else:
            record.append(envelope.id)
            if envelope.version > head:
                heads[aggregate] = raised[aggregate] = envelope.version
                candidates[envelope.id] = envelope
    if record:
        new = set(await _record(work, reaction.name, record, raised))
        admitted.fresh = [envelope for envelope in candidates.values() if envelope.id in new]
    admitted.skipped = len(batch) - len(admitted.fresh) - admitted.aside
    return admitted


async def _standing(
    work: Work, reaction: str, aggregates: Iterable[Aggregate], era: int
) -> tuple[dict[Aggregate, int], dict[Aggregate, float]]:
    things, subjects = zip(*aggregates, strict=True)
    heads: dict[Aggregate, int] = {}
    open_: dict[Aggregate, float] = {}
    found = None
    connection = await work.connection()
    cursor = await connection.execute(
        _STANDING,
        {"reaction": reaction, "things": list(things), "subjects": list(subjects), "idle": IDLE_LIMIT},
    )
    for thing, subject, version, kind in await cursor.fetchall():
        if kind == "era":
            found = version
        elif kind != "limit":
            (heads if kind == "head" else open_)[thing, subject] = version
    if found != era:
        raise EraChanged(reaction)
    return heads, open_


async def _record(work: Work, reaction: str, ids: list[UUID], raised: dict[Aggregate, int]) -> list[UUID]:
    parameters: dict[str, Any] = {
        "reaction": reaction,
        "ids": ids,
        "things": [thing for thing, _ in raised],
        "subjects": [subject for _, subject in raised],
        "versions": list(raised.values()),
    }
    cursor = await (await work.connection()).execute(_ADMIT, parameters)
    return [row[0] for row in await cursor.fetchall()]


async def record_one(work: Work, reaction: str, envelope: Envelope) -> bool:
    """Marks one fact as acted on; False when it was already."""
    return bool(await _record(work, reaction, [envelope.id], {(envelope.thing, envelope.subject): envelope.version}))


async def park(
    work: Work, reaction: str, envelope: Envelope, state: str, reason: str, wait: float, *, tries: int = 0
) -> None:
    """Sets a fact aside in our own database, where nothing is lost and a person can see it."""
    await work.execute(
        _PARK,
        {
            "reaction": reaction,
            "id": envelope.id,
            "type": envelope.type,
            "thing": envelope.thing,
            "subject": envelope.subject,
            "version": envelope.version,
            "envelope": to_wire(envelope).decode(),
            "state": state,
            "reason": reason,
            "tries": tries,
            "wait": wait,
        },
    )
