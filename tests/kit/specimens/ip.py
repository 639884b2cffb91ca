"""Specimens of the IP registry."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import OWNER_NAME, Ground, Maker, Thing

INVENTORS = [{"name": "Zhao Min", "person_id": None, "share": "1/1"}]


async def settle(ground: Ground) -> None:
    for id, name in ground.organisations:
        await ground.row("organisations", id=id, version=1, name=name, state="admitted")


async def organisation(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    return Thing(ground.owner, frozenset({ground.owner}))


async def disclosure(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    triaged = use == "assets"
    id = await ground.row(
        "disclosures",
        id=new_id(),
        version=1,
        organisation_id=ground.owner,
        organisation_name=OWNER_NAME,
        inventors=INVENTORS,
        label=label,
        state="triaged" if triaged else "filed",
        outcome="protect" if triaged else None,
    )
    return Thing(id, frozenset({ground.owner}), label)


async def asset(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    id = await ground.row("assets", id=new_id(), version=1, kind="patent", inventors=INVENTORS, label=label,
                          state="registered")  # fmt: skip
    await ground.row(
        "asset_holders",
        asset_id=id,
        organisation_id=ground.owner,
        name=OWNER_NAME,
        from_on=datetime.now(UTC).date() - timedelta(days=30),
        numerator=1,
        denominator=1,
    )
    return Thing(id, frozenset({ground.owner}), label)


async def deadline(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    of = before.get("asset_id") or await asset(ground, label, use, before)
    id: UUID = await ground.row("deadlines", id=new_id(), asset_id=of.id, state="open")
    return Thing(id, of.owners, of.label)


async def patent(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    return Thing(await ground.row("patents", id=new_id(), version=1))


MAKERS: dict[str, Maker] = {
    "organisation_id": organisation,
    "disclosure_id": disclosure,
    "asset_id": asset,
    "deadline_id": deadline,
    "patent_id": patent,
}
