"""All checks of one upload: what is known before it starts, what streams past, what needs the whole file."""

import hashlib
from collections.abc import AsyncIterator

from shared.blobs.archives import check_archive
from shared.blobs.clamav import ClamScan
from shared.blobs.kinds import HEAD_BYTES, Shape, check_head, expected_kind
from shared.blobs.names import refuse_disguise, safe_name
from shared.blobs.refusals import FileEmpty, FileTooLarge
from shared.blobs.scans import Scan, scans_for
from shared.blobs.store import BlobStore
from shared.kernel.marks import N_


class Inspection:
    """The checks of one file.

    `begin` judges the name and declared type; `watch` passes the stream through and stops it at the limit; `look` sees
    every part before it is stored; `finish` ends the scans and opens archives. Each raises a refusal.
    """

    def __init__(self, filename: str, declared: str, *, limit: int, clamav_address: str = "") -> None:
        self.filename = safe_name(filename)
        self._declared = declared
        self._limit = limit
        self._clamav = ClamScan(clamav_address) if clamav_address else None
        self._hash = hashlib.sha256()
        self._scans: list[Scan] = []
        self.size = 0

    def begin(self) -> None:
        """Raises FileKindRefused, FileMismatch."""
        refuse_disguise(self.filename)
        self.kind = expected_kind(self.filename, self._declared)
        self._scans = scans_for(self.kind)

    @property
    def needs_whole(self) -> bool:
        """Archives keep their table of contents at the end; everything else is judged as it streams past."""
        return self.kind.shape in (Shape.ARCHIVE, Shape.OFFICE)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def watch(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Raises FileTooLarge, FileEmpty, FileInfected, ScannerUnavailable."""
        try:
            if self._clamav:
                await self._clamav.start()
            async for chunk in chunks:
                self.size += len(chunk)
                if self.size > self._limit:
                    raise FileTooLarge.over(self._limit)
                if self._clamav:
                    await self._clamav.feed(chunk)
                yield chunk
            if not self.size:
                raise FileEmpty(N_("The file has no content. Choose the right file and upload it again."))
            if self._clamav:
                await self._clamav.finish()
        finally:
            if self._clamav:
                await self._clamav.close()

    _head_seen = False

    def look(self, part: bytes) -> None:
        """In a worker thread; hashing a large part frees the interpreter for others."""
        if not self._head_seen:
            self._head_seen = True
            check_head(self.kind, part[:HEAD_BYTES])
        self._hash.update(part)
        for scan in self._scans:
            scan.feed(part)

    async def finish(self, store: BlobStore, bucket: str, key: str) -> None:
        """Only archives are read again, by ranges; a large PDF or table is never read twice."""
        for scan in self._scans:
            scan.finish()
        if self.needs_whole:
            await store.run(check_archive, self.kind, store.range_file(bucket, key, self.size), self.size)
