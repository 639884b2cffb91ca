"""Reads of the chain. Every query is cut by label, kind and organisation in SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.coordination.chain.rules import (
    CLOSED_CALL,
    MAX_DEPTH,
    MAX_THINGS,
    SHARED_KINDS,
    SIGHTS,
    Node,
    layers,
    root,
)
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

COLUMNS = "t.kind, t.id, t.service, t.title, t.state, t.label, t.owners, t.version, t.fact, t.at"


def call_closed(thing: str) -> str:
    """SQL for: the call that the thing (an alias with kind and id) arose from takes no applications any more."""
    return f"""EXISTS (SELECT FROM chain_links l JOIN chain_things c ON (c.kind, c.id) = (l.from_kind, l.from_id)
                       WHERE (l.to_kind, l.to_id) = ({thing}.kind, {thing}.id)
                         AND c.kind = 'call' AND c.state = ANY(%(closed_call)s))"""


VISIBLE = f"""t.label = ANY(%(labels)s) AND (
    t.owners && %(organisations)s::uuid[] OR t.kind = ANY(%(drafts)s)
    OR (t.known AND t.kind || '.' || t.state <> ALL(%(back)s) AND (t.kind = ANY(%(shown)s)
        OR (t.kind = ANY(%(overseen)s) AND (t.kind <> ALL(%(waiting)s) OR {call_closed("t")})))))"""
KEPT = f"""(about.kind = ANY(%(kept)s) AND NOT e.owners && %(organisations)s::uuid[] AND NOT EXISTS (
    SELECT FROM chain_things t WHERE (t.kind, t.id) = (about.kind, about.id) AND t.known
    AND (t.kind <> ALL(%(waiting)s) OR {call_closed("t")})))"""
"""For the trail: whether an entry `e` tells `about` a thing that is still the business of its organisations alone, a
draft or an application to a call that is open. What the chain has not heard of yet is taken for one."""
_NEIGHBOURS = f"""
WITH frontier AS (SELECT * FROM unnest(%(frontier_kinds)s::text[], %(frontier_ids)s::uuid[]) AS f (kind, id)),
     near AS (SELECT l.to_kind AS kind, l.to_id AS id FROM frontier f
              JOIN chain_links l ON (l.from_kind, l.from_id) = (f.kind, f.id)
              UNION
              SELECT l.from_kind, l.from_id FROM frontier f
              JOIN chain_links l ON (l.to_kind, l.to_id) = (f.kind, f.id))
SELECT {COLUMNS} FROM near JOIN chain_things t USING (kind, id)
WHERE {VISIBLE} AND NOT t.id = ANY(%(seen)s::uuid[]) ORDER BY t.id LIMIT %(most)s
"""  # noqa: S608 -- constants only
_LINKS = """
SELECT l.from_kind, l.from_id, l.to_kind, l.to_id FROM chain_links l
WHERE l.from_id = ANY(%(ids)s::uuid[]) AND l.to_id = ANY(%(ids)s::uuid[]) ORDER BY l.from_id, l.to_id
"""


@dataclass(frozen=True)
class Chain:
    """What hangs together, the origins first. `layer` is each thing's distance from its farthest origin."""

    things: list[Row]
    links: list[Row]
    root: Node | None
    layer: dict[Node, int]
    truncated: bool


def sight(rows: Rows) -> dict[str, Any]:
    """What the actor may see, for `VISIBLE` and `KEPT`."""
    actor = rows.actor
    kinds = SIGHTS.items()
    return {
        "labels": actor.clearance.readable_labels(),
        "organisations": sorted(actor.organisations(), key=str),
        "drafts": [kind for kind, one in kinds if actor.has(*one.drafts)],
        "shown": [kind for kind, one in kinds if one.visitors or (one.everybody and actor.subject)],
        "overseen": [kind for kind, one in kinds if actor.has(*one.overseers)],
        "waiting": [kind for kind, one in kinds if one.waits and not actor.has(*one.at_once)],
        "kept": [kind for kind, one in kinds if one.known_by and not one.drafts],
        "back": [f"{kind}.{state}" for kind, one in kinds for state in one.back_in],
        "closed_call": list(CLOSED_CALL),
    }


async def thing(rows: Rows, kind: str, thing_id: UUID) -> Row:
    """One thing. Raises NotFound, also for one the actor may not know of."""
    row = await rows.row(
        f"SELECT {COLUMNS} FROM chain_things t WHERE t.kind = %(kind)s AND t.id = %(id)s AND {VISIBLE}",  # noqa: S608
        {**sight(rows), "kind": kind, "id": thing_id},
    )
    if row is None:
        raise NotFound(N_("There is no chain here that you may see."))
    return row


