"""The hash chain: each entry's hash covers its content and the hash before it, so a change breaks all that follows.

SHA-256 (FIPS 180-4) over canonical JSON: sorted keys, no blanks. One chain per saying service, in order of arrival.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.kernel.marks import N_
from shared.kernel.policy import roles
from shared.kernel.types import Role

READ = roles("audit.read", Role.AUDITOR, Role.ADMINISTRATOR, Role.COORDINATOR)
VERIFY = roles("audit.verify", Role.AUDITOR, Role.ADMINISTRATOR)
EXPORT = roles("audit.export", Role.AUDITOR)
FIRST_HASH = "0" * 64
"""What stands before the first entry."""
WITHHELD = {
    "open_call": N_("Not shown before the call closes"),
    "draft": N_("Not shown: a draft is known to its organisations alone"),
}
"""What stands in place of a title that the reader of the trail may not know. That something was done, when and by whom
is told all the same: the trail has no gaps."""
COVERED = (
    "service",
    "position",
    "event_id",
    "type",
    "kind",
    "subject",
    "version",
    "title",
    "actor",
    "time",
    "label",
    "owners",
    "correlation_id",
    "causation_id",
    "data",
)
"""The columns that a hash covers: all but the two hashes."""


def canonical(value: Any) -> str:
    """The one way in which a fact's content is written down."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def entry_hash(previous_hash: str, entry: Mapping[str, Any]) -> str:
    """The hash of an entry; `data` is its canonical text."""
    return hashlib.sha256(canonical([previous_hash, *(_text(entry[name]) for name in COVERED)]).encode()).hexdigest()


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list | tuple):
        return [str(part) for part in value]
    return value if value is None or isinstance(value, int) else str(value)
