"""Keeping rows and objects in step, and making sure that stored bytes are still the bytes that were checked."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from shared.blobs.documents import Documents, lock_content, object_key
from shared.blobs.refusals import BlobMissing
from shared.kernel.actor import system_actor
from shared.kernel.marks import N_

STALE = timedelta(hours=6)


@dataclass(slots=True)
class SweepReport:
    """What was found out of step. All but `missing` is put right, unless it was only a look."""

    stale: list[UUID] = field(default_factory=list)
    """Uploads that never ended."""
    quarantined: list[str] = field(default_factory=list)
    """Quarantine objects without a pending row."""
    unused: list[str] = field(default_factory=list)
    """Clean objects to which no clean row refers."""
    unfinished: list[str] = field(default_factory=list)
    """Multipart uploads left open in the store."""
    missing: list[UUID] = field(default_factory=list)
    """Clean rows without an object, or with one of another size: lost, only a backup helps."""

    @property
    def orphans(self) -> int:
        return len(self.stale) + len(self.quarantined) + len(self.unused) + len(self.unfinished)


@dataclass(slots=True)
class FixityReport:
    read: int = 0
    changed: list[UUID] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)


async def sweep(documents: Documents, older_than: timedelta = STALE, *, repair: bool = True) -> SweepReport:
    """Orphans both ways. Uploads younger than `older_than` may still be running and are left alone."""
    report = SweepReport()
    store, prefix = documents.store, f"{documents.service}/"
    actor = system_actor(documents.service)
    # Objects are listed before rows are read: what is finished in between then has its row already.
    clean = {blob.key: blob for blob in await store.listing(store.clean, prefix)}
    quarantine = [blob.key for blob in await store.listing(store.quarantine, prefix)]
    buckets = (store.clean, store.quarantine)
    unfinished = [(bucket, upload) for bucket in buckets for upload in await store.unfinished(bucket, prefix)]
    async with documents.database.work(actor) as work:
        cutoff = work.now - older_than
        pending = await work.rows("SELECT id, created_at FROM documents WHERE state = 'pending'")
        known = await work.rows("SELECT id, object_key, size FROM documents WHERE state = 'clean'")

    report.stale = [row["id"] for row in pending if row["created_at"] <= cutoff]
    running = {object_key(documents.service, row["id"]) for row in pending if row["created_at"] > cutoff}
    used = {row["object_key"] for row in known}
    abandoned = [(bucket, upload) for bucket, upload in unfinished if upload.key not in running]
    report.unfinished = [upload.key for _, upload in abandoned]
    report.quarantined = [key for key in quarantine if key not in running]
    report.unused = [key for key in clean if key not in used and key not in running]
    for row in known:
        found = clean.get(row["object_key"]) or await store.stat(store.clean, row["object_key"])
        if found is None or found.size != row["size"]:
            report.missing.append(row["id"])
    if repair:
        for document_id in report.stale:
            await documents.refuse(actor, document_id, N_("The upload was not finished. Upload the file again."))
        for bucket, upload in abandoned:
            await store.abort(bucket, upload)
        for key in report.quarantined:
            await store.delete(store.quarantine, key)
        for key in report.unused:
            await _remove_unused(documents, key)
    return report


async def _remove_unused(documents: Documents, key: str) -> None:
    async with documents.database.work(system_actor(documents.service)) as work:
        for row in await work.rows("SELECT DISTINCT sha256 FROM documents WHERE object_key = %(key)s", {"key": key}):
            await lock_content(work, documents.service, row["sha256"])
        if not await work.row(
            "SELECT id FROM documents WHERE object_key = %(key)s AND state = 'clean' LIMIT 1", {"key": key}
        ):
            await documents.store.delete(documents.store.clean, key)


async def fixity(documents: Documents, limit: int = 100) -> FixityReport:
    """Read the objects whose last reading is longest ago and compare their hashes with the rows."""
    report = FixityReport()
    actor = system_actor(documents.service)
    async with documents.database.work(actor) as work:
        due = await work.rows(
            """SELECT object_key, sha256, array_agg(id) AS ids FROM documents WHERE state = 'clean'
               GROUP BY object_key, sha256 ORDER BY min(verified_at) NULLS FIRST, object_key LIMIT %(limit)s""",
            {"limit": limit},
        )
    for row in due:
        found = hashlib.sha256()
        try:
            async for chunk in documents.store.read_all(documents.store.clean, row["object_key"]):
                await documents.store.run(found.update, chunk)
        except BlobMissing:
            report.missing.extend(row["ids"])
            continue
        report.read += 1
        if found.hexdigest() != row["sha256"]:
            report.changed.extend(row["ids"])
            continue
        async with documents.database.work(actor) as work:
            await work.execute(
                "UPDATE documents SET verified_at = %(now)s WHERE object_key = %(key)s AND state = 'clean'",
                {"now": work.now, "key": row["object_key"]},
            )
    return report
