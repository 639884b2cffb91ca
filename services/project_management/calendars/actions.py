"""Writes about personal calendars: one address a person; a new one ends the one before."""

from services.project_management.calendars import rules
from services.project_management.calendars.model import CalendarAddress
from services.project_management.calendars.queries import current
from shared.db.work import Work
from shared.kernel.ids import new_id


async def make_address(work: Work, key: str, language: str) -> CalendarAddress:
    """`key` is the platform's."""
    rules.OWN.require(work.actor)
    await revoke_address(work)
    await work.flush()  # only one is current
    id = new_id()
    address = CalendarAddress(
        id=id,
        subject=work.actor.subject,
        language=language,
        sha256=rules.fingerprint(rules.secret_of(key, id)),
        created_at=work.now,
    )
    work.add(address)
    work.emit(address.made())
    return address


async def revoke_address(work: Work) -> None:
    """Whoever reads it finds nothing from now on. Nothing happens where there is none."""
    rules.OWN.require(work.actor)
    row = await current(work, work.actor.subject)
    if row is not None:
        address = await work.get(CalendarAddress, row["id"])
        work.emit(address.revoke(work.now))
