"""The life of a document, from the first byte to the sweep, on a real store and database."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from shared.blobs.documents import Documents, object_key
from shared.blobs.refusals import (
    DocumentNotClean,
    DocumentTaken,
    FileEmpty,
    FileInfected,
    FileTooLarge,
    NoSuchDocument,
    ScannerUnavailable,
    UploadExpired,
)
from shared.blobs.rows import Document, attach, delete, documents_of, find_document
from shared.blobs.scans import EICAR
from shared.blobs.store import PART_BYTES
from shared.blobs.upkeep import fixity, sweep
from shared.db.engine import Database
from shared.kernel.errors import Invalid, Problem
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import SecurityLabel
from tests.shared.blobs import hostile
from tests.shared.blobs.conftest import LIMIT, SERVICE, person
from tests.shared.blobs.test_store_conformance import everything, pieces

LONG_AGO = timedelta(seconds=-60)
"""Older than this means everything, also what was made just now."""


async def upload(documents: Documents, body: bytes, name: str = "plan.pdf", actor: object = None) -> Document:
    return await documents.upload(actor or person(), pieces(body), filename=name)  # type: ignore[arg-type]


async def row(database: Database, document_id: UUID) -> Document:
    async with database.read(person()) as read:
        found = await find_document(read, document_id)
    assert found
    return found


async def traces(documents: Documents, document_id: UUID) -> list[str]:
    """Every object or open upload that the store keeps of a document."""
    store, key = documents.store, object_key(SERVICE, document_id)
    found = []
    for bucket in (store.clean, store.quarantine):
        found += [blob.key for blob in await store.listing(bucket, key)]
        found += [upload.key for upload in await store.unfinished(bucket, f"{SERVICE}/") if upload.key == key]
    return found


@pytest.mark.parametrize(
    ("name", "body"),
    [("plan.pdf", hostile.pdf(os.urandom(2 * PART_BYTES))), ("all.zip", hostile.zipped({"a.csv": b"a,b\n" * 9}))],
)
async def test_a_good_file_becomes_a_clean_document(documents: Documents, name: str, body: bytes) -> None:
    document = await upload(documents, body, name)
    assert (document.state, document.size, document.filename) == ("clean", len(body), name)
    reader = await documents.open(document)
    try:
        assert b"".join([chunk async for chunk in reader]) == body
    finally:
        await reader.close()
    assert await traces(documents, document.id) == [object_key(SERVICE, document.id)], "nothing stays in quarantine"


@pytest.mark.parametrize(
    ("name", "body", "refusal"),
    [
        ("a.pdf", hostile.pdf(os.urandom(PART_BYTES) + EICAR), FileInfected),
        ("a.zip", hostile.infected_member(), FileInfected),
        ("a.txt", b"", FileEmpty),
        ("a.zip", b"", FileEmpty),
        ("big.pdf", b"%PDF-" + bytes(LIMIT), FileTooLarge),
        ("big.zip", b"PK\x03\x04" + bytes(LIMIT), FileTooLarge),
    ],
)
async def test_a_refused_file_leaves_its_reason_and_nothing_else(
    documents: Documents, database: Database, name: str, body: bytes, refusal: type[Problem]
) -> None:
    with pytest.raises(refusal) as told:
        await upload(documents, body, name)
    document = await row(database, told.value.extra["document_id"])
    assert document.state == "refused"
    assert told.value.detail in document.reason
    assert await traces(documents, document.id) == []
    with pytest.raises(NoSuchDocument):
        await documents.open(document)


async def test_equal_content_is_stored_once_and_stays_while_somebody_needs_it(
    documents: Documents, database: Database
) -> None:
    body = hostile.pdf(os.urandom(1000))
    one, two = person(), person()
    first, second = await upload(documents, body, actor=one), await upload(documents, body, actor=two)
    assert first.id != second.id
    assert second.object_key == first.object_key
    assert await traces(documents, second.id) == []

    async with database.work(one) as work:
        await delete(work, first.id)
    await sweep(documents, LONG_AGO)
    assert await everything(documents.store, documents.store.clean, str(second.object_key)) == body

    async with database.work(two) as work:
        await delete(work, second.id)
    report = await sweep(documents, LONG_AGO)
    assert first.object_key in report.unused
    assert await traces(documents, first.id) == []


async def test_only_a_clean_document_of_ones_own_is_attached_and_only_once(
    documents: Documents, database: Database
) -> None:
    actor = person()
    document = await upload(documents, hostile.pdf(), actor=actor)
    thing, other = new_id(), new_id()
    async with database.work(person()) as work:
        with pytest.raises(NoSuchDocument):
            await attach(work, document.id, "application", thing)
    async with database.work(actor) as work:
        await attach(work, document.id, "application", thing)
        await attach(work, document.id, "application", thing)
        with pytest.raises(DocumentTaken):
            await attach(work, document.id, "application", other)
        assert [found.id for found in await documents_of(work, "application", thing)] == [document.id]
    with pytest.raises(FileInfected) as told:
        await upload(documents, EICAR, "a.txt", actor)
    async with database.work(actor) as work:
        with pytest.raises(DocumentNotClean, match="virus"):
            await attach(work, told.value.extra["document_id"], "application", thing)


async def test_a_label_above_ones_clearance_or_a_foreign_organisation_is_refused(documents: Documents) -> None:
    actor = person(clearance=SecurityLabel.INTERNAL)
    for change in ({"label": SecurityLabel.CONFIDENTIAL}, {"organisation_id": new_id()}):
        with pytest.raises(Invalid):
            await documents.upload(actor, pieces(b"text"), filename="a.txt", **change)


async def test_a_sender_who_goes_away_leaves_a_pending_row_that_the_sweep_ends(
    documents: Documents, database: Database
) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield hostile.pdf(os.urandom(PART_BYTES))
        raise ConnectionResetError("gone")

    actor = person()
    with pytest.raises(ConnectionResetError):
        await documents.upload(actor, breaking(), filename="a.pdf")
    async with database.work(actor) as work:
        found = await work.row("SELECT id FROM documents WHERE uploaded_by = %(by)s", {"by": actor.subject})
    assert found
    assert (await row(database, found["id"])).state == "pending"
    assert found["id"] not in (await sweep(documents)).stale, "it may still be running"
    assert found["id"] in (await sweep(documents, LONG_AGO)).stale
    assert (await row(database, found["id"])).state == "refused"


async def test_an_upload_that_the_sweep_gave_up_does_not_come_back(documents: Documents) -> None:
    actor = person()
    owner = documents.owner_for(actor, None, SecurityLabel.INTERNAL)
    checked = await documents.receive(
        actor, pieces(hostile.pdf()), filename="a.pdf", declared="", organisation_id=owner
    )
    await documents.refuse(actor, checked.id, "given up")
    with pytest.raises(UploadExpired):
        await documents.accept(actor, checked, organisation_id=owner, label=SecurityLabel.INTERNAL)
    await sweep(documents, LONG_AGO)
    assert await traces(documents, checked.id) == []


async def test_the_sweep_finds_orphans_both_ways(documents: Documents, database: Database) -> None:
    store = documents.store
    lost = await upload(documents, hostile.pdf(os.urandom(99)))
    await store.delete(store.clean, str(lost.object_key))
    stray = object_key(SERVICE, new_id())
    for bucket in (store.clean, store.quarantine):
        await store.put(bucket, stray, pieces(b"belongs to nobody"))
    look = await sweep(documents, repair=False)
    assert lost.id in look.missing
    assert stray in look.unused
    assert stray in look.quarantined
    assert await store.stat(store.clean, stray), "only looked"
    await sweep(documents)
    assert await store.stat(store.clean, stray) is None
    assert await store.stat(store.quarantine, stray) is None
    async with database.work(person(lost.organisation_id)) as work:
        await delete(work, lost.id)
    assert (await sweep(documents, repair=False)).orphans == 0


async def test_fixity_tells_changed_and_missing_bytes(documents: Documents) -> None:
    good, changed, missing = [await upload(documents, hostile.pdf(os.urandom(500))) for _ in range(3)]
    store = documents.store
    await store.put(store.clean, str(changed.object_key), pieces(b"somebody else's bytes"))
    await store.delete(store.clean, str(missing.object_key))
    report = await fixity(documents, 10_000)
    assert changed.id in report.changed
    assert missing.id in report.missing
    assert good.id not in {*report.changed, *report.missing}
    for document in (good, changed, missing):
        async with documents.database.work(person(document.organisation_id)) as work:
            await delete(work, document.id)


async def test_a_scanner_that_is_named_but_silent_stops_the_upload(
    documents: Documents, database: Database, settings: Settings
) -> None:
    deaf = Documents(SERVICE, documents.store, database, settings.model_copy(update={"clamav_address": "127.0.0.1:9"}))
    with pytest.raises(ScannerUnavailable):
        await upload(deaf, hostile.pdf())


CRASHING = """
import asyncio, sys
from tests.shared.blobs.test_life import crash
asyncio.run(crash(sys.stdin.read()))
"""


async def crash(given: str) -> None:
    """In a process of its own: an upload that `HECHUAN_FAULT` cuts short."""
    from shared.blobs.store import BlobStore

    settings = Settings.model_validate_json(given)
    database = Database(SERVICE, settings.database_url(SERVICE), pool_size=1)
    await database.open()
    documents = Documents(SERVICE, BlobStore(settings), database, settings)
    await upload(documents, hostile.pdf(os.urandom(2 * PART_BYTES)), actor=person(UUID(int=7)))


async def test_a_process_killed_in_mid_upload_leaves_nothing_after_the_sweep(
    documents: Documents, settings: Settings
) -> None:
    shown = settings.model_dump(mode="json") | {"s3_secret_key": settings.s3_secret_key.get_secret_value()}
    killed = subprocess.run(
        [sys.executable, "-c", CRASHING],
        input=json.dumps(shown),
        text=True,
        env={**os.environ, "HECHUAN_FAULT": "mid_upload:2"},
        check=False,
        capture_output=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    actor = person(UUID(int=7))
    async with documents.database.work(actor) as work:
        found = await work.row(
            "SELECT id FROM documents WHERE uploaded_by = %(by)s AND state = 'pending'", {"by": actor.subject}
        )
    assert found, "the row was written before the first byte"
    assert await traces(documents, found["id"]), "its parts are there, unreachable"
    assert await documents.store.stat(documents.store.clean, object_key(SERVICE, found["id"])) is None
    report = await sweep(documents, LONG_AGO)
    assert found["id"] in report.stale
    assert await traces(documents, found["id"]) == []
