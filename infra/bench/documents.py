"""A large document up and down through the service, against the S3 client straight to the same store."""

import contextlib
import hashlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import anyio
import psutil
import psycopg
from minio import Minio
from pydantic import SecretStr

from infra.bench.documents_service import SUBJECT
from infra.bench.result import Bar, Result, Say
from shared.blobs.store import PART_BYTES
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings

RATIO_BAR = 0.5
RATIO_REASON = "half the bare client's speed leaves room for one more hop and all checks"
MEMORY_BAR_MB = 64
MEMORY_REASON = "three parts, their pieces and the interpreter's slack; a file held whole would be 200"
SERVICE = "projects"
ROUNDS = 5
PIECE = 2**20


class Body:
    """A PDF of the wanted size, different each time, made as it is read so that no side pays for a disk."""

    _noise = os.urandom(PIECE)

    def __init__(self, size: int) -> None:
        self.size = size
        self._begin = f"%PDF-1.7\n% {new_id()}\n".encode()
        self._end = b"\n%%EOF\n"

    def pieces(self) -> Iterator[bytes]:
        yield self._begin
        left = self.size - len(self._begin) - len(self._end)
        while left:
            piece = self._noise[:left]
            yield piece
            left -= len(piece)
        yield self._end

    @property
    def sha256(self) -> str:
        found = hashlib.sha256()
        for piece in self.pieces():
            found.update(piece)
        return found.hexdigest()


class _Reading:
    """The body as the file the S3 client wants."""

    def __init__(self, body: Body) -> None:
        self._pieces = body.pieces()
        self._rest = b""

    def read(self, size: int) -> bytes:
        found = [self._rest]
        filled = len(self._rest)
        while filled < size and (piece := next(self._pieces, b"")):
            found.append(piece)
            filled += len(piece)
        whole = b"".join(found)
        self._rest = whole[size:]
        return whole[:size]


class _Watch:
    """The highest resident memory of a process while the block runs."""

    def __init__(self, pid: int) -> None:
        self._target = psutil.Process(pid)
        self.before = self.peak = self._target.memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._done.wait(0.01):
            self.peak = max(self.peak, self._target.memory_info().rss)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def growth_mb(self) -> float:
        return float(self.peak - self.before) / 2**20


