"""What a file holds, by its first bytes: rows of text, or records of ORCID."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seeds.importing.files import BREAKS, FileUnreadable, opened, plain_bytes
from seeds.importing.orcid import holds_orcid, orcid_records
from seeds.importing.records import Broken, Record, records


@dataclass(frozen=True)
class Source:
    rows: Iterator[Record | Broken]
    encoding: str
    size: int
    position: Callable[[], int]
    """Bytes of the file read so far."""


@contextmanager
def source_of(path: Path) -> Iterator[Source]:
    """Raises FileUnreadable when the file is empty, damaged or of no kind known here."""
    try:
        with path.open("rb") as file, plain_bytes(file) as plain:
            orcid = holds_orcid(plain.read(512))
        if orcid:
            with path.open("rb") as file, plain_bytes(file) as plain:
                yield Source(orcid_records(plain), "utf-8", path.stat().st_size, file.tell)
            return
    except BREAKS as damage:
        raise FileUnreadable(f"{path.name} cannot be read: {damage or type(damage).__name__}") from None
    with opened(path) as text:
        yield Source(records(text.text), text.encoding, text.size, lambda: text.position)
