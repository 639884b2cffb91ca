"""Static files in memory: compressed once, kept by browsers for a year under an address that carries their hash."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.types import Receive, Scope, Send

from shared.web.i18n import ROOT

OWN = ROOT / "shared/web/static"
VENDOR = ROOT / "infra/web/static/vendor"
COMPRESSED = {".css", ".js", ".svg", ".json", ".txt", ".map", ".html"}
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    body: bytes
    compressed: bytes | None
    media_type: str
    digest: str


@lru_cache(maxsize=512)
def load(name: str) -> StaticFile | None:
    """The file `name` of the frame, or `vendor/…` of the assets fetched at set-up; None when there is none.

    Visitors choose the names, so the memory has a bound; there are far fewer files than that.
    """
    if name == "icons.svg":
        from shared.web.icons import sprite

        body = sprite()
    else:
        base, inner = (VENDOR, name.removeprefix("vendor/")) if name.startswith("vendor/") else (OWN, name)
        path = (base / inner).resolve()
        try:
            if not path.is_relative_to(base.resolve()) or not path.is_file():
                return None
        except OSError:  # a name longer than any file's
            return None
        body = path.read_bytes()
    suffix = Path(name).suffix
    media_type = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if suffix in COMPRESSED else None
    return StaticFile(body, packed, media_type, hashlib.sha256(body).hexdigest()[:12])


def static(name: str) -> str:
    """The address of a static file, with its hash. Raises FileNotFoundError when it is missing."""
    found = load(name)
    if found is None:
        raise FileNotFoundError(f"static file {name!r} is missing; `make setup` fetches the front-end assets")
    return f"/static/{name}?v={found.digest}"


class StaticFiles:
    """ASGI application to be mounted at `/static`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        name = path.removeprefix(scope.get("root_path", "")).lstrip("/")
        headers = dict(scope["headers"])
        found = load(name) if scope["method"] in ("GET", "HEAD") and "\x00" not in name else None
        if found is None:
            await _answer(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"No such file.", scope)
            return
        etag = f'"{found.digest}"'.encode()
        current = f"v={found.digest}".encode() == scope.get("query_string", b"")
        keep = b"public, max-age=31536000, immutable" if current else b"public, max-age=60, must-revalidate"
        fields = [(b"etag", etag), (b"cache-control", keep), (b"vary", b"Accept-Encoding")]
        if etag in headers.get(b"if-none-match", b""):
            await _answer(send, 304, fields, b"", scope)
            return
        body = found.body
        if found.compressed is not None and b"gzip" in headers.get(b"accept-encoding", b""):
            body = found.compressed
            fields.append((b"content-encoding", b"gzip"))
        fields.append((b"content-type", found.media_type.encode()))
        await _answer(send, 200, fields, body, scope)


async def _answer(send: Send, status: int, fields: list[tuple[bytes, bytes]], body: bytes, scope: Scope) -> None:
    sized = fields if status == 304 else [*fields, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
