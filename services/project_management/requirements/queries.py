"""Reads about requirements. Every query is cut by organisation, label and invitation before anything is counted."""

from typing import Any
from uuid import UUID

from services.project_management.calls.queries import calls_among, like
from services.project_management.requirements.rules import (
    AUTHORS,
    CONSULTED,
    HIDDEN,
    OPEN,
    OVERSEERS,
    READING,
    State,
    involved,
)
from shared.db.keyset import Orders, Page
from shared.db.work import Params, Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

ROW = """r.id, r.version, r.title, r.title_zh, r.field, r.stage, r.urgency, r.label, r.state, r.priority,
    r.organisation_id, r.organisation_name, r.put_forward_at, r.created_at"""
WHOLE = f"""{ROW}, r.problem, r.indicators, r.state_reason, r.put_forward_version, r.sha256, r.priority_trace,
    r.merged_into_id, r.compiled"""
_INVITED = """SELECT FROM requirement_opinions o
    WHERE o.requirement_id = r.id AND o.expert_subject = %(me)s AND o.state = ANY(%(reading)s)"""
# What is being written is its organisation's alone; what was discarded is nobody's. An expert reads what the invitation
# is about, until they step aside or the consultation ends without them.
VISIBLE = f"""r.label = ANY(%(labels)s) AND r.state <> 'discarded' AND (
    r.organisation_id = ANY(%(own)s)
    OR (r.state <> ALL(%(hidden)s) AND (%(oversees)s OR EXISTS ({_INVITED}))))"""
_FILTER = f"""{VISIBLE}
    AND (%(like)s::text IS NULL OR r.title ILIKE %(like)s OR r.title_zh ILIKE %(like)s)
    AND (%(states)s::text[] IS NULL OR r.state = ANY(%(states)s))
    AND (%(urgencies)s::text[] IS NULL OR r.urgency = ANY(%(urgencies)s))
    AND (%(priorities)s::text[] IS NULL OR r.priority = ANY(%(priorities)s))"""
_TREE = """WITH RECURSIVE tree AS (
    SELECT id, organisation_id, organisation_name, compiled FROM requirements WHERE id = %(id)s
    UNION SELECT r.id, r.organisation_id, r.organisation_name, r.compiled
          FROM requirements r JOIN tree ON r.merged_into_id = tree.id)
SELECT organisation_id AS id, min(organisation_name) AS name FROM tree WHERE NOT compiled GROUP BY 1 ORDER BY 2, 1"""
MOST_SIMILAR = 5


def sight(rows: Rows, **more: Any) -> dict[str, Any]:
    """What the actor may see, for `VISIBLE`."""
    actor = rows.actor
    return {
        "labels": actor.clearance.readable_labels(),
        "own": list(actor.organisations(*AUTHORS)),
        "oversees": actor.has(*OVERSEERS),
        "hidden": [state.value for state in HIDDEN],
        "me": actor.subject,
        "reading": [state.value for state in READING],
        **more,
    }


def _narrowed(
    rows: Rows, search: str, states: list[str] | None, urgencies: list[str] | None, priorities: list[str] | None
) -> dict[str, Any]:
    return sight(
        rows,
        like=like(search),
        states=states or None,
        urgencies=urgencies or None,
        priorities=priorities or None,
    )


_TEXTS = {one: (f"r.{one}", "text") for one in ("title", "organisation_name", "field")}
ORDERS = Orders({**_TEXTS, "created_at": ("r.created_at", "timestamptz")}, "-created_at", "r.id")


