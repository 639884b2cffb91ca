"""Facts said by project management about personal calendars. Nobody but auditors needs them."""

from typing import ClassVar

from shared.contracts.base import Event


class CalendarAddressMade(Event):
    """Somebody has a secret address under which a calendar program reads their deadlines."""

    type: ClassVar[str] = "hechuan.projects.calendar_address.made.v1"
    state: ClassVar[str] = "made"

    subject: str


class CalendarAddressRevoked(Event):
    """The address answers no more."""

    type: ClassVar[str] = "hechuan.projects.calendar_address.revoked.v1"
    state: ClassVar[str] = "revoked"

    subject: str
