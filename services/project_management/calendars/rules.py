"""Calendars of deadlines: who reads which, and the secret address of a person's own."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from uuid import UUID

from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.policy import anyone, signed_in
from shared.kernel.types import SecurityLabel

CALLS = anyone("calendars.calls")
FEED = anyone("calendars.feed")
"""Whoever knows a secret address reads what its person may see; the address is the key."""
OWN = signed_in("calendars.own")
NAMED = frozenset({SecurityLabel.PUBLIC.value, SecurityLabel.INTERNAL.value})
"""Labels under which a deadline carries the title of its thing: calendars lie on other people's machines."""


class AddressUnknown(NotFound):
    title = N_("There is no calendar at this address")


def secret_of(key: str, address_id: UUID) -> str:
    """The secret of an address: made from the platform's key, so that the database does not hold it."""
    made = hmac.new(key.encode(), b"calendar address " + address_id.bytes, hashlib.sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def fingerprint(secret: str) -> str:
    """What the database holds of it."""
    return hashlib.sha256(secret.encode()).hexdigest()
