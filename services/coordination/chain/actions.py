"""Writes of the chain: whole batches at once, in any order, any number of times."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.coordination.chain.rules import LEFT_OUT, Node, makes_known
from shared.bus.envelope import Envelope
from shared.contracts import EVENTS
from shared.db.work import Work, as_json

CHINESE = ("title_zh", "name_zh")
"""How facts tell the other title or name of their thing."""
NO_CHINESE = {"title_zh": "", "title_zh_version": 0}
_THINGS = """
INSERT INTO chain_things AS t
    (kind, id, service, title, title_zh, title_zh_version, state, state_version, known, label, owners, version, fact,
     at)
SELECT kind, id, service, title, title_zh, title_zh_version, state, state_version, known, label, owners, version, fact,
       at
FROM jsonb_to_recordset(%(things)s::jsonb) AS r (kind text, id uuid, service text, title text, title_zh text,
     title_zh_version integer, state text, state_version integer, known boolean, label text, owners uuid[],
     version integer, fact text, at timestamptz)
ON CONFLICT (kind, id) DO UPDATE SET
    title = CASE WHEN excluded.version > t.version THEN excluded.title ELSE t.title END,
    label = CASE WHEN excluded.version > t.version THEN excluded.label ELSE t.label END,
    owners = CASE WHEN excluded.version > t.version THEN excluded.owners ELSE t.owners END,
    fact = CASE WHEN excluded.version > t.version THEN excluded.fact ELSE t.fact END,
    at = CASE WHEN excluded.version > t.version THEN excluded.at ELSE t.at END,
    title_zh = CASE WHEN excluded.title_zh_version > t.title_zh_version THEN excluded.title_zh ELSE t.title_zh END,
    title_zh_version = greatest(t.title_zh_version, excluded.title_zh_version),
    state = CASE WHEN excluded.state_version > t.state_version THEN excluded.state ELSE t.state END,
    state_version = greatest(t.state_version, excluded.state_version),
    known = t.known OR excluded.known,
    version = greatest(t.version, excluded.version)
WHERE excluded.version > t.version OR excluded.state_version > t.state_version OR (excluded.known AND NOT t.known)
      OR excluded.title_zh_version > t.title_zh_version
"""
_LINKS = """
INSERT INTO chain_links (from_kind, from_id, to_kind, to_id)
SELECT * FROM unnest(%(from_kinds)s::text[], %(from_ids)s::uuid[], %(to_kinds)s::text[], %(to_ids)s::uuid[])
ON CONFLICT DO NOTHING
"""


async def record_things(work: Work, batch: Sequence[Envelope]) -> None:
    """Each thing once, as the newest fact of the batch shows it, and every link named."""
    things: dict[Node, dict[str, Any]] = {}
    links: set[tuple[str, UUID, str, UUID]] = set()
    for fact in batch:
        service, kind = fact.thing.split(".", 1)
        if kind in LEFT_OUT:
            continue
        node = (kind, fact.subject)
        row = things.setdefault(node, {"version": 0, "state": "", "state_version": 0, "known": False} | NO_CHINESE)
        event = EVENTS.get(fact.type)
        state = event.state_of(fact.data) if event else ""
        row["known"] = row["known"] or makes_known(kind, state)
        if state and fact.version > row["state_version"]:
            row |= {"state": state, "state_version": fact.version}
        if fact.version > row["title_zh_version"] and (told := [fact.data[one] for one in CHINESE if one in fact.data]):
            row |= {"title_zh": told[0], "title_zh_version": fact.version}
        if fact.version > row["version"]:
            row |= {
                "kind": kind,
                "id": fact.subject,
                "service": service,
                "title": fact.data["title"],
                "label": fact.data["label"],
                "owners": fact.data["owners"],
                "version": fact.version,
                "fact": fact.type,
                "at": fact.time,
            }
        for origin in fact.data["arises_from"]:
            origin_id = UUID(origin["id"])
            if origin["kind"] not in LEFT_OUT and (origin["kind"], origin_id) != node:
                links.add((origin["kind"], origin_id, *node))
    if things:
        await work.execute(_THINGS, {"things": as_json([things[node] for node in sorted(things)])})
    if links:
        from_kinds, from_ids, to_kinds, to_ids = zip(*sorted(links), strict=True)
        await work.execute(
            _LINKS,
            {
                "from_kinds": list(from_kinds),
                "from_ids": list(from_ids),
                "to_kinds": list(to_kinds),
                "to_ids": list(to_ids),
            },
        )
