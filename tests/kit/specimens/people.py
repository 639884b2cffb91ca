"""Specimens of project management that belong to nothing else: a person, an organisation, a record of before."""

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import Ground, Thing


async def earlier_project(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    return Thing(await ground.row("earlier_projects", id=new_id()))


async def expert(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    id = await ground.row("people", id=new_id(), version=1, subject=ground.text("expert"), fields=["materials"],
                          expert=True, review_cap=5)  # fmt: skip
    return Thing(id)


async def relation(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Declared by somebody who never asks."""
    id = await ground.row("declared_relations", id=new_id(), subject="specimen-keeper", kind="close", orcid="", note="")
    return Thing(id, person="specimen-keeper")


async def partner(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    return Thing(ground.third)
