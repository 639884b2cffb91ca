"""Papers: their numbers, what one states, and what somebody may have pasted to have it checked. Pure."""

import re
from datetime import UTC, datetime

from shared.kernel.policy import anyone

READ = anyone("receipts.read")
CHECK = anyone("receipts.check")
MOST_BYTES = 4 * 1024 * 1024
"""A receipt has some forty kilobytes; a snapshot with the longest texts half a megabyte."""
_ADDRESS = re.compile(rb"/Subject \(\S*/receipts/(HC-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4})\)")
_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"HC-?([0-9A-F]{4})-?([0-9A-F]{4})-?([0-9A-F]{4})")


def number_of(random: bytes) -> str:
    """A receipt's number. Random, for numbers in a row would tell how many others have applied."""
    digits = random[:6].hex().upper()
    return f"HC-{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def meant(text: str) -> tuple[str, str]:
    """What was pasted: (number, ""), ("", hash), or twice nothing. Blanks, dashes and case do not matter."""
    plain = re.sub(r"\s", "", text)
    if hashed := _HASH.fullmatch(plain.lower()):
        return "", hashed.group()
    found = _NUMBER.fullmatch(plain.upper())
    return ("HC-" + "-".join(found.groups()), "") if found else ("", "")


def named_in(file: bytes) -> str:
    """The number in the address that a PDF of ours names as its subject; empty where it names none."""
    found = _ADDRESS.search(file)
    return found[1].decode() if found else ""


def statement(number: str, sha256: str, submitted_at: datetime) -> dict[str, str]:
    """What the service signs: that content with this hash was handed in or issued at this time."""
    return {"number": number, "sha256": sha256, "submitted_at": submitted_at.astimezone(UTC).isoformat()}
