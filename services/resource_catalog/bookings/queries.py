"""Reads about bookings. Whoever is not a party of one learns only that the time is taken."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.resource_catalog.facilities.rules import OVERSEERS
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

_COLUMNS = """b.id, b.version, b.facility_id, f.name AS facility_name, f.organisation_id AS facility_owner_id,
              b.organisation_id, o.name AS organisation_name, b.project_id, b.project_title, b.starts_at, b.ends_at,
              b.purpose, b.label, b.state, b.state_reason, b.created_at,
              json_build_object('amount', b.charge_amount::text, 'currency', b.charge_currency) AS charge"""
_FROM = """FROM bookings b JOIN facilities f ON f.id = b.facility_id JOIN organisations o ON o.id = b.organisation_id"""
_SEEN = """b.label = ANY(%(labels)s)
           AND (%(overseer)s OR b.organisation_id = ANY(%(own)s) OR f.organisation_id = ANY(%(kept)s))"""


def _reader(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "overseer": rows.actor.has(*OVERSEERS),
        "own": list(rows.actor.organisations()),
        "kept": list(rows.actor.organisations(Role.FACILITY_OWNER)),
    }


def _filter(facility_id: UUID | None, states: list[str] | None) -> tuple[list[str], dict[str, Any]]:
    clauses = [_SEEN]
    params: dict[str, Any] = {}
    if facility_id:
        clauses.append("b.facility_id = %(facility)s")
        params["facility"] = facility_id
    if states:
        clauses.append("b.state = ANY(%(states)s)")
        params["states"] = states
    return clauses, params


async def bookings(
    rows: Rows,
    *,
    facility_id: UUID | None = None,
    states: list[str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Bookings in which the reader's organisations are a party, the latest first."""
    clauses, params = _filter(facility_id, states)
    after = decode_cursor(cursor, 2)
    if after:
        clauses.append("(b.starts_at, b.id) < (%(after)s::timestamptz, %(after_id)s::uuid)")
        params |= {"after": after[0], "after_id": after[1]}
    found = await rows.rows(
        f"""SELECT {_COLUMNS} {_FROM} WHERE {" AND ".join(clauses)}
            ORDER BY b.starts_at DESC, b.id DESC LIMIT %(limit)s""",
        params | _reader(rows) | {"limit": limit + 1},
    )
    return page_of(found, limit, "starts_at", "id")


async def count_bookings(rows: Rows, *, facility_id: UUID | None = None, states: list[str] | None = None) -> int:
    clauses, params = _filter(facility_id, states)
    row = await rows.row(
        f"""SELECT count(*) AS n FROM bookings b JOIN facilities f ON f.id = b.facility_id
            WHERE {" AND ".join(clauses)}""",  # noqa: S608 -- constants only
        params | _reader(rows),
    )
    return int(row["n"]) if row else 0


async def booking(rows: Rows, booking_id: UUID) -> dict[str, Any]:
    """One booking with its trace, for its parties and overseers. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS}, b.trace {_FROM} WHERE b.id = %(id)s AND {_SEEN}",
        {"id": booking_id, **_reader(rows)},
    )
    if row is None:
        raise NotFound(N_("There is no such booking here that you may see."))
    return row


async def taken(rows: Rows, facility_id: UUID, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The confirmed times of a facility that touch the window."""
    found = await rows.rows(
        """SELECT starts_at, ends_at FROM bookings
           WHERE facility_id = %(id)s AND state = 'confirmed' AND during && tstzrange(%(from)s, %(to)s)
           ORDER BY starts_at""",
        {"id": facility_id, "from": begin, "to": end},
    )
    return [(row["starts_at"], row["ends_at"]) for row in found]


async def feed(rows: Rows, facility_id: UUID) -> list[dict[str, Any]]:
    """The bookings of a facility for its calendar: from a quarter ago on, cancelled ones too."""
    return await rows.rows(
        f"""SELECT {_COLUMNS} {_FROM}
            WHERE b.facility_id = %(id)s AND b.ends_at > %(now)s::timestamptz - interval '92 days' AND {_SEEN}
            ORDER BY b.starts_at, b.id LIMIT 5000""",
        {"id": facility_id, "now": rows.now, **_reader(rows)},
    )


async def organisation(rows: Rows, organisation_id: UUID) -> dict[str, Any] | None:
    return await rows.row(
        "SELECT id, name, state, admitted_until FROM organisations WHERE id = %(id)s", {"id": organisation_id}
    )
