"""Reads about facilities and their calendars."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.resource_catalog.facilities import rules
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import OrgRef

_COLUMNS = """f.id, f.version, f.name, f.name_zh, f.kind, f.technique, f.region, f.summary, f.organisation_id,
              o.name AS organisation_name, f.opens_at, f.closes_at, f.zone, f.slot_minutes, f.max_hours, f.lead_minutes,
              f.horizon_days,
              f.label, f.state, f.created_at,
              json_build_object('amount', f.price_amount::text, 'currency', f.price_currency) AS price"""
_FROM = "FROM facilities f JOIN organisations o ON o.id = f.organisation_id"
_SEEN = """f.label = ANY(%(labels)s)
           AND (f.state = 'published' OR %(overseer)s OR f.organisation_id = ANY(%(own)s))"""


def _reader(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "overseer": rows.actor.has(*rules.OVERSEERS),
        "own": list(rows.actor.organisations()),
    }


def _filter(search: str, kinds: list[str] | None) -> tuple[list[str], dict[str, Any]]:
    clauses = [_SEEN]
    params: dict[str, Any] = {}
    if search:
        clauses.append("(f.name ILIKE %(search)s OR f.name_zh ILIKE %(search)s OR f.technique ILIKE %(search)s)")
        params["search"] = containing(search)
    if kinds:
        clauses.append("f.kind = ANY(%(kinds)s)")
        params["kinds"] = kinds
    return clauses, params


async def facilities(
    rows: Rows, *, search: str = "", kinds: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """By name; `search` finds a part of the names or of what it does."""
    clauses, params = _filter(search, kinds)
    after = decode_cursor(cursor, 2)
    if after:
        clauses.append("(f.name, f.id) > (%(after)s, %(after_id)s::uuid)")
        params |= {"after": after[0], "after_id": after[1]}
    found = await rows.rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE {' AND '.join(clauses)} ORDER BY f.name, f.id LIMIT %(limit)s",
        params | _reader(rows) | {"limit": limit + 1},
    )
    return page_of(found, limit, "name", "id")


async def count_facilities(rows: Rows, *, search: str = "", kinds: list[str] | None = None) -> int:
    clauses, params = _filter(search, kinds)
    row = await rows.row(
        f"SELECT count(*) AS n FROM facilities f WHERE {' AND '.join(clauses)}",  # noqa: S608 -- constants only
        params | _reader(rows),
    )
    return int(row["n"]) if row else 0


async def facility(rows: Rows, facility_id: UUID) -> dict[str, Any]:
    """One facility that the reader may know of. Raises NotFound."""
    row = await rows.row(
        f"SELECT {_COLUMNS} {_FROM} WHERE f.id = %(id)s AND {_SEEN}",
        {"id": facility_id, **_reader(rows)},
    )
    if row is None:
        raise NotFound(N_("There is no such facility here that you may see."))
    return row


def hours_of(facility: dict[str, Any]) -> rules.Hours:
    return rules.Hours(facility["opens_at"], facility["closes_at"], facility["slot_minutes"], facility["zone"])


async def owner_ref(rows: Rows, organisation_id: UUID) -> OrgRef | None:
    row = await rows.row("SELECT id, name FROM organisations WHERE id = %(id)s", {"id": organisation_id})
    return OrgRef(id=str(row["id"]), name=row["name"]) if row else None


async def day_of_slots(rows: Rows, facility: dict[str, Any], day: date) -> list[dict[str, Any]]:
    """The grid of one day. Only the parties of a booking are told which one it is."""
    hours = hours_of(facility)
    opening, closing = hours.bounds(day)
    taken = await rows.rows(
        """SELECT id, starts_at, ends_at,
                  %(overseer)s OR organisation_id = ANY(%(own)s) OR %(owner)s = ANY(%(own)s) AS known
           FROM bookings
           WHERE facility_id = %(id)s AND state = 'confirmed' AND during && tstzrange(%(from)s, %(to)s)""",
        {"id": facility["id"], "from": opening, "to": closing, "owner": facility["organisation_id"], **_reader(rows)},
    )
    earliest = rows.now + timedelta(minutes=facility["lead_minutes"])
    latest = rows.now + timedelta(days=facility["horizon_days"])
    slots = []
    for start in hours.starts(day, hours.step):
        end = start + hours.step
        booking = next((b for b in taken if b["starts_at"] < end and start < b["ends_at"]), None)
        state = "taken" if booking else "past" if start < earliest else "later" if start > latest else "free"
        known = booking["id"] if booking and booking["known"] else None
        slots.append({"starts_at": start, "ends_at": end, "state": state, "booking_id": known})
    return slots
