"""A panel meeting of the owner's office, over a call to which nobody applied; somebody who never asks chairs it."""

from datetime import UTC, datetime
from typing import Any

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import Ground, Thing
from tests.kit.specimens.papers import issued

STATES = {
    "recommendations": "in_session", "closing": "in_session", "confirmation": "closed", "read minutes": "closed",
}  # fmt: skip
MINUTES = (
    '{"call":{"id":"x","title":"T"},"office":"O","meets_at":"2027-01-01T00:00:00+00:00","place":"P","members":[],'
    '"items":[]}'
)


async def panel_over(ground: Ground, label: SecurityLabel, use: str, call_id: Any) -> Thing:
    state = STATES.get(use, "convened")
    closed = state == "closed"
    now = datetime.now(UTC)
    id = await ground.row(
        "panels", id=new_id(), version=1, call_id=call_id, office_id=ground.owner, label=label, state=state,
        meets_at=now, content=MINUTES, sha256="0" * 64 if closed else None, closed_at=now if closed else None,
    )  # fmt: skip
    if use == "read minutes":
        await issued(ground, "minutes", id, call_id)
    await ground.row(
        "panel_members", panel_id=id, person_id=new_id(), subject="specimen-expert", chair=True, declared={}
    )
    return Thing(id, frozenset(), label, "specimen-expert", office=ground.owner)
