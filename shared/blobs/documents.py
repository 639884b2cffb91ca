"""The life of a document: a pending row, quarantine, checks, the clean store, and only then something to attach."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from shared.blobs.checks import Inspection
from shared.blobs.names import safe_name
from shared.blobs.ports import Database, Work
from shared.blobs.refusals import (
    BlobMissing,
    NoSuchDocument,
    ScannerUnavailable,
    StoreUnavailable,
    UploadExpired,
)
from shared.blobs.rows import COLUMNS, Document
from shared.blobs.store import BlobReader, BlobStore, Held
from shared.kernel.actor import Actor
from shared.kernel.errors import Invalid, Problem, Unavailable
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.settings import Settings
from shared.kernel.types import SecurityLabel

GENERIC = "application/octet-stream"


def object_key(service: str, document_id: UUID) -> str:
    """In both buckets. Equal content is kept once, under the id of the document that brought it first: its hash is
    known only at the end, and S3 cannot rename without copying (which costs as much as the upload)."""
    return f"{service}/{document_id}"


async def lock_content(work: Work, service: str, sha256: str) -> None:
    """Between "an object has this content" and "a row says so" nobody may remove it, and the reverse."""
    await work.row("SELECT pg_advisory_xact_lock(hashtextextended(%(of)s, 0))", {"of": f"{service}/{sha256}"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that has passed every check and still cannot be reached."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    held: Held | None
    """None for an archive, which waits as an object in quarantine."""


class Documents:
    """One service's documents."""

    def __init__(self, service: str, store: BlobStore, database: Database, settings: Settings) -> None:
        self.service = service
        self.store = store
        self.database = database
        self.limit = settings.upload_limit_bytes
        self._clamav = settings.clamav_address

    async def upload(
        self,
        actor: Actor,
        chunks: AsyncIterator[bytes],
        *,
        filename: str,
        declared: str = "",
        organisation_id: UUID | None = None,
        label: SecurityLabel = SecurityLabel.INTERNAL,
    ) -> Document:
        """The whole way in. Raises what `receive` and `accept` raise."""
        organisation_id = self.owner_for(actor, organisation_id, label)
        checked = await self.receive(
            actor, chunks, filename=filename, declared=declared, organisation_id=organisation_id
        )
        return await self.accept(actor, checked, organisation_id=organisation_id, label=label)

    def owner_for(self, actor: Actor, organisation_id: UUID | None, label: SecurityLabel) -> UUID:
        """The organisation the document will belong to: the named one, or the one acted for.

        Raises Invalid for an organisation that is not the actor's, or a label above their clearance.
        """
        chosen = organisation_id or actor.organisation()
        if chosen is None or chosen not in actor.organisations():
            raise Invalid.field("/organisation_id", N_("Choose an organisation for which you hold a role."))
        if not label.readable_with(actor.clearance):
            raise Invalid.field("/label", N_("Choose a label that you may read yourself."))
        return chosen

    async def receive(
        self, actor: Actor, chunks: AsyncIterator[bytes], *, filename: str, declared: str, organisation_id: UUID
    ) -> Checked:
        """Stream into quarantine and check. When the stream breaks off, the pending row stays for the sweep.

        Raises a refusal (shared.blobs.refusals); the row then says `refused` and why, and the bytes are gone.
        """
        inspection = Inspection(filename, declared, limit=self.limit, clamav_address=self._clamav)
        document_id = new_id()
        key = object_key(self.service, document_id)
        async with self.database.work(actor) as work:
            await work.execute(
                """INSERT INTO documents
                       (id, organisation_id, filename, media_type, state, uploaded_by, label, created_at)
                   VALUES (%(id)s, %(organisation)s, %(filename)s, %(type)s,
                           'pending', %(by)s, %(label)s, %(now)s)""",
                {
                    "id": document_id,
                    "organisation": organisation_id,
                    "filename": safe_name(filename),
                    "type": GENERIC,
                    "by": actor.subject,
                    "label": actor.clearance.value,
                    "now": work.now,
                },
            )
        held: Held | None = None
        try:
            inspection.begin()
            stream = inspection.watch(chunks)
            if inspection.needs_whole:
                await self.store.put(self.store.quarantine, key, stream, inspection.look)
            else:
                held = await self.store.hold(self.store.clean, key, stream, inspection.look)
            await inspection.finish(self.store, self.store.quarantine, key)
        except Unavailable:
            raise  # nothing is known against the file; the sweep removes what is left
        except Problem as refusal:
            if held:
                await held.abort()
            await self.refuse(actor, document_id, f"{refusal.title}. {refusal.detail}")
            refusal.extra.setdefault("document_id", document_id)
            raise
        kind = inspection.kind
        return Checked(document_id, inspection.filename, kind.media_type, inspection.size, inspection.sha256, held)

    async def accept(self, actor: Actor, checked: Checked, *, organisation_id: UUID, label: SecurityLabel) -> Document:
        """Make a checked file a document; equal content is kept once.

        Raises UploadExpired when the sweep was first, StoreUnavailable.
        """
        key = object_key(self.service, checked.id)
        if checked.held:
            await checked.held.complete()
        else:
            await self.store.copy(self.store.quarantine, key, self.store.clean, key)
        async with self.database.work(actor) as work:
            await lock_content(work, self.service, checked.sha256)
            row = await work.row(
                f"""UPDATE documents SET state = 'clean', filename = %(filename)s, media_type = %(type)s,
                       size = %(size)s, sha256 = %(sha256)s, organisation_id = %(organisation)s, label = %(label)s,
                       checked_at = %(now)s, object_key = %(key)s
                   WHERE id = %(id)s AND state = 'pending' RETURNING {COLUMNS}""",  # noqa: S608 - our own column names
                {
                    "id": checked.id,
                    "filename": checked.filename,
                    "type": checked.media_type,
                    "size": checked.size,
                    "sha256": checked.sha256,
                    "organisation": organisation_id,
                    "label": label.value,
                    "now": work.now,
                    "key": await self._twin(work, checked) or key,
                },
            )
            if row is None:
                raise UploadExpired(N_("The upload took so long that it was given up. Upload the file again."))
        document = Document.of(row)
        if document.object_key != key:
            await self.store.delete(self.store.clean, key)
        if not checked.held:
            await self.store.delete(self.store.quarantine, key)
        return document

    async def _twin(self, work: Work, checked: Checked) -> str | None:
        """The key under which the same content is stored already."""
        row = await work.row(
            "SELECT object_key FROM documents WHERE sha256 = %(sha256)s AND state = 'clean' ORDER BY id LIMIT 1",
            {"sha256": checked.sha256},
        )
        stored = await self.store.stat(self.store.clean, row["object_key"]) if row else None
        return stored.key if stored and stored.size == checked.size else None

    async def give_up(self, actor: Actor, checked: Checked, reason: str) -> None:
        """Refuse a file that passed its checks, because the form it came with is wrong."""
        if checked.held:
            await checked.held.abort()
        await self.refuse(actor, checked.id, reason)

    async def refuse(self, actor: Actor, document_id: UUID, reason: str) -> None:
        """Remember why, and remove the bytes. Safe to repeat."""
        async with self.database.work(actor) as work:
            await work.execute(
                "UPDATE documents SET state = 'refused', reason = %(reason)s, checked_at = %(now)s"
                " WHERE id = %(id)s AND state = 'pending'",
                {"id": document_id, "reason": reason[:1000], "now": work.now},
            )
        try:
            await self.store.delete(self.store.quarantine, object_key(self.service, document_id))
        except (StoreUnavailable, ScannerUnavailable, BlobMissing):
            return  # no route reads quarantine, and the sweep removes objects whose row is not pending

    async def open(self, document: Document, *, offset: int = 0, length: int | None = None) -> BlobReader:
        """Begin to read a clean document's bytes. Whether the reader may is decided before.

        Raises NoSuchDocument when it is not clean, BlobMissing, StoreUnavailable.
        """
        if document.state != "clean" or document.object_key is None:
            raise NoSuchDocument.here()
        return await self.store.reader(self.store.clean, document.object_key, offset=offset, length=length)
