"""The key that signs receipts (Ed25519, RFC 8032), and the seal at the end of a signed file.

The seal is one comment line after the file's own end, which readers of PDF pass over: the signature is over every byte
before it, so nothing that can be read in the file can be changed.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.kernel.errors import Unavailable
from shared.kernel.marks import N_

_SEAL = re.compile(rb"\n%HECHUAN-RECEIPT ([0-9a-f]{16}) ([A-Za-z0-9+/=]{88})\n\Z")
LONGEST_SEAL = 140


class SigningKey:
    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes_raw()
        self.public = base64.b64encode(public).decode()
        self.id = hashlib.sha256(public).hexdigest()[:16]

    def sign(self, content: bytes) -> str:
        return base64.b64encode(self._private.sign(content)).decode()

    def sealed(self, file: bytes) -> bytes:
        return file + f"\n%HECHUAN-RECEIPT {self.id} {self.sign(file)}\n".encode()


@lru_cache(maxsize=4)
def signing_key(seed: str) -> SigningKey:
    """The key made of 32 bytes in hexadecimal. Raises Unavailable."""
    try:
        return SigningKey(bytes.fromhex(seed))
    except ValueError:
        raise Unavailable(
            N_("No key to sign receipts is set: HECHUAN_RECEIPT_KEY takes 64 hexadecimal digits.")
        ) from None


def unsealed(file: bytes) -> tuple[bytes, str, str] | None:
    """(what was signed, key id, signature); None for a file without a seal."""
    found = _SEAL.search(file, max(len(file) - LONGEST_SEAL, 0))
    return (file[: found.start()], found[1].decode(), found[2].decode()) if found else None


def verified(content: bytes, signature: str, public_key: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def genuine(file: bytes, public_keys: Mapping[str, str]) -> bool:
    """Whether the file is sealed by one of the keys (id → public key) and was not changed since."""
    parts = unsealed(file)
    return parts is not None and parts[1] in public_keys and verified(parts[0], parts[2], public_keys[parts[1]])
