"""A virus scanner that speaks clamd's INSTREAM, fed with the same bytes that go to quarantine."""

import asyncio
import re
import struct

from shared.blobs.refusals import FileInfected, FileTooLarge, ScannerUnavailable
from shared.kernel.marks import N_, S_

TIMEOUT_SECONDS = 30.0


class ClamScan:
    """One stream through one connection. A scanner that is configured but silent stops the upload."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        try:
            async with asyncio.timeout(3):
                self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        except OSError as failure:  # includes TimeoutError
            raise _silent() from failure
        self._writer.write(b"zINSTREAM\0")

    async def feed(self, chunk: bytes) -> None:
        """Raises ScannerUnavailable, and FileTooLarge when the scanner has hung up over the size."""
        assert self._writer
        if not chunk:
            return
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                self._writer.write(struct.pack("!I", len(chunk)))
                self._writer.write(chunk)
                await self._writer.drain()
        except OSError as failure:
            await self._verdict(failure)

    async def finish(self) -> None:
        """Raises FileInfected, FileTooLarge, ScannerUnavailable."""
        assert self._writer
        try:
            self._writer.write(b"\0\0\0\0")
            await self._writer.drain()
        except OSError as failure:
            await self._verdict(failure)
            return
        await self._verdict(None)

    async def _verdict(self, failure: OSError | None) -> None:
        assert self._reader
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = (await self._reader.read(1000)).decode("ascii", "replace").rstrip("\0\n")
        except OSError as silent:
            raise _silent() from silent
        if found := re.fullmatch(r"stream: (.+) FOUND", answer):
            raise FileInfected(
                S_(
                    "A virus was found in the file (%(virus)s). Check your computer; do not send this file to anybody.",
                    virus=found.group(1),
                )
            ) from failure
        if "size limit exceeded" in answer:
            raise FileTooLarge(
                N_("The file is larger than the virus scanner can check. Split it and upload the parts.")
            ) from failure
        if answer != "stream: OK":
            raise _silent() from failure

    async def close(self) -> None:
        if self._writer:
            self._writer.close()


def _silent() -> ScannerUnavailable:
    return ScannerUnavailable(
        N_("The virus scanner does not answer, so no file can be accepted. Try again in a few minutes.")
    )
