"""What any S3 store must do for documents. Point HECHUAN_S3_URL and its keys elsewhere to judge another store."""

import hashlib
import os
from collections.abc import AsyncIterator

import pytest

from shared.blobs.refusals import BlobMissing, StoreUnavailable
from shared.blobs.store import PART_BYTES, BlobStore
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings

SIZES = [1, 1000, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 3 * PART_BYTES + 12345]


async def pieces(body: bytes, size: int = 70_001) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]


async def everything(store: BlobStore, bucket: str, key: str) -> bytes:
    return b"".join([chunk async for chunk in store.read_all(bucket, key)])


def fresh_key() -> str:
    return f"conformance/{new_id()}"


@pytest.mark.parametrize("size", SIZES)
async def test_what_goes_in_as_a_stream_comes_out_unchanged(store: BlobStore, size: int) -> None:
    body, key = os.urandom(size), fresh_key()
    seen = hashlib.sha256()
    assert await store.put(store.quarantine, key, pieces(body), seen.update) == size
    assert seen.digest() == hashlib.sha256(body).digest(), "every byte is looked at once and in order"
    assert await everything(store, store.quarantine, key) == body
    found = await store.stat(store.quarantine, key)
    assert found is not None
    assert found.size == size


async def test_a_copy_inside_the_store_has_the_same_bytes(store: BlobStore) -> None:
    body, key, copied = os.urandom(PART_BYTES + 99), fresh_key(), fresh_key()
    await store.put(store.quarantine, key, pieces(body))
    await store.copy(store.quarantine, key, store.clean, copied)
    await store.delete(store.quarantine, key)
    assert await everything(store, store.clean, copied) == body


async def test_ranges_give_exactly_the_bytes_asked_for(store: BlobStore) -> None:
    body, key = os.urandom(3 * 2**20 + 17), fresh_key()
    await store.put(store.clean, key, pieces(body))
    for offset, length in [(0, 1), (0, 2**20), (2**20 - 3, 7), (len(body) - 1, 1), (5, len(body) - 5)]:
        reader = await store.reader(store.clean, key, offset=offset, length=length)
        try:
            assert b"".join([chunk async for chunk in reader]) == body[offset : offset + length]
        finally:
            await reader.close()


async def test_a_seekable_file_over_ranges_reads_like_a_local_one(store: BlobStore) -> None:
    body, key = os.urandom(2**21 + 1001), fresh_key()
    await store.put(store.clean, key, pieces(body))

    def read() -> None:
        file = store.range_file(store.clean, key, len(body))
        assert file.read(10) == body[:10]
        file.seek(-22, os.SEEK_END)
        assert file.read() == body[-22:]
        file.seek(2**20 - 5)
        assert file.read(10) == body[2**20 - 5 : 2**20 + 5]
        file.seek(0)
        assert file.read() == body

    await store.run(read)


async def test_nothing_appears_when_the_stream_breaks(store: BlobStore) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield os.urandom(PART_BYTES)
        raise ConnectionResetError("the sender went away")

    key = fresh_key()
    with pytest.raises(ConnectionResetError):
        await store.put(store.quarantine, key, breaking())
    assert await store.stat(store.quarantine, key) is None
    assert not await store.unfinished(store.quarantine, key), "the multipart upload was aborted"


async def test_a_refusal_while_streaming_stops_the_upload(store: BlobStore) -> None:
    read = 0

    async def long() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(40):
            read += 2**20
            yield os.urandom(2**20)

    def refuse(part: bytes) -> None:
        raise ValueError("not this one")

    key = fresh_key()
    with pytest.raises(ValueError, match="not this one"):
        await store.put(store.quarantine, key, long(), refuse)
    assert await store.stat(store.quarantine, key) is None
    assert read <= 4 * PART_BYTES, "it does not take in the rest first"


async def test_unfinished_uploads_can_be_found_and_aborted(store: BlobStore) -> None:
    key = fresh_key()
    await store.run(store._client.begin, store.quarantine, key)
    found = [upload for upload in await store.unfinished(store.quarantine, "conformance/") if upload.key == key]
    assert len(found) == 1
    await store.abort(store.quarantine, found[0])
    assert not [u for u in await store.unfinished(store.quarantine, "conformance/") if u.key == key]


async def test_listing_and_deleting(store: BlobStore) -> None:
    folder = f"listing/{new_id()}"
    keys = [f"{folder}/{n:02}/x" for n in range(12)]
    for key in keys:
        await store.put(store.clean, key, pieces(b"some bytes"))
    assert [blob.key for blob in await store.listing(store.clean, f"{folder}/")] == keys
    await store.delete(store.clean, keys[0])
    await store.delete(store.clean, keys[0])
    assert [blob.key for blob in await store.listing(store.clean, f"{folder}/")] == keys[1:]


async def test_what_is_not_there_is_missing(store: BlobStore) -> None:
    assert await store.stat(store.clean, fresh_key()) is None
    with pytest.raises(BlobMissing):
        await store.reader(store.clean, fresh_key())
    with pytest.raises(BlobMissing):
        await store.copy(store.quarantine, fresh_key(), store.clean, fresh_key())


async def test_opening_twice_keeps_what_is_there(store: BlobStore) -> None:
    key = fresh_key()
    await store.put(store.clean, key, pieces(b"kept"))
    await store.open()
    assert await everything(store, store.clean, key) == b"kept"
    assert await store.healthy()


async def test_wrong_keys_and_a_silent_store_are_said_to_be_unavailable(settings: Settings) -> None:
    for change in ({"s3_secret_key": "wrong-secret"}, {"s3_url": "http://127.0.0.1:9"}):
        other = BlobStore(Settings.model_validate({**settings.model_dump(), **change}))
        try:
            assert not await other.healthy()
            with pytest.raises(StoreUnavailable):
                await other.put(other.clean, fresh_key(), pieces(b"x"))
        finally:
            await other.close()