class _Through:
    """One upload and download over HTTP."""

    def __init__(self, port: int) -> None:
        self._port = port

    def up(self, body: Body) -> str:
        boundary = "bench-boundary"
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="bench.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()

        def stream() -> Iterator[bytes]:
            yield head
            yield from body.pieces()
            yield tail

        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + body.size + len(tail)),
        }
        connection.request("POST", "/api/v1/documents", stream(), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 201:
            raise RuntimeError(f"the upload was answered {answer.status}: {text[:500]!r}")
        return str(json.loads(text)["id"])

    def down(self, document_id: str, look: Any = None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        connection.request("GET", f"/api/v1/documents/{document_id}/content")
        answer = connection.getresponse()
        size = 0
        while piece := answer.read(PIECE):
            size += len(piece)
            if look:
                look(piece)
        connection.close()
        return size


class _Straight:
    """The same with the S3 client alone."""

    def __init__(self, settings: Settings) -> None:
        address = urlsplit(settings.s3_url)
        self.client = Minio(
            address.netloc,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=address.scheme == "https",
            region=settings.s3_region,
        )
        self.bucket = f"{settings.s3_bucket_prefix}-clean"

    def up(self, body: Body) -> str:
        key = f"straight/{new_id()}"
        self.client.put_object(self.bucket, key, _Reading(body), body.size, part_size=PART_BYTES)  # type: ignore[arg-type]
        return key

    def down(self, key: str) -> int:
        answer = self.client.get_object(self.bucket, key)
        size = 0
        while piece := answer.read(PIECE):
            size += len(piece)
        answer.close()
        answer.release_conn()
        return size

    def remove_all(self, prefix: str) -> None:
        for bucket in (f"{prefix}-quarantine", f"{prefix}-clean"):
            if self.client.bucket_exists(bucket):
                for found in self.client.list_objects(bucket, recursive=True):
                    self.client.remove_object(bucket, str(found.object_name))
                self.client.remove_bucket(bucket)


@contextlib.contextmanager
def _service(settings: Settings, organisation_id: UUID) -> Iterator[tuple[int, int]]:
    """Process id and port of a fresh service."""
    shown = json.loads(settings.model_dump_json())
    for name in type(settings).model_fields:
        if isinstance(value := getattr(settings, name), SecretStr):
            shown[name] = value.get_secret_value()
    started = subprocess.Popen(
        [sys.executable, "-m", "infra.bench.documents_service"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    try:
        assert started.stdin
        assert started.stdout
        given = {"service": SERVICE, "settings": shown, "organisation_id": str(organisation_id)}
        started.stdin.write(json.dumps(given) + "\n")
        started.stdin.flush()
        port = started.stdout.readline().strip()
        if not port:
            raise RuntimeError("the documents service did not start; its words are above")
        yield started.pid, int(port)
    finally:
        started.terminate()
        started.wait(20)
        for pipe in (started.stdin, started.stdout):
            if pipe:
                pipe.close()


def _seconds(call: Any, *args: Any) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = call(*args)
    return time.perf_counter() - begun, result


def measure(settings: Settings, size: int, rounds: int) -> Result:
    """Alternating rounds, so that a busy minute of the machine falls on both sides."""
    settings = settings.model_copy(update={"s3_bucket_prefix": f"{settings.s3_bucket_prefix}-bench-{os.getpid()}"})
    straight = _Straight(settings)
    figures: dict[str, list[float]] = {"up": [], "down": [], "straight_up": [], "straight_down": []}
    try:
        with _service(settings, new_id()) as (pid, port):
            through = _Through(port)
            small = Body(2**16)
            through.down(through.up(small))  # what is loaded once is not growth
            straight.down(straight.up(small))
            with _Watch(pid) as memory:
                for _ in range(rounds):
                    ours, theirs = Body(size), Body(size)
                    taken, document_id = _seconds(through.up, ours)
                    figures["up"].append(taken)
                    taken, key = _seconds(straight.up, theirs)
                    figures["straight_up"].append(taken)
                    taken, read = _seconds(through.down, document_id)
                    figures["down"].append(taken)
                    taken, read_too = _seconds(straight.down, key)
                    figures["straight_down"].append(taken)
                    if (read, read_too) != (size, size):
                        raise RuntimeError(f"{read} and {read_too} bytes came back instead of {size}")
            found = hashlib.sha256()
            through.down(document_id, found.update)
            if found.hexdigest() != ours.sha256:
                raise RuntimeError("the document that came back is not the one that was sent")
    finally:
        straight.remove_all(settings.s3_bucket_prefix)
        with psycopg.connect(settings.database_url(SERVICE)) as connection:
            connection.execute("DELETE FROM documents WHERE uploaded_by = %s", [SUBJECT])
    return _report(size, figures, memory.growth_mb)


def _report(size: int, figures: dict[str, list[float]], growth: float) -> Result:
    median = {name: statistics.median(values) for name, values in figures.items()}
    speed = {f"{name}_mb_s": round(size / 2**20 / seconds, 1) for name, seconds in median.items()}
    up, down = median["straight_up"] / median["up"], median["straight_down"] / median["down"]
    ours = {name: value for name, value in speed.items() if not name.startswith("straight_")}
    return Result(
        figures={
            "size_mb": round(size / 2**20, 1),
            "rounds": len(figures["up"]),
            **ours,
            "memory_growth_mb": round(growth, 1),
        },
        baseline={name: value for name, value in speed.items() if name not in ours},
        ratio={"up": round(up, 3), "down": round(down, 3)},
        bars=[
            Bar("up", up, RATIO_BAR, RATIO_REASON),
            Bar("down", down, RATIO_BAR, RATIO_REASON),
            Bar("memory growth, MB", growth, MEMORY_BAR_MB, MEMORY_REASON, "at most"),
        ],
    )


async def run(settings: Settings, quick: bool, say: Say = print) -> Result:
    """Measure against the servers in the settings; `quick` uses a file so small that its ratios mean little."""
    size, rounds = (12 * 2**20, 2) if quick else (200 * 2**20, ROUNDS)
    return await anyio.to_thread.run_sync(measure, settings, size, rounds)