async def requirements(
    rows: Rows,
    *,
    search: str = "",
    states: list[str] | None = None,
    urgencies: list[str] | None = None,
    priorities: list[str] | None = None,
    sort: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Requirements the actor may see, newest first unless sorted otherwise; `search` finds a part of either title."""
    order = ORDERS.asked(sort, cursor)
    found = await rows.rows(
        f"SELECT {ROW}, {order.column} FROM requirements r WHERE {_FILTER} {order.tail}",  # noqa: S608 -- constants only
        {**_narrowed(rows, search, states, urgencies, priorities), **order.params, "limit": limit + 1},
    )
    return order.page(found, limit)


async def count_requirements(
    rows: Rows,
    *,
    search: str = "",
    states: list[str] | None = None,
    urgencies: list[str] | None = None,
    priorities: list[str] | None = None,
) -> int:
    """Counts only what the actor may see."""
    row = await rows.row(
        f"SELECT count(*) AS n FROM requirements r WHERE {_FILTER}",  # noqa: S608 -- constants only
        _narrowed(rows, search, states, urgencies, priorities),
    )
    return int(row["n"]) if row else 0


async def requirement(rows: Rows, requirement_id: UUID) -> dict[str, Any]:
    """One requirement with what was said of it, where it went and what came of it. Raises NotFound.

    `ours`: the actor's organisation put it forward. `judges`: the actor oversees it and has no part in it. `asked`:
    the actor is an expert invited to say something of it.
    """
    query = f"""SELECT {WHOLE}, EXISTS ({_INVITED}) AS asked
                FROM requirements r WHERE r.id = %(id)s AND {VISIBLE}"""  # noqa: S608 -- constants only
    row = await one(rows, query, {"id": requirement_id})
    asking = await organisations_of(rows, requirement_id)
    row["asked_by"] = len(asking)
    row["ours"] = row["organisation_id"] in rows.actor.organisations(*AUTHORS)
    row["judges"] = rows.actor.has(*OVERSEERS) and not involved(rows.actor, {one["id"] for one in asking})
    row["opinions"] = await _opinions(rows, row)
    row["merged_into"] = await _merged_into(rows, row["merged_into_id"])
    row["merged_from"] = await rows.rows(
        f"""SELECT r.id, r.title, r.organisation_name FROM requirements r
            WHERE r.merged_into_id = %(id)s AND {VISIBLE} ORDER BY r.id""",  # noqa: S608 -- constants only
        sight(rows, id=requirement_id),
    )
    linked = await rows.rows(
        "SELECT call_id FROM requirement_calls WHERE requirement_id = %(id)s", {"id": requirement_id}
    )
    row["calls"] = await calls_among(rows, [link["call_id"] for link in linked])
    return row


async def put_forward_version(rows: Rows, requirement_id: UUID, number: int) -> dict[str, Any]:
    """What was put forward, word for word: content, sha256, put_forward_at. Raises NotFound."""
    query = f"""SELECT v.content, v.sha256, v.put_forward_at FROM requirement_versions v
                JOIN requirements r ON r.id = v.requirement_id
                WHERE v.requirement_id = %(id)s AND v.number = %(number)s AND {VISIBLE}"""  # noqa: S608
    return await one(rows, query, {"id": requirement_id, "number": number})


async def organisations_of(rows: Rows, requirement_id: UUID) -> list[Row]:
    """Who asks for it, by name: its own organisation and those of all that were merged into it."""
    return await rows.rows(_TREE, {"id": requirement_id})


async def similar(rows: Rows, requirement_id: UUID) -> list[Row]:
    """Requirements the actor may see that read alike, the most alike first: evidence for a person, no more.

    Compared are both titles and the problem, by their trigrams; what falls below PostgreSQL's own threshold (0.3) in
    all three is no evidence. Raises NotFound.
    """
    await one(rows, f"SELECT 1 FROM requirements r WHERE r.id = %(id)s AND {VISIBLE}", {"id": requirement_id})  # noqa: S608
    return await rows.rows(
        f"""SELECT r.id, r.title, r.title_zh, r.state, r.organisation_name,
                   greatest(similarity(r.title, this.title), similarity(r.title_zh, this.title_zh),
                            similarity(r.problem, this.problem)) AS similarity
            FROM requirements this
            JOIN requirements r ON r.id <> this.id
             AND (r.title %% this.title OR r.title_zh %% this.title_zh OR r.problem %% this.problem)
            WHERE this.id = %(id)s AND r.state <> 'merged' AND {VISIBLE}
            ORDER BY similarity DESC, r.id LIMIT %(most)s""",  # noqa: S608 -- constants only
        sight(rows, id=requirement_id, most=MOST_SIMILAR),
    )


async def open_ones(rows: Rows, *, besides: list[UUID], states: frozenset[State] = OPEN) -> list[Row]:
    """Requirements in these states that the actor may see, to choose from: id, title, organisation_name, label."""
    return await rows.rows(
        f"""SELECT r.id, r.title, r.organisation_name, r.label, r.field FROM requirements r
            WHERE r.state = ANY(%(states)s) AND r.id <> ALL(%(besides)s) AND {VISIBLE}
            ORDER BY r.field, r.title, r.id""",  # noqa: S608 -- constants only
        sight(rows, states=[state.value for state in states], besides=besides),
    )


async def chosen(rows: Rows, ids: list[UUID]) -> list[Row]:
    """The requirements of these ids that the actor may see, whole, in the order given."""
    found = await rows.rows(
        f"SELECT {WHOLE} FROM requirements r WHERE r.id = ANY(%(ids)s) AND {VISIBLE}",  # noqa: S608 -- constants only
        sight(rows, ids=ids),
    )
    return sorted(found, key=lambda row: ids.index(row["id"]))


async def origins_of_call(rows: Rows, call_id: UUID) -> list[Row]:
    """The requirements a call was drafted from, as far as the actor may see them: id, title, organisation_name."""
    return await rows.rows(
        f"""SELECT r.id, r.title, r.title_zh, r.organisation_name FROM requirement_calls c
            JOIN requirements r ON r.id = c.requirement_id
            WHERE c.call_id = %(call)s AND {VISIBLE} ORDER BY r.title, r.id""",  # noqa: S608 -- constants only
        sight(rows, call=call_id),
    )


async def one(rows: Rows, query: str, params: Params) -> Row:
    """The only row of a query that holds `VISIBLE`. Raises NotFound."""
    row = await rows.row(query, sight(rows, **params))
    if row is None:
        raise NotFound(N_("There is no requirement here that you may see."))
    return row


async def _opinions(rows: Rows, row: Row) -> list[dict[str, Any]]:
    """What experts said: with their names for who judges; for its organisation without, and only when it is over."""
    if not row["judges"] and not (row["ours"] and State(row["state"]) in CONSULTED):
        return []
    # In no order that time gave: the first to answer may be known.
    found = await rows.rows(
        """SELECT expert_name, importance, feasibility, comment FROM requirement_opinions
           WHERE requirement_id = %(id)s AND state = 'given' ORDER BY md5(id::text)""",
        {"id": row["id"]},
    )
    return [
        {
            "expert": said["expert_name"] if row["judges"] else None,
            "importance": said["importance"],
            "feasibility": said["feasibility"],
            "comment": said["comment"],
        }
        for said in found
    ]


async def _merged_into(rows: Rows, into_id: UUID | None) -> dict[str, Any] | None:
    """Where a merged requirement went: told to its authors too, who may not open what others asked for."""
    row = into_id and await rows.row(
        f"""SELECT r.id, r.title, r.state, r.state_reason, ({VISIBLE}) AS visible FROM requirements r
            WHERE r.id = %(id)s AND r.label = ANY(%(labels)s)""",  # noqa: S608 -- constants only
        sight(rows, id=into_id),
    )
    if not row:
        return None
    readable = row.pop("visible")
    return {**row, "id": row["id"] if readable else None}
