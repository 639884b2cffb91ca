"""Specimens of what a call asks, and of what people keep."""

from hashlib import sha256

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import Ground, Thing

FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "aim": {"type": "string", "title": "Aim"},
        "plan": {
            "title": "Plan",
            "type": "array",
            "items": {"type": "string", "format": "uuid"},
            "uniqueItems": True,
            "minItems": 1,
            "maxItems": 1,
            "x-question": {"kind": "attachment"},
        },
    },
    "required": [],
    "additionalProperties": False,
    "x-sections": [{"key": "plan", "title": "Plan", "questions": ["aim", "plan"]}],
}


async def section(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the form that the call of the application asks; it is being filled in."""
    of = before.get("application_id")
    if of is None:
        return Thing("plan")
    await ground.ask("UPDATE applications SET state = 'draft' WHERE id = %s RETURNING id", of.id)
    return Thing("plan", of.owners, of.label)


async def budget_part(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """What the organisation that leads the application needs; it is being written."""
    of = before.get("application_id")
    if of is None:
        return Thing(ground.owner)
    terms = '{"required": true, "years": 3, "categories": ["staff"], "caps": [], "own_percent": "0"}'
    await ground.ask("UPDATE applications SET state = 'draft' WHERE id = %s RETURNING id", of.id)
    await ground.ask(
        "UPDATE calls SET budget_terms = %s WHERE id = (SELECT call_id FROM applications WHERE id = %s) RETURNING id",
        terms, of.id,
    )  # fmt: skip
    return Thing(ground.owner, of.owners, of.label)


async def saved_search(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Kept by somebody who never asks."""
    id = await ground.row("saved_searches", id=new_id(), subject="specimen-keeper", name=ground.text("search"),
                          phases=[], told=[])  # fmt: skip
    return Thing(id, person="specimen-keeper")


async def calendar(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Whoever knows the address reads it."""
    secret = f"specimen-{new_id().hex}-{new_id().hex[-12:]}"
    await ground.row(
        "calendar_addresses",
        id=new_id(),
        version=1,
        subject=ground.text("subject"),
        language="en",
        sha256=sha256(secret.encode()).hexdigest(),
    )
    return Thing(secret)
