"""Reads about biddings: how far they are, for the office; what one may bid on, for each expert alone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.project_management.assignments.conflicts import Conflicts
from services.project_management.assignments.queries import call_for_office, conflict_inputs
from services.project_management.bids.rules import OWN_SIDE, State
from services.project_management.people.queries import experts
from shared.db.keyset import decode_cursor, page_of
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

NOT_THERE = N_("There is no bidding here that you may see.")
_MINE = """
SELECT b.id, b.version, b.call_id, b.expert_id, b.finished_at, w.state, w.due_at, c.title AS call_title,
       c.blindness = 'double' AS blind,
       (SELECT count(*) FROM bids p WHERE p.call_id = b.call_id AND p.expert_id = b.expert_id) AS bids
FROM bidders b JOIN biddings w ON w.id = b.bidding_id JOIN calls c ON c.id = b.call_id
WHERE b.expert_subject = %(me)s AND c.label = ANY(%(labels)s)
"""
# Each expert meets the applications in another order: what stands first is bid on more (Fiez, Shah and Ratliff, A
# SUPER* Algorithm to Optimize Paper Bidding in Peer Review, UAI 2020).
_BIDDABLE = """
SELECT a.id AS application_id, a.title, a.field, coalesce(p.bid, 'neutral') AS bid, coalesce(p.reason, '') AS reason,
       CASE WHEN p.bid = 'conflict' OR NOT %(open)s THEN '' ELSE a.abstract END AS abstract,
       md5(%(expert)s::text || a.id::text) AS place,
       CASE WHEN %(blind)s THEN '[]'::jsonb ELSE
       jsonb_build_array(jsonb_build_object('id', a.lead_id, 'name', a.lead_name, 'role', 'lead')) ||
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', q.organisation_id, 'name', q.name, 'role', 'partner')
                                  ORDER BY q.position)
                 FROM application_partners q WHERE q.application_id = a.id AND q.left_at IS NULL
                   AND q.departure_id IS NULL), '[]') END AS organisations
FROM applications a LEFT JOIN bids p ON p.application_id = a.id AND p.expert_id = %(expert)s
WHERE a.id = ANY(%(ids)s) AND a.label = ANY(%(labels)s) AND (%(open)s OR p.bid IS NOT NULL)
  AND (%(like)s::text IS NULL OR a.title ILIKE %(like)s OR a.abstract ILIKE %(like)s)
  AND (%(after)s::text IS NULL OR md5(%(expert)s::text || a.id::text) > %(after)s)
ORDER BY place LIMIT %(limit)s
"""


async def competing(rows: Rows, call_id: UUID) -> list[UUID]:
    """The applications that can be bid on."""
    found = await rows.rows(
        "SELECT id FROM applications WHERE call_id = %(call)s AND state = 'submitted' ORDER BY id", {"call": call_id}
    )
    return [row["id"] for row in found]


async def barred(
    rows: Rows, call_id: UUID, ids: Sequence[UUID], people: Sequence[dict[str, Any]]
) -> dict[str, dict[str, str]]:
    """Of each expert the applications they have a conflict with, and of what kind; what they declared themselves while
    bidding is theirs to take back and not among them."""
    inputs: dict[str, Any] = await conflict_inputs(rows, call_id, ids, people)
    known = Conflicts(inputs | {"declared": []})
    found: dict[str, dict[str, str]] = {}
    for i in range(len(inputs["applications"])):
        for one in known.of(i):
            found.setdefault(one["expert_id"], {})[one["application_id"]] = one["kind"]
    return found


def takes_part(conflicts: dict[str, str]) -> bool:
    return not OWN_SIDE.isdisjoint(conflicts.values())


async def bidding_of(rows: Rows, call_id: UUID) -> Row | None:
    """The bidding of a call with who was asked, for the office; None before it was opened.

    Raises NotFound, OwnApplication.
    """
    await call_for_office(rows, call_id)
    found = await rows.row(
        """SELECT id, version, call_id, state, due_at, opened_by, created_at, closed_at, left_out FROM biddings
           WHERE call_id = %(call)s""",
        {"call": call_id},
    )
    if found is None:
        return None
    found["asked"] = await rows.rows(
        """SELECT b.id, b.expert_id, b.expert_name AS expert, b.finished_at,
                  (SELECT count(*) FROM bids p WHERE p.call_id = b.call_id AND p.expert_id = b.expert_id) AS bids
           FROM bidders b WHERE b.bidding_id = %(id)s ORDER BY b.expert_name, b.id""",
        {"id": found["id"]},
    )
    return found


async def mine(rows: Rows) -> list[Row]:
    """The biddings in which the actor is asked, newest first."""
    return await rows.rows(_MINE + "ORDER BY b.id DESC LIMIT 200", _me(rows))


async def my_bidding(
    rows: Rows, bidding_id: UUID, *, search: str = "", cursor: str | None = None, limit: int = 25
) -> dict[str, Any]:
    """One of them with what the actor may bid on, as far as they are cleared; once it is closed with the titles they
    said something of. Raises NotFound for everybody else's, and for who takes part in the call by now."""
    row = await rows.row(_MINE + "AND b.id = %(id)s", _me(rows) | {"id": bidding_id})
    if row is None:
        raise NotFound(NOT_THERE)
    after = decode_cursor(cursor, 1)
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = await rows.rows(
        _BIDDABLE,
        {
            "expert": row["expert_id"],
            "blind": row["blind"],
            "open": row["state"] == State.OPEN.value,
            "ids": await biddable(rows, row["call_id"], row["expert_id"]),
            "labels": rows.actor.clearance.readable_labels(),
            "like": f"%{escaped}%" if search else None,
            "after": str(after[0]) if after else None,
            "limit": limit + 1,
        },
    )
    page = page_of(found, limit, "place")
    return {**row, "items": page.items, "next_cursor": page.next_cursor}


async def biddable(rows: Rows, call_id: UUID, expert_id: UUID) -> list[UUID]:
    """The applications that the expert has no known conflict with. Raises NotFound for who takes part in the call."""
    ids = await competing(rows, call_id)
    person = await experts(rows, [expert_id])
    against = (await barred(rows, call_id, ids, person)).get(str(expert_id), {})
    if not person or takes_part(against):
        raise NotFound(NOT_THERE)
    return [one for one in ids if str(one) not in against]


def _me(rows: Rows) -> dict[str, Any]:
    return {"me": rows.actor.subject, "labels": rows.actor.clearance.readable_labels()}
