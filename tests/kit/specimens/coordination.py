"""Specimens of coordination."""

from uuid import UUID

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import OWNER_NAME, Ground, Maker, Thing


async def settle(ground: Ground) -> None:
    for id, name in ground.organisations:
        await ground.row("organisations", id=id, version=1, name=name, state="admitted")


async def organisation(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    return Thing(ground.owner, frozenset({ground.owner}))


async def account(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """A person who is an applicant of the owner, and whom nobody asks for."""
    subject = f"specimen-{new_id().hex[-12:]}"
    id = await ground.row("accounts", id=new_id(), version=1, subject=subject, clearance="public")
    await _grant(ground, id)
    return Thing(id, frozenset({ground.owner}), None, subject)


async def _grant(ground: Ground, account_id: UUID) -> UUID:
    id: UUID = await ground.row(
        "role_grants",
        id=new_id(),
        account_id=account_id,
        role="applicant",
        organisation_id=ground.owner,
        organisation_name=OWNER_NAME,
    )
    return id


async def address(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    whose = await account(ground, label, use, before)
    book = await ground.row("address_books", id=new_id(), version=1, account_id=whose.id, subject=whose.person)
    id = await ground.row("addresses", id=new_id(), book_id=book, address=f"{new_id().hex}@example.org",
                          source="person", verified=False, removed_at=None)  # fmt: skip
    return Thing(id, whose.owners, None, whose.person)


async def grant(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    whose = await account(ground, label, use, before)
    assert isinstance(whose.id, UUID)
    return Thing(await _grant(ground, whose.id), whose.owners, None, whose.person)


async def event(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """An entry of the audit trail; overseers read it whoever it concerns, up to their clearance."""
    id, of = new_id(), await chain_thing(ground, label, use, before)
    title = ground.text("fact")
    await ground.row(
        "audit_entries",
        service="projects",
        position=ground.number,
        event_id=id,
        type="hechuan.projects.call.released.v1",
        kind="call",
        subject=of.id,
        title=title,
        label=label,
        owners=[ground.owner],
        data="{}",
        previous_hash="0" * 64,
        hash="0" * 64,
    )
    return Thing(id, frozenset({ground.owner}), label)


async def kind(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """A kind of thing that has a public page."""
    return Thing("call", label=label)


async def chain_thing(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    id = await ground.row(
        "chain_things",
        id=new_id(),
        kind="call",
        service="projects",
        state="released",
        known=True,
        label=label,
        owners=[ground.owner],
        version=1,
        fact="hechuan.projects.call.released.v1",
    )
    return Thing(id, frozenset({ground.owner}), label)


MAKERS: dict[str, Maker] = {
    "organisation_id": organisation,
    "account_id": account,
    "address_id": address,
    "grant_id": grant,
    "event_id": event,
    "kind": kind,
    "thing_id": chain_thing,
}
