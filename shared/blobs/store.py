"""Objects in an S3 store, in and out as streams. Nothing here knows what a document is."""

import asyncio
import contextlib
import functools
import io
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import Part
from minio.error import MinioException, S3Error

from shared.blobs.ranges import RangeFile
from shared.blobs.refusals import BlobMissing, StoreUnavailable
from shared.kernel import faults
from shared.kernel.marks import N_, S_
from shared.kernel.settings import Settings

PART_BYTES = 8 * 2**20
PARTS_IN_FLIGHT = 2
READ_BYTES = 2**20
CONNECT_SECONDS = 3.0
READ_SECONDS = 30.0
THREADS = 12

P = ParamSpec("P")
T = TypeVar("T")
Look = Callable[[bytes], None]
"""Sees every byte of an upload in order, in a worker thread, before the byte is stored; raises to refuse."""


@dataclass(frozen=True, slots=True)
class Blob:
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A multipart upload that nobody completed or aborted."""

    key: str
    upload_id: str


class _PartClient(Minio):
    """The SDK's client with its part-wise upload opened up.

    Its public `put_object` pulls from a blocking stream, so each upload would hold a thread for as long as the sender
    likes. Here a thread is held only while one part moves.
    """

    def begin(self, bucket: str, key: str) -> str:
        return str(self._create_multipart_upload(bucket, key, {}))

    def send_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes) -> Part:
        return Part(number, self._upload_part(bucket, key, body, None, upload_id, number))

    def complete(self, bucket: str, key: str, upload_id: str, parts: list[Part]) -> None:
        self._complete_multipart_upload(bucket, key, upload_id, parts)

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        self._abort_multipart_upload(bucket, key, upload_id)

    def unfinished(self, bucket: str, prefix: str) -> Iterator[Unfinished]:
        key_marker: str | None = None
        id_marker: str | None = None
        while True:
            page = self._list_multipart_uploads(
                bucket, prefix=prefix, key_marker=key_marker, upload_id_marker=id_marker, encoding_type=""
            )
            for upload in page.uploads:
                yield Unfinished(str(upload.object_name), str(upload.upload_id))
            if not page.is_truncated:
                return
            key_marker, id_marker = page.next_key_marker, page.next_upload_id_marker


class BlobStore:
    """The platform's two buckets. One a process; the SDK is synchronous and runs in a bounded pool of threads.

    Every method raises StoreUnavailable when the store does not answer, BlobMissing when the object is not there.
    """

    def __init__(self, settings: Settings) -> None:
        address = urlsplit(settings.s3_url)
        self.quarantine = f"{settings.s3_bucket_prefix}-quarantine"
        self.clean = f"{settings.s3_bucket_prefix}-clean"
        self._region = settings.s3_region
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")
        retry = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(502, 503, 504))
        self._client = _PartClient(
            address.netloc,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=address.scheme == "https",
            region=settings.s3_region,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), maxsize=THREADS, retries=retry
            ),
        )

    async def close(self) -> None:
        """Give the threads back; what they are doing ends first, within the read timeout."""
        await asyncio.to_thread(self._pool.shutdown)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something blocking in the store's threads, with the store's failures translated."""
        work = functools.partial(_translated, call, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def open(self) -> None:
        """Make the two buckets where they are absent. Nothing else ever creates one."""
        for bucket in (self.quarantine, self.clean):
            await self.run(self._create_bucket, bucket)

    async def healthy(self) -> bool:
        """Whether the store answers and the clean bucket is there."""
        try:
            return await self.run(self._client.bucket_exists, self.clean)
        except StoreUnavailable:
            return False

    def _create_bucket(self, bucket: str) -> None:
        if self._client.bucket_exists(bucket):
            return
        try:
            self._client.make_bucket(bucket, location=self._region)
        except S3Error as refused:  # another process was first
            if refused.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise

    async def put(self, bucket: str, key: str, chunks: AsyncIterator[bytes], look: Look | None = None) -> int:
        """Store a stream of unknown length and return its size.

        At most two parts are on their way while a third is being received, whatever the size; a slow store slows the
        sender down. Whatever stops the stream, no object appears under the key.
        """
        held = await self.hold(bucket, key, chunks, look)
        await held.complete()
        return held.size

    async def hold(self, bucket: str, key: str, chunks: AsyncIterator[bytes], look: Look | None = None) -> "Held":
        """Store a stream without making it an object: it can be neither read nor listed until `complete`."""
        return await _Upload(self, self._client, bucket, key, look).receive(chunks)

    async def reader(self, bucket: str, key: str, *, offset: int = 0, length: int | None = None) -> "BlobReader":
        """Begin reading; the object is known to exist when this returns. Close the reader."""
        if length == 0:
            raise ValueError("an empty range has nothing to read")
        response = await self.run(self._client.get_object, bucket, key, offset=offset, length=length or 0)
        return BlobReader(self, response)

    async def read_all(self, bucket: str, key: str) -> AsyncIterator[bytes]:
        reader = await self.reader(bucket, key)
        try:
            async for chunk in reader:
                yield chunk
        finally:
            await reader.close()

    def range_file(self, bucket: str, key: str, size: int) -> io.BufferedReader:
        """A seekable file over the object, for blocking readers inside `run`."""

        def fetch(offset: int, length: int) -> bytes:
            response = self._client.get_object(bucket, key, offset=offset, length=length)
            try:
                return bytes(response.read())
            finally:
                response.close()
                response.release_conn()

        return io.BufferedReader(RangeFile(fetch, size), 2**16)

    async def stat(self, bucket: str, key: str) -> Blob | None:
        """The object's size and date, or None when there is none."""
        try:
            found = await self.run(self._client.stat_object, bucket, key)
        except BlobMissing:
            return None
        return Blob(key, int(found.size or 0))

    async def copy(self, source_bucket: str, source: str, bucket: str, key: str) -> None:
        """Copy inside the store, without the bytes passing through here."""
        await self.run(self._client.copy_object, bucket, key, CopySource(source_bucket, source))

    async def delete(self, bucket: str, key: str) -> None:
        """Remove the object; one that is not there is no error."""
        await self.run(self._client.remove_object, bucket, key)

    async def listing(self, bucket: str, prefix: str = "") -> list[Blob]:
        """All objects below the prefix, by key."""

        def collect() -> list[Blob]:
            found = self._client.list_objects(bucket, prefix=prefix, recursive=True)
            return [Blob(str(o.object_name), int(o.size or 0)) for o in found if not o.is_dir]

        return await self.run(collect)

    async def unfinished(self, bucket: str, prefix: str = "") -> list[Unfinished]:
        return await self.run(lambda: list(self._client.unfinished(bucket, prefix)))

    async def abort(self, bucket: str, upload: Unfinished) -> None:
        await self.run(self._client.abort, bucket, upload.key, upload.upload_id)


def _translated(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    try:
        return call(*args, **kwargs)
    except S3Error as refused:
        if refused.code in ("NoSuchKey", "NoSuchObject", "ResourceNotFound"):
            raise BlobMissing(N_("The file cannot be found in the store. Tell the platform's operator.")) from refused
        raise StoreUnavailable(
            S_("The document store refused (%(code)s). Try again in a minute.", code=refused.code)
        ) from refused
    except (urllib3.exceptions.HTTPError, MinioException, OSError) as failure:
        raise StoreUnavailable(N_("The document store does not answer. Try again in a minute.")) from failure


class _Upload:
    """One stream on its way into the store, part by part."""

    def __init__(self, store: BlobStore, client: _PartClient, bucket: str, key: str, look: Look | None) -> None:
        self._run, self._client = store.run, client
        self._target = (bucket, key)
        self._look = look
        self._turn = asyncio.Lock()
        self._upload_id = ""
        self._sending: deque[asyncio.Task[Part]] = deque()
        self._sent: list[Part] = []

    async def receive(self, chunks: AsyncIterator[bytes]) -> "Held":
        try:
            return await self._receive(chunks)
        except BaseException:
            await asyncio.shield(self._give_up())
            raise

    async def _receive(self, chunks: AsyncIterator[bytes]) -> "Held":
        pieces: list[memoryview] = []
        size = filled = number = 0
        async for chunk in chunks:
            rest = memoryview(chunk)
            size += len(rest)
            while rest:
                if filled == PART_BYTES:
                    number += 1
                    await self._send(number, pieces)
                    pieces, filled = [], 0
                pieces.append(rest[: PART_BYTES - filled])
                filled += len(pieces[-1])
                rest = rest[len(pieces[-1]) :]
        if pieces or not number:
            await self._send(number + 1, pieces)
        while self._sending:
            self._sent.append(await self._sending.popleft())
        return Held(self._run, self._client, self._target, self._upload_id, self._sent, size)

    async def _inspected(self, pieces: list[memoryview]) -> bytes:
        def join_and_look() -> bytes:
            body = b"".join(pieces)
            pieces.clear()
            if self._look:
                self._look(body)
            return body

        async with self._turn:  # first come, first served, so parts are seen in order
            return await self._run(join_and_look)

    async def _send(self, number: int, pieces: list[memoryview]) -> None:
        if len(self._sending) == PARTS_IN_FLIGHT:
            self._sent.append(await self._sending.popleft())
        self._sending.append(asyncio.create_task(self._send_part(number, pieces)))

    async def _send_part(self, number: int, pieces: list[memoryview]) -> Part:
        body = await self._inspected(pieces)
        async with self._turn:
            if not self._upload_id:
                self._upload_id = await self._run(self._client.begin, *self._target)
        part = await self._run(self._client.send_part, *self._target, self._upload_id, number, body)
        faults.point("mid_upload")
        return part

    async def _give_up(self) -> None:
        # A thread cannot be stopped: let the parts arrive, or the store would keep one that comes after the abort.
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._upload_id:
            with contextlib.suppress(StoreUnavailable, BlobMissing):  # the sweep aborts what stays
                await self._run(self._client.abort, *self._target, self._upload_id)


@dataclass(frozen=True, slots=True)
class Held:
    """All parts are in the store, and nobody can reach them: S3 makes no object of them before `complete`."""

    _run: Callable[..., Awaitable[Any]]
    _client: _PartClient
    _target: tuple[str, str]
    _upload_id: str
    _parts: list[Part]
    size: int

    async def complete(self) -> None:
        await self._run(self._client.complete, *self._target, self._upload_id, self._parts)

    async def abort(self) -> None:
        """Give the parts up; the sweep does it where this cannot."""
        with contextlib.suppress(StoreUnavailable, BlobMissing):
            await self._run(self._client.abort, *self._target, self._upload_id)


class BlobReader:
    """The bytes of an object, with the next chunk fetched while the present one is used."""

    def __init__(self, store: BlobStore, response: Any) -> None:
        self._store = store
        self._response = response
        self._next: Awaitable[bytes] | None = None

    def _fetch(self) -> Awaitable[bytes]:
        return asyncio.ensure_future(self._store.run(self._response.read, READ_BYTES, decode_content=False))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[bytes]:
        self._next = self._fetch()
        while chunk := await self._next:
            self._next = self._fetch()
            yield chunk
        self._next = None

    async def close(self) -> None:
        if self._next is not None:
            with contextlib.suppress(StoreUnavailable, BlobMissing):
                await asyncio.shield(self._next)
            self._next = None
        self._response.close()
        self._response.release_conn()
