"""The address book of one account, and the addresses in it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.coordination.tables import Aggregate, Base
from shared.contracts.coordination import AddressMark, PersonAddressesChanged, address_mark
from shared.db.rows import UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel


class AddressBook(Aggregate, table=True):
    """Apart from the account, whose versions say who may do what."""

    __tablename__ = "address_books"

    account_id: UUID = Field(foreign_key="accounts.id", unique=True)
    subject: str

    def changed(self, addresses: Iterable["Address"], name: str, key: bytes) -> PersonAddressesChanged:
        """The whole book, under the key: no address leaves this service in clear."""
        marks = {address_mark(key, one.address): one.verified for one in addresses}
        return PersonAddressesChanged(
            id=self.id,
            version=self.touch(),
            title=name,
            label=SecurityLabel.INTERNAL,
            subject=self.subject,
            addresses=tuple(AddressMark(mark=mark, verified=verified) for mark, verified in sorted(marks.items())),
        )


class Address(Base, table=True):
    """What was removed stays as a record of who said what."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint("source IN ('provider', 'person', 'organisation')", name="addresses_source"),
        CheckConstraint("NOT verified OR source = 'provider'", name="addresses_verified"),
        Index("addresses_one_each", "book_id", "address", unique=True, postgresql_where="removed_at IS NULL"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    book_id: UUID = Field(foreign_key="address_books.id")
    address: str
    source: str
    verified: bool = False
    added_by: str
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_by: str = ""
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
