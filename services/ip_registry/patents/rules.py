"""Patent records from public sources: who imports them, and how their texts are read."""

import re
from datetime import date

from shared.kernel.policy import roles, signed_in
from shared.kernel.types import Role

READ = signed_in("patents.read")
IMPORT = roles("patents.import", Role.IP_OFFICER)

_NUMBER = re.compile(r"(?=.*\d)\w[\w ./,:()*-]*")
_CLASS = re.compile(r"^[A-HY]\d{2}[A-Z](?:\s?\d{1,4}(?:/\d{2,6})?)?$")
EARLIEST = date(1790, 1, 1)


def ipc_symbol(text: str) -> str:
    """A symbol of the International Patent Classification without blanks, such as H01L21/02.

    Raises ValueError for what is none.
    """
    symbol = re.sub(r"\s+", "", text.upper())
    if not _CLASS.match(symbol):
        raise ValueError(f"{text[:40]!r} is no IPC symbol such as H01L 21/02")
    return symbol


def plausible(number: str) -> bool:
    """Whether a source can mean it as a number: it has a digit, and none of the signs that no office uses."""
    return _NUMBER.fullmatch(number) is not None


def date_order_fault(filed_on: date | None, published_on: date | None, granted_on: date | None) -> str:
    """What is impossible about the dates; empty when nothing is."""
    if filed_on and published_on and published_on < filed_on:
        return "it was published before it was filed"
    if filed_on and granted_on and granted_on < filed_on:
        return "it was granted before it was filed"
    return ""
