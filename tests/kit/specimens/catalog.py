"""Specimens of the resource catalogue."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from services.resource_catalog.achievements.rules import content_hash
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import Ground, Maker, Thing

TRACE = {"rule": "specimen", "version": 1, "inputs": {}, "clauses": [], "result": "yes"}
OPEN = SecurityLabel.PUBLIC


async def settle(ground: Ground) -> None:
    for id, name in ground.organisations:
        await ground.row("organisations", id=id, version=1, name=name, name_zh="", kind="institute", sector="civil",
                         region="Chengdu", state="admitted", registered_by="specimen")  # fmt: skip


async def organisation(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    if use not in ("admission", "suspension"):
        return Thing(ground.owner, frozenset({ground.owner}))
    state = "registered" if use == "admission" else "admitted"
    id = await ground.row("organisations", id=new_id(), version=1, kind="company", sector="civil", state=state)
    return Thing(id, frozenset({id}))


async def person(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    id = await ground.row("people", id=new_id(), version=1, organisation_id=ground.owner, expert=False, review_cap=0)
    since = datetime(2020, 1, 1, tzinfo=UTC).date()
    await ground.row("affiliations", id=new_id(), person_id=id, organisation_id=ground.owner, since=since)
    return Thing(id, frozenset({ground.owner}))


async def facility(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    state = "draft" if use in ("publication", "draft") else "published"
    id = await _facility(ground, label, state)
    # A booking is never public, so booking what is public takes more than visiting it.
    shown = SecurityLabel.INTERNAL if use == "bookings" and label is OPEN else label
    return Thing(id, frozenset({ground.owner}), shown)


async def _facility(ground: Ground, label: SecurityLabel, state: str) -> UUID:
    id: UUID = await ground.row(
        "facilities",
        id=new_id(),
        version=1,
        kind="laboratory",
        organisation_id=ground.owner,
        opens_at=time(8),
        closes_at=time(20),
        zone="Asia/Shanghai",
        slot_minutes=60,
        max_hours=8,
        lead_minutes=0,
        price_currency="CNY",
        label=label,
        state=state,
    )
    return id


async def booking(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """At the owner's own facility. A booking is never public."""
    label = SecurityLabel.INTERNAL if label is OPEN else label
    start = datetime.now(UTC) + timedelta(days=30)
    id = await ground.row(
        "bookings",
        id=new_id(),
        version=1,
        facility_id=await _facility(ground, label, "published"),
        organisation_id=ground.owner,
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        label=label,
        charge_currency="CNY",
        state="confirmed",
        trace=TRACE,
    )
    return Thing(id, frozenset({ground.owner}), label)


STATES = {
    "read": "released",
    "security-review": "in_review",
    "release": "approved",
}


async def achievement(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    state = STATES.get(use, "draft")
    checked = state in ("released", "approved")
    content = {
        "title": ground.text("achievement"),
        "title_zh": "",
        "kind": "material",
        "abstract": "A specimen.",
        "trl": 6,
        "fields": [],
        "trl_evidence": "Tested.",
        "maturity": "Ripe.",
        "advantage": "Better.",
        "route_to_market": "By licence.",
        "description": "A plate.",
    }
    stored = {name: value for name, value in content.items() if name != "fields"}
    id = await ground.row(
        "achievements",
        id=new_id(),
        version=1,
        **stored,
        label=label,
        organisation_id=ground.owner,
        author="specimen-author",
        state=state,
        checked_label=label.value if checked else None,
        checked_sha256=content_hash(content) if checked else None,
        reviewed_by="specimen-reviewer" if checked else None,
        released_at=datetime.now(UTC) if state == "released" else None,
    )
    return Thing(id, frozenset({ground.owner}), label)


async def project(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    id = await ground.row("projects", id=new_id(), version=1, state="running", label=label,
                          organisation_ids=[ground.owner])  # fmt: skip
    return Thing(id, frozenset({ground.owner}), label)


MAKERS: dict[str, Maker] = {
    "organisation_id": organisation,
    "person_id": person,
    "facility_id": facility,
    "booking_id": booking,
    "achievement_id": achievement,
    "project_id": project,
}
