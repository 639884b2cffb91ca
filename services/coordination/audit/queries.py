"""Reads of the audit trail. What lies above the reader's clearance does not appear and does not count."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.coordination.audit.rules import COVERED, FIRST_HASH, WITHHELD, entry_hash
from services.coordination.chain.queries import KEPT, call_closed, sight
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

BATCH = 1000
# A task is about another thing; its end names that thing as what it arose from. What is told of an application without
# being one, such as a duplicate check, is about the application: it bears its title.
_FROM = """audit_entries e CROSS JOIN LATERAL (SELECT
    CASE WHEN e.kind = 'task'
         THEN coalesce(e.data::jsonb #>> '{about,kind}', e.data::jsonb #>> '{arises_from,0,kind}')
         WHEN e.data::jsonb ? 'application_id' THEN 'application' ELSE e.kind END AS kind,
    CASE WHEN e.kind = 'task'
         THEN coalesce(e.data::jsonb #>> '{about,id}', e.data::jsonb #>> '{arises_from,0,id}')::uuid
         ELSE coalesce((e.data::jsonb ->> 'application_id')::uuid, e.subject) END AS id) about"""
_LISTED = f"""e.event_id, e.service, e.type, e.kind, e.subject, e.version, e.title, e.actor, e.time, e.label, e.owners,
    e.correlation_id, e.causation_id, e.hash,
    CASE WHEN NOT {KEPT} THEN '' WHEN about.kind = ANY(%(waiting)s) AND NOT {call_closed("about")} THEN 'open_call'
         ELSE 'draft' END AS withheld"""
_VISIBLE = "e.label = ANY(%(labels)s)"
_FILTER = f"""{_VISIBLE}
AND (%(service)s::text[] IS NULL OR e.service = ANY(%(service)s)) AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)
AND (%(thing_id)s::uuid IS NULL OR e.subject = %(thing_id)s) AND (%(actor)s::text IS NULL OR e.actor = %(actor)s)
AND (%(type)s::text IS NULL OR e.type = %(type)s) AND (%(since)s::timestamptz IS NULL OR e.time >= %(since)s)
AND (%(until)s::timestamptz IS NULL OR e.time < %(until)s)
AND (%(search)s::text = '' OR e.actor ILIKE '%%' || %(search)s || '%%' OR e.type ILIKE '%%' || %(search)s || '%%'
     OR (e.title ILIKE '%%' || %(search)s || '%%' AND NOT {KEPT}))"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the trail; None asks nothing."""

    services: tuple[str, ...] = ()
    kind: str | None = None
    thing_id: UUID | None = None
    actor: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """One service's chain walked from the first entry; `first_broken` is the position that does not fit."""

    service: str
    count: int
    ok: bool
    first_broken: int | None


def _chosen(rows: Rows, question: Question) -> dict[str, Any]:
    return {
        **sight(rows),
        "service": list(question.services) or None,
        "kind": question.kind,
        "thing_id": question.thing_id,
        "actor": question.actor,
        "type": question.type,
        "since": question.since,
        "until": question.until,
        "search": question.search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_"),
    }


async def entries(rows: Rows, question: Question, *, cursor: str | None = None, limit: int = 50) -> Page[Row]:
    """Newest first. A title that the reader may not know yet is withheld; the entry stands all the same."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_LISTED} FROM {_FROM}
            WHERE {_FILTER}
              AND (%(after)s::timestamptz IS NULL OR (e.time, e.event_id) < (%(after)s, %(after_id)s::uuid))
            ORDER BY e.time DESC, e.event_id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_chosen(rows, question),
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    page = page_of(found, limit, "time", "event_id")
    return Page([_told(row) for row in page.items], page.next_cursor)


def _told(row: Row) -> Row:
    """Without what tells of a thing that is still its organisations' alone."""
    if row["withheld"]:
        row |= {"title": WITHHELD[row["withheld"]], "owners": []}
        if "data" in row:
            row["data"] = {}
    return row


async def count_by_service(rows: Rows, question: Question) -> dict[str, int]:
    found = await rows.rows(
        f"SELECT e.service, count(*) AS n FROM {_FROM} WHERE {_FILTER} GROUP BY e.service",  # noqa: S608
        _chosen(rows, question),
    )
    return {row["service"]: int(row["n"]) for row in found}


async def entry(rows: Rows, event_id: UUID) -> Row:
    """One entry with its content. Raises NotFound, also for one above the reader's clearance."""
    row = await rows.row(
        f"""SELECT {_LISTED}, e.data::jsonb AS data, e.previous_hash FROM {_FROM}
            WHERE e.event_id = %(id)s AND {_VISIBLE}""",  # noqa: S608 -- constants only
        {**sight(rows), "id": event_id},
    )
    if row is None:
        raise NotFound(N_("There is no such entry that you may see."))
    return _told(row)


async def same_cause(rows: Rows, found: Row) -> list[Row]:
    """All that was done on the same request, oldest first, up to two hundred."""
    related = await rows.rows(
        f"""SELECT {_LISTED} FROM {_FROM} WHERE e.correlation_id = %(correlation)s AND {_VISIBLE}
            ORDER BY e.time, e.event_id LIMIT 200""",  # noqa: S608 -- constants only
        {**sight(rows), "correlation": found["correlation_id"]},
    )
    return [_told(row) for row in related]


async def every_entry(rows: Rows, question: Question) -> AsyncIterator[list[Row]]:
    """All that answers the question, newest first, a batch at a time."""
    cursor: str | None = None
    while True:
        page = await entries(rows, question, cursor=cursor, limit=BATCH)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return


async def verification(rows: Rows) -> list[ChainCheck]:
    """Walk every chain as it stands now; memory does not grow with its length."""
    heads = await rows.rows("SELECT service, position, hash FROM audit_heads ORDER BY service")
    return [await _walk(rows, head) for head in heads]


async def _walk(rows: Rows, head: Row) -> ChainCheck:
    service, end = str(head["service"]), int(head["position"])
    position, previous = 0, FIRST_HASH
    while position < end:
        batch = await rows.rows(
            f"""SELECT {", ".join(COVERED)}, previous_hash, hash FROM audit_entries
                WHERE service = %(service)s AND position > %(after)s AND position <= %(end)s
                ORDER BY position LIMIT %(limit)s""",  # noqa: S608 -- constants only
            {"service": service, "after": position, "end": end, "limit": BATCH},
        )
        for row in batch:
            fits = row["position"] == position + 1 and row["previous_hash"] == previous
            if not fits or row["hash"] != entry_hash(previous, row):
                return ChainCheck(service, end, False, position + 1)
            position, previous = position + 1, row["hash"]
        if not batch:
            return ChainCheck(service, end, False, position + 1)
    return ChainCheck(service, end, previous == head["hash"], None if previous == head["hash"] else end)


def sees_everything(rows: Rows) -> bool:
    """Whether the number of all entries tells the reader nothing new."""
    return rows.actor.clearance is SecurityLabel.CONFIDENTIAL