async def chain(rows: Rows, kind: str, thing_id: UUID) -> Chain:
    """Everything that hangs together with a thing, upwards and downwards, nearest first up to `MAX_THINGS`.

    A thing the actor may not see is left out, and so is what only it connects. Raises NotFound.
    """
    start = await thing(rows, kind, thing_id)
    found: dict[Node, Row] = {(kind, thing_id): start}
    frontier: list[Node] = [(kind, thing_id)]
    truncated = False
    for _step in range(MAX_DEPTH):
        near = await rows.rows(
            _NEIGHBOURS,
            {
                **sight(rows),
                "frontier_kinds": [node[0] for node in frontier],
                "frontier_ids": [node[1] for node in frontier],
                "seen": [node[1] for node in found],
                "most": MAX_THINGS - len(found) + 1,
            },
        )
        truncated = len(found) + len(near) > MAX_THINGS
        fresh = {(row["kind"], row["id"]): row for row in near[: MAX_THINGS - len(found)]}
        found |= fresh
        frontier = [node for node in fresh if node[0] not in SHARED_KINDS]
        if truncated or not frontier:
            break
    else:
        truncated = bool(frontier)
    links = [
        link
        for link in await rows.rows(_LINKS, {"ids": [node[1] for node in found]})
        if (link["from_kind"], link["from_id"]) in found and (link["to_kind"], link["to_id"]) in found
    ]
    layer = layers(found, [((link["from_kind"], link["from_id"]), (link["to_kind"], link["to_id"])) for link in links])
    things = sorted(found.values(), key=lambda row: (layer[row["kind"], row["id"]], str(row["id"])))
    return Chain(things, links, root(layer), layer, truncated)


async def recent(rows: Rows, *, since: datetime | None = None, own: bool = False, limit: int = 10) -> list[Row]:
    """Things the actor may see, the newest fact first; `own` keeps those of the actor's organisations."""
    return await rows.rows(
        f"""SELECT {COLUMNS} FROM chain_things t
            WHERE {VISIBLE} AND (%(since)s::timestamptz IS NULL OR t.at > %(since)s)
              AND (NOT %(own)s OR t.owners && %(organisations)s::uuid[])
            ORDER BY t.at DESC, t.id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {**sight(rows), "since": since, "own": own, "limit": limit},
    )


async def newest(rows: Rows, kind: str, state: str, *, limit: int) -> list[Row]:
    """Visible things of a kind that are in a state, those last that came into it first; `since` says when."""
    return await rows.rows(
        f"""SELECT {COLUMNS}, coalesce(e.time, t.at) AS since FROM chain_things t
            LEFT JOIN audit_entries e ON (e.subject, e.version) = (t.id, t.state_version) AND e.kind = t.kind
            WHERE {VISIBLE} AND t.kind = %(kind)s AND t.state = %(state)s
            ORDER BY since DESC, t.id LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {**sight(rows), "kind": kind, "state": state, "limit": limit},
    )


async def numbers_by_state(rows: Rows, kinds: list[str] | None, *, own: bool) -> list[Row]:
    """How many visible things stand in which state."""
    return await rows.rows(
        f"""SELECT t.kind, t.state, count(*) AS n FROM chain_things t
            WHERE {VISIBLE} AND (%(wanted)s::text[] IS NULL OR t.kind = ANY(%(wanted)s))
              AND (NOT %(own)s OR t.owners && %(organisations)s::uuid[])
            GROUP BY t.kind, t.state ORDER BY t.kind, n DESC, t.state""",  # noqa: S608 -- constants only
        {**sight(rows), "wanted": kinds, "own": own},
    )


async def search(rows: Rows, words: str, *, kind: str | None = None, per_kind: int = 10) -> list[Row]:
    """Things whose title, in either language, contains the words: per kind the best, each with how many there
    are of its kind (`n`)."""
    escaped = words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return await rows.rows(
        f"""SELECT * FROM (
              SELECT {COLUMNS}, t.title_zh, count(*) OVER (PARTITION BY t.kind) AS n,
                     row_number() OVER (PARTITION BY t.kind
                                        ORDER BY greatest(similarity(t.title, %(words)s),
                                                          similarity(t.title_zh, %(words)s)) DESC,
                                                 t.at DESC, t.id) AS place
              FROM chain_things t
              WHERE {VISIBLE} AND (t.title ILIKE '%%' || %(pattern)s || '%%'
                                    OR t.title_zh ILIKE '%%' || %(pattern)s || '%%')
                AND (%(kind)s::text IS NULL OR t.kind = %(kind)s)) AS best
            WHERE place <= %(per_kind)s ORDER BY n, kind, place""",  # noqa: S608 -- constants only
        {**sight(rows), "words": words, "pattern": escaped, "kind": kind, "per_kind": per_kind},
    )
