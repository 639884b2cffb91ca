"""E-mail addresses by which a person is known. Only an address that the sign-in provider vouches for is verified."""

import re
import unicodedata
from enum import StrEnum

from shared.kernel.errors import Conflict, Unavailable
from shared.kernel.marks import N_
from shared.kernel.policy import Policy, Scope, signed_in
from shared.kernel.types import Role

OWN = signed_in("addresses.own")
KEEP = Policy("addresses.keep", roles=frozenset({Role.REPRESENTATIVE}), scope=Scope.OWN, person_too=True)
"""Everybody their own, and representatives those of people who hold a role for their organisation."""
MOST = 20
_ADDRESS = re.compile(r"[^\s@\"'<>(),;:\\]{1,64}@[^\s@.\"'<>(),;:\\]+(?:\.[^\s@.\"'<>(),;:\\]+)+")


class Source(StrEnum):
    PROVIDER = "provider"
    """What the sign-in provider says of the person at each sign-in."""
    PERSON = "person"
    ORGANISATION = "organisation"
    """Added by a representative."""


class TooMany(Conflict):
    title = N_("There are too many already")


class KnownAlready(Conflict):
    title = N_("The address is in the list already")


class FromProvider(Conflict):
    title = N_("The address comes from the sign-in provider")


def normal(address: str) -> str:
    """One spelling of it, letters small; a tag after “+” stays, for not every host reads it as one. Empty for what is
    no address."""
    found = unicodedata.normalize("NFKC", address).strip().lower()
    return found if len(found) <= 254 and _ADDRESS.fullmatch(found) else ""


def require_key(key: str) -> bytes:
    """The secret that addresses are told under. Raises Unavailable."""
    try:
        found = bytes.fromhex(key)
    except ValueError:
        found = b""
    if len(found) < 32:
        raise Unavailable(
            N_("No key for e-mail addresses is set: HECHUAN_ADDRESS_KEY takes at least 64 hexadecimal digits.")
        )
    return found


def require_removable(source: str) -> None:
    """Raises FromProvider: else whoever has two accounts would take the one sign of it away."""
    if source == Source.PROVIDER.value:
        raise FromProvider(N_("It stays, also when it changes there: it tells your accounts from other people's."))
