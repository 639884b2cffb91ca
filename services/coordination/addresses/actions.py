"""Writes about e-mail addresses. Each says the whole book anew, under the platform's key."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.coordination.access.model import Account
from services.coordination.addresses import queries, rules
from services.coordination.addresses.model import Address, AddressBook
from services.coordination.addresses.rules import Source
from services.coordination.addresses.schemas import AddressCreate
from shared.db.work import Work
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_


async def add_address(work: Work, account_id: UUID, fields: AddressCreate, key: str) -> Address:
    """Note an address of a person; it is not verified, for the platform sends no mail.

    Raises NotFound, Forbidden, KnownAlready, TooMany, Unavailable.
    """
    secret = rules.require_key(key)
    account = await queries.account(work, account_id)
    book = await _book(work, account_id, account["subject"])
    there = await _listed(work, book)
    if any(one.address == fields.address for one in there):
        raise rules.KnownAlready(N_("Nothing was changed."))
    if len(there) >= rules.MOST:
        raise rules.TooMany(N_("Remove one before you add another."))
    own = work.actor.subject == account["subject"]
    made = Address(
        book_id=book.id,
        address=fields.address,
        source=(Source.PERSON if own else Source.ORGANISATION).value,
        added_by=work.actor.subject,
        added_at=work.now,
    )
    work.add(made)
    work.emit(book.changed([*there, made], account["name"], secret))
    return made


async def remove_address(work: Work, address_id: UUID, key: str) -> UUID:
    """Take an address off; the account's id. Raises NotFound, Forbidden, FromProvider, Unavailable."""
    found = await work.row(
        "SELECT b.account_id FROM addresses d JOIN address_books b ON b.id = d.book_id WHERE d.id = %(id)s",
        {"id": address_id},
    )
    if found is None:
        raise NotFound(N_("There is no such address here that you may see."))
    account = await queries.account(work, found["account_id"])
    book = await _book(work, account["id"], account["subject"])
    there = await _listed(work, book)
    gone = next((one for one in there if one.id == address_id), None)
    if gone is not None:
        rules.require_removable(gone.source)
        gone.removed_at, gone.removed_by = work.now, work.actor.subject
        left = [one for one in there if one.id != address_id]
        work.emit(book.changed(left, account["name"], rules.require_key(key)))
    return account["id"]  # type: ignore[no-any-return]


async def claimed(work: Work, account: Account, claim: str, verified: bool, key: str) -> None:
    """What the sign-in provider says of the person's address. A sign-in never fails over it: what is no address is
    passed over, and so is every one where no key is set. An address that was vouched for once stays so."""
    address = rules.normal(claim)
    if not address or not key:
        return
    secret = rules.require_key(key)
    book = await _book(work, account.id, account.subject)
    there = await _listed(work, book)
    known = next((one for one in there if one.address == address), None)
    if known is None:
        known = Address(
            book_id=book.id,
            address=address,
            source=Source.PROVIDER.value,
            added_by=account.subject,
            added_at=work.now,
        )
        work.add(known)
        there = [*there, known]
        told = True
    else:
        told = verified and not known.verified
    known.source, known.verified = Source.PROVIDER.value, known.verified or verified
    if told:
        work.emit(book.changed(there, account.name, secret))


async def _book(work: Work, account_id: UUID, subject: str) -> AddressBook:
    """The book of an account, locked; made when there is none."""
    fresh = AddressBook.model_validate(
        {"id": new_id(), "account_id": account_id, "subject": subject, "created_at": work.now}
    )
    await work.session.execute(
        insert(AddressBook).values(**fresh.model_dump()).on_conflict_do_nothing(index_elements=["account_id"])
    )
    found = await work.session.scalars(
        select(AddressBook)
        .where(AddressBook.account_id == account_id)  # type: ignore[arg-type]
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.one()


async def _listed(work: Work, book: AddressBook) -> Sequence[Address]:
    found = await work.session.scalars(
        select(Address)
        .where(Address.book_id == book.id, Address.removed_at.is_(None))  # type: ignore[arg-type, union-attr]
        .order_by(Address.address)
    )
    return found.all()
