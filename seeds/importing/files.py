"""Opening a file whatever its compression and encoding, without ever holding it whole."""

import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK = 1 << 20
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HIGH = re.compile(rb"[\x80-\xff]+")
_UNDEFINED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SAMPLE = 500
BREAKS = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""What a damaged or vanished file raises while it is read."""


class FileUnreadable(Exception):
    """The file as a whole cannot be read (further); the message says why and where."""


@dataclass
class Opened:
    """A text stream with the file under it, so that progress can be told in bytes of the file."""

    text: IO[str]
    encoding: str
    size: int
    _file: IO[bytes]

    @property
    def position(self) -> int:
        return self.size if self._file.closed else self._file.tell()


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """The file as text. Bytes that do not fit its encoding come as lone surrogates: one bad row stays one bad row.

    Raises FileUnreadable when it is empty or damaged.
    """
    try:
        with path.open("rb") as file, plain_bytes(file) as plain:
            encoding = encoding_of(plain)
        with path.open("rb") as file, plain_bytes(file) as plain:
            text = io.TextIOWrapper(plain, encoding=encoding, errors="surrogateescape", newline="")
            yield Opened(text, encoding, path.stat().st_size, file)
    except BREAKS as damage:
        raise FileUnreadable(f"{path.name} cannot be read: {damage or type(damage).__name__}") from None


def plain_bytes(file: io.BufferedReader) -> gzip.GzipFile | lzma.LZMAFile | io.BufferedReader:
    """What the file holds, unpacked while it is read. Raises FileUnreadable when it is empty or a ZIP."""
    start = file.read(6)
    file.seek(0)
    if not start:
        raise FileUnreadable("The file is empty.")
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start == b"\xfd7zXZ\x00":
        return lzma.LZMAFile(file)
    if start.startswith(b"PK\x03\x04"):
        raise FileUnreadable("This is a ZIP archive or a spreadsheet. Unpack it, or save it as CSV.")
    return file


def encoding_of(stream: gzip.GzipFile | lzma.LZMAFile | io.BufferedReader) -> str:
    """The file's encoding, from all of it: the first foreign letter may stand in its last line.

    UTF-8 when at least nine of ten lines with foreign letters are; their broken neighbours are refused one by one.
    Otherwise Chinese (GB 18030) when the high bytes come in its pairs, and Western European when they stand alone.
    """
    good, bad = 0, 0
    strange: list[bytes] = []
    rest = b""
    first = True
    while chunk := stream.read(CHUNK):
        if first:
            for mark, name in _BYTE_ORDER_MARKS:
                if chunk.startswith(mark):
                    return name
            first = False
        if rest.isascii() and chunk.isascii():
            rest = b""
            continue
        body, _, rest = (rest + chunk).rpartition(b"\n")
        for line in body.split(b"\n"):
            good, bad = _weigh(line, good, bad, strange)
    good, bad = _weigh(rest, good, bad, strange)
    if bad * 10 <= good + bad:
        return "utf-8"
    return _legacy(b"\n".join(strange))


def _weigh(line: bytes, good: int, bad: int, strange: list[bytes]) -> tuple[int, int]:
    if line.isascii():
        return good, bad
    try:
        line.decode()
    except UnicodeDecodeError:
        if len(strange) < _SAMPLE:
            strange.append(line)
        return good, bad + 1
    return good + 1, bad


def _legacy(sample: bytes) -> str:
    runs = _HIGH.findall(sample)
    paired = sum(len(run) for run in runs if len(run) % 2 == 0 and all(0xA1 <= lead <= 0xD7 for lead in run[::2]))
    # Leads of the common characters only: the rare ones begin with the letters of German and French.
    if paired >= 0.6 * sum(map(len, runs)):
        return "gb18030"
    return "latin-1" if _UNDEFINED_IN_1252.search(sample) else "cp1252"
