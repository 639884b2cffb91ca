"""Specimens of what people are named in."""

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import Ground, Maker, Thing
from tests.kit.specimens.projects import application


async def member(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Somebody who never asks, named in a draft."""
    of = await application(ground, label, "edit", before)
    id = await ground.row("application_members", id=new_id(), application_id=of.id, role="member", state="named",
                          subject="specimen-member", organisation_id=ground.owner, months=0)  # fmt: skip
    return Thing(id, label=of.label, person="specimen-member")


MAKERS: dict[str, Maker] = {"member_id": member}
