"""Adding to the hash chains: whole batches at once, each fact once."""

from collections.abc import Sequence
from typing import Any

from services.coordination.audit.rules import FIRST_HASH, canonical, entry_hash
from shared.bus.envelope import Envelope
from shared.db.work import Work, as_json

_HEAD = """
INSERT INTO audit_heads (service, position, hash) VALUES (%(service)s, 0, %(first)s)
ON CONFLICT (service) DO UPDATE SET position = audit_heads.position RETURNING position, hash
"""
"""The update changes nothing but holds the row until the end: two who add at once would both follow the same entry."""
_KNOWN = "SELECT event_id FROM audit_entries WHERE event_id = ANY(%(ids)s::uuid[])"
_ADD = """
INSERT INTO audit_entries (service, position, event_id, type, kind, subject, version, title, actor, time, label, owners,
                           correlation_id, causation_id, data, previous_hash, hash)
SELECT service, position, event_id, type, kind, subject, version, title, actor, time, label, owners,
       correlation_id, causation_id, data, previous_hash, hash
FROM jsonb_to_recordset(%(entries)s::jsonb) AS r (service text, position bigint, event_id uuid, type text, kind text,
     subject uuid, version integer, title text, actor text, time timestamptz, label text, owners uuid[],
     correlation_id uuid, causation_id uuid, data text, previous_hash text, hash text)
"""


async def record_facts(work: Work, batch: Sequence[Envelope]) -> None:
    """Add the facts that are not there yet to their services' chains, in the order of the batch."""
    by_service: dict[str, list[Envelope]] = {}
    for fact in batch:
        by_service.setdefault(fact.thing.partition(".")[0], []).append(fact)
    for service in sorted(by_service):  # one order for all, so that no two wait for each other
        await _extend(work, service, by_service[service])


async def _extend(work: Work, service: str, facts: list[Envelope]) -> None:
    head = await work.row(_HEAD, {"service": service, "first": FIRST_HASH})
    assert head is not None
    known = {row["event_id"] for row in await work.rows(_KNOWN, {"ids": [fact.id for fact in facts]})}
    position, previous = int(head["position"]), str(head["hash"])
    entries: list[dict[str, Any]] = []
    for fact in facts:
        if fact.id in known:
            continue
        known.add(fact.id)
        position += 1
        entry = _entry(service, position, fact)
        entry |= {"previous_hash": previous, "hash": entry_hash(previous, entry)}
        previous = entry["hash"]
        entries.append(entry)
    if entries:
        await work.execute(_ADD, {"entries": as_json(entries)})
        await work.execute(
            "UPDATE audit_heads SET position = %(position)s, hash = %(hash)s WHERE service = %(service)s",
            {"service": service, "position": position, "hash": previous},
        )


def _entry(service: str, position: int, fact: Envelope) -> dict[str, Any]:
    return {
        "service": service,
        "position": position,
        "event_id": fact.id,
        "type": fact.type,
        "kind": fact.thing.partition(".")[2],
        "subject": fact.subject,
        "version": fact.version,
        "title": fact.data["title"],
        "actor": fact.actor,
        "time": fact.time,
        "label": fact.data["label"],
        "owners": fact.data["owners"],
        "correlation_id": fact.correlation_id,
        "causation_id": fact.causation_id,
        "data": canonical(fact.data),
    }
